//! A JWK set kept fresh from a URL (RFC 7517 section 5).
//!
//! Fetched at once, then again every few minutes, and out of turn when a token names a key that is
//! not in the set. There is one task and it fetches one thing at a time; requests only read what it
//! left behind. While the URL does not answer, or answers with a set of no usable key, the keys that
//! are there stay, for a while. Only addresses of the internet are asked, over TLS, and those that are listed.

mod fetch;
mod schedule;
mod target;
mod url;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SkippedKey},
};
use bytes::Bytes;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::sleep_until,
};

pub use self::{
    fetch::FetchError,
    target::AddressRefused,
    url::{InvalidJwkSetUrl, JwkSetUrl},
};
use self::{fetch::Fetcher, schedule::Schedule};
use super::{KeySet, KeySource};
use crate::client::Cidr;

/// What to fetch, when, and within which limits.
#[derive(Debug, Clone)]
pub struct RemoteSettings {
    /// Where the set is.
    pub url: JwkSetUrl,
    /// What the policy accepts: a key that states no `alg` is bound to the first of these that it can
    /// do.
    pub algorithms: Vec<Algorithm>,
    /// Where to fetch from besides public addresses over `https`: others, and any without TLS. None.
    pub addresses: Vec<Cidr>,
    /// How long after a fetch the next one begins, at most half of [`max_age`](Self::max_age). 5 min.
    pub refresh_every: Duration,
    /// A token with an unknown key causes no fetch sooner than this after the last one: however
    /// many random key IDs come, it is one fetch. 30 s.
    pub missed_key_cooldown: Duration,
    /// How long keys are kept that could not be fetched again, from the start of the last fetch that brought them; then
    /// there are none. 24 h.
    pub max_age: Duration,
    /// How long one fetch may take, from the connection to the last byte. 10 s.
    pub timeout: Duration,
    /// A larger answer is refused. 1 MiB.
    pub max_bytes: usize,
}

impl RemoteSettings {
    /// The usual times and limits for this URL and a policy with these algorithms.
    #[must_use]
    pub fn new(url: JwkSetUrl, algorithms: &[Algorithm]) -> Self {
        Self {
            url,
            algorithms: algorithms.to_vec(),
            addresses: Vec::new(),
            refresh_every: Duration::from_secs(5 * 60),
            max_age: Duration::from_secs(24 * 60 * 60),
            missed_key_cooldown: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            max_bytes: 1 << 20,
        }
    }
}

/// Fetches a JWK set once. Secret keys in it are skipped: what is on a URL is no secret.
///
/// # Errors
/// [`FetchError`] if there is no answer, or none that is a JWK set.
pub async fn fetch(settings: &RemoteSettings) -> Result<JwkSet, FetchError> {
    let body = Fetcher::new(settings)?.fetch().await?;
    Ok(JwkSet::parse(&body, &settings.algorithms)?)
}

/// A [`KeySet`] and the task that keeps it fresh, which ends when this is dropped. The keys stay.
#[derive(Debug)]
pub struct RemoteKeySet {
    keys: Arc<KeySet>,
    status: watch::Receiver<FetchStatus>,
    task: JoinHandle<()>,
}

/// How the fetching goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchStatus {
    /// How many fetches brought a key set.
    pub succeeded: u64,
    /// When the last of these began.
    pub succeeded_at: Option<Instant>,
    /// How many failed.
    pub failed: u64,
    /// Why the last one failed, if it did.
    pub error: Option<String>,
    /// Whether the keys grew too old and were dropped.
    pub outdated: bool,
}

impl RemoteKeySet {
    /// Begins to fetch, and returns an empty set that fills as soon as the first answer is there.
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`FetchError::NoRootCertificates`] for an `https` URL on a machine that trusts nobody.
    pub fn start(settings: &RemoteSettings) -> Result<Self, FetchError> {
        let fetcher = Fetcher::new(settings)?;
        let missed = Arc::new(MissedKeys::default());
        let keys = Arc::new(KeySet::from_source(missed.clone()));
        let (report, status) = watch::channel(FetchStatus::default());
        let refresher = Refresher {
            url: settings.url.clone(),
            algorithms: settings.algorithms.clone(),
            schedule: Schedule::new(settings),
            fetcher,
            missed,
            keys: keys.clone(),
            report,
            max_age: settings.max_age,
            outdated_at: None,
            last_body: None,
            skipped: Vec::new(),
        };
        let task = tokio::spawn(refresher.run());
        Ok(Self { keys, status, task })
    }

    /// The keys: for a [`Verifier`](crate::verifier::Verifier).
    #[must_use]
    pub const fn keys(&self) -> &Arc<KeySet> {
        &self.keys
    }

    /// How long ago the last fetch that succeeded began.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        let succeeded_at = self.status.borrow().succeeded_at;
        succeeded_at.map(|at| now().saturating_duration_since(at))
    }

    /// How the fetching goes, and a way to wait for the next change of it.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<FetchStatus> {
        self.status.clone()
    }
}

impl Drop for RemoteKeySet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where requests leave word that a key is missing.
#[derive(Debug, Default)]
struct MissedKeys(Notify);

impl KeySource for MissedKeys {
    fn key_missed(&self) {
        // However often it is called, one wake-up is remembered.
        self.0.notify_one();
    }
}

struct Refresher {
    url: JwkSetUrl,
    algorithms: Vec<Algorithm>,
    schedule: Schedule,
    fetcher: Fetcher,
    missed: Arc<MissedKeys>,
    keys: Arc<KeySet>,
    report: watch::Sender<FetchStatus>,
    max_age: Duration,
    /// When the keys that are there grow too old; `None`: there are none.
    outdated_at: Option<Instant>,
    last_body: Option<Bytes>,
    /// What was skipped of the last set: it has been logged.
    skipped: Vec<SkippedKey>,
}

impl Refresher {
    async fn run(mut self) {
        loop {
            let due = self.schedule.next_fetch(now());
            let outdated_at = self.outdated_at;
            let outdated = async {
                match outdated_at {
                    Some(at) => sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = outdated => self.drop_keys(),
                () = self.missed.0.notified() => self.schedule.key_missed(),
                () = sleep_until(due.into()) => self.refresh().await,
            }
        }
    }

    async fn refresh(&mut self) {
        let begun = now();
        self.schedule.fetch_begins(begun);
        let outcome = match self.fetcher.fetch().await {
            Ok(body) => self.accept(body),
            Err(error) => Err(error),
        };
        self.schedule.fetch_ended(outcome.is_ok());
        if outcome.is_ok() {
            self.outdated_at = Some(begun + self.max_age);
        }
        if let Err(error) = &outcome {
            let url = self.url.for_log();
            tracing::warn!(%url, %error, "the JWK set could not be fetched; the keys stay as they are");
        }
        self.report.send_modify(|status| match outcome {
            Ok(()) => {
                status.succeeded += 1;
                status.succeeded_at = Some(begun);
                status.error = None;
                status.outdated = false;
            }
            Err(error) => {
                status.failed += 1;
                status.error = Some(error.to_string());
            }
        });
    }

    /// Whoever went on with keys that nobody has confirmed for so long would never learn that one was revoked.
    fn drop_keys(&mut self) {
        let url = self.url.for_log();
        let seconds = self.max_age.as_secs();
        tracing::error!(%url, seconds, "the JWK set could not be fetched for so long that its keys no longer count");
        self.keys.replace(JwkSet::default());
        self.outdated_at = None;
        self.last_body = None;
        self.report.send_modify(|status| status.outdated = true);
    }

    /// Takes the set over, unless it is what we have already: what was verified stays verified.
    fn accept(&mut self, body: Bytes) -> Result<(), FetchError> {
        if self.last_body.as_ref() == Some(&body) {
            return Ok(());
        }
        let keys = JwkSet::parse(&body, &self.algorithms)?;
        let url = self.url.for_log();
        self.log_skipped(keys.skipped());
        if keys.keys().is_empty() {
            let skipped = keys.skipped().len();
            return Err(FetchError::NoUsableKey { skipped });
        }
        tracing::info!(%url, keys = keys.keys().len(), "the JWK set has changed");
        self.keys.replace(keys);
        self.last_body = Some(body);
        Ok(())
    }

    /// Says of each key once, and not again with every change of the set, that it is skipped.
    fn log_skipped(&mut self, skipped: &[SkippedKey]) {
        let url = self.url.for_log();
        let same = |one: &SkippedKey, other: &SkippedKey| {
            one.key_id == other.key_id && one.reason == other.reason
        };
        for key in skipped {
            if !self.skipped.iter().any(|logged| same(logged, key)) {
                let key_id = key.key_id.as_deref();
                tracing::warn!(%url, key_id, reason = %key.reason, "a key of the JWK set is skipped");
            }
        }
        self.skipped = skipped.to_vec();
    }
}

/// By the runtime's clock, which a test can stop.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
