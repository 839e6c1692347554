//! The issuer put together: services, keys, the verifier and the set of revoked tokens.

mod ambient;
mod assemble;
mod live_keys;
mod mail_desk;
mod revocations;
mod tidy;
mod wrong_passwords;

use std::{sync::Arc, time::Duration};

use bulla_core::{
    account::Account,
    administration::AdministrationService,
    anonymous::AnonymousService,
    audit::Origin,
    authentication::{AuthenticationService, AuthenticationSettings},
    client::ClientService,
    key::{life::KeySchedule, service::KeyService, wrap::MasterKey},
    ports::{Clock, Entropy, Mailer, PasswordHasher},
    store::{Store, StoreError},
    time::Timestamp,
};
use bulla_guard::{
    abuse::AbuseLedger,
    client::{CookieNames, RequestId},
    issuer::TrustedIssuer,
    limit::Moment,
    revocation::RevocationSet,
    verifier::Verifier,
};
use bulla_jose::{jwa::Algorithm, jwt::UnixTime};
use zeroize::Zeroizing;

pub use self::{
    ambient::{OperatingSystemEntropy, SystemClock, running_time},
    assemble::AssembleError,
    mail_desk::{MailDesk, MailDeskOverloaded},
    revocations::InProcess,
};
pub(crate) use self::{live_keys::BlockingKeyMaker, mail_desk::Asker};
use crate::{
    config::values::HttpOrigin,
    edge::cookies::fit_cookies,
    guessing::{self, Guessing},
};

/// One issuer: everything that routes need, in one process.
pub struct Issuer {
    authentication: AuthenticationService,
    clients: ClientService,
    administration: AdministrationService,
    mail_desk: Option<MailDesk>,
    anonymous: Option<AnonymousService>,
    keys: KeyService,
    verifier: Arc<Verifier>,
    revocations: InProcess,
    abuse: Arc<AbuseLedger>,
    guessing: Guessing,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: IssuerSettings,
}

/// What an issuer is made of.
pub struct IssuerParts {
    /// Accounts, sessions, keys and revocations. It publishes into `revocations`.
    pub store: Arc<dyn Store>,
    /// What the verifier heeds.
    pub revocations: InProcess,
    /// Whose tokens the verifier accepts besides. They speak for nobody's account here.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// Who is never held back by a limit on logins.
    pub abuse: Arc<AbuseLedger>,
    /// Hashes and verifies passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Sends letters; `None`: nothing is done by mail.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// The store's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for identifiers, nonces and keys.
    pub entropy: Arc<dyn Entropy>,
    /// Unwraps the signing keys; the keys for refresh tokens and for challenges are derived from it.
    pub master_key: MasterKey,
}

/// How an issuer is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuerSettings {
    /// Where clients reach it: the base of the URLs in its metadata.
    pub public_url: HttpOrigin,
    /// What its first signing keys are for.
    pub algorithm: Algorithm,
    /// When they take over from each other, to begin with.
    pub key_schedule: KeySchedule,
    /// Tokens, sessions, passwords.
    pub authentication: AuthenticationSettings,
    /// Whether visitors without an account are welcome.
    pub anonymous: bool,
    /// What the cookies are called in which tokens are handed out; `None`: they are not.
    pub cookies: Option<CookieNames>,
    /// How long audit events are kept; `None`: for ever.
    pub audit_retention: Option<Duration>,
    /// Bytes for verified tokens; `None`: every token is verified anew.
    pub verification_cache: Option<usize>,
}

/// The key that signs is for an algorithm whose tokens are too long for a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the active signing key is for {0}, whose tokens do not fit a cookie: set cookies.enabled = false until another key signs \
     (`bulla keys list` says when)"
)]
pub struct KeyFitsNoCookie(Algorithm);

impl Issuer {
    /// What users do.
    #[must_use]
    pub const fn authentication(&self) -> &AuthenticationService {
        &self.authentication
    }

    /// What clients do.
    #[must_use]
    pub const fn clients(&self) -> &ClientService {
        &self.clients
    }

    /// What administrators do.
    #[must_use]
    pub const fn administration(&self) -> &AdministrationService {
        &self.administration
    }

    /// What visitors without an account do; `None`: they are not welcome.
    #[must_use]
    pub const fn anonymous(&self) -> Option<&AnonymousService> {
        self.anonymous.as_ref()
    }

    /// Where letters are asked for; `None`: nothing is done by mail.
    #[must_use]
    pub const fn mail_desk(&self) -> Option<&MailDesk> {
        self.mail_desk.as_ref()
    }

    /// The keys that sign and verify.
    #[must_use]
    pub const fn keys(&self) -> &KeyService {
        &self.keys
    }

    /// Verifies this issuer's access tokens in memory, and those of the issuers that are trusted beside it: for the gateway
    /// in the same process.
    #[must_use]
    pub const fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// The revocations that the verifier heeds; whatever this issuer revokes is in it at once.
    #[must_use]
    pub fn revocations(&self) -> &Arc<RevocationSet> {
        self.revocations.set()
    }

    /// Waits until a signing key was revoked since the last time, here or at another issuer of the store.
    pub async fn key_revoked(&self) {
        self.revocations.key_revoked().await;
    }

    /// What addresses have come to.
    #[must_use]
    pub const fn abuse(&self) -> &Arc<AbuseLedger> {
        &self.abuse
    }

    /// How often passwords were guessed.
    pub(crate) const fn guessing(&self) -> &Guessing {
        &self.guessing
    }

    /// Whoever has proven there to own the account is no stranger there, by whichever name.
    pub(crate) fn welcome(&self, account: &Account, from: Origin) {
        let email = account.email.as_ref();
        let username = account.username.as_ref();
        let names = [
            email.map(|email| guessing::Account::Email(email.folded())),
            username.map(|username| guessing::Account::Username(username.folded())),
        ];
        for name in names.into_iter().flatten() {
            self.guessing.welcome(name, from, self.moment());
        }
    }

    /// Its settings.
    #[must_use]
    pub const fn settings(&self) -> &IssuerSettings {
        &self.settings
    }

    /// What the session's cookies are called, whether they are handed out or not.
    #[must_use]
    pub fn cookie_names(&self) -> CookieNames {
        self.settings.cookies.unwrap_or_default()
    }

    /// Whether it can do its work: the store answers, and there is a key to sign with.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check(&self) -> Result<bool, StoreError> {
        self.store.check().await?;
        Ok(self.keys.ring().can_sign())
    }

    /// Whether what is signed now can be handed out in cookies, if it is to be. A key may be for another algorithm than the
    /// configuration says.
    ///
    /// # Errors
    /// [`KeyFitsNoCookie`].
    pub fn check_cookies(&self) -> Result<(), KeyFitsNoCookie> {
        let view = self.keys.ring().view();
        let active = view.keys().active(self.now());
        match active.map(|key| key.algorithm) {
            Some(algorithm) if self.settings.cookies.is_some() && !fit_cookies(algorithm) => {
                Err(KeyFitsNoCookie(algorithm))
            }
            _ => Ok(()),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time now, as tokens count it.
    #[must_use]
    pub fn unix_time(&self) -> UnixTime {
        unix_time(self.now())
    }

    /// The time now, as limits count it.
    pub(crate) fn moment(&self) -> Moment {
        Moment::from_milliseconds(u64::try_from(self.now().as_millis()).unwrap_or(0))
    }

    /// 16 random bytes as base64url.
    pub(crate) fn random_id(&self) -> String {
        self.random::<16>()
    }

    /// 32 random bytes as base64url: nobody guesses them.
    pub(crate) fn random_secret(&self) -> String {
        self.random::<32>()
    }

    fn random<const N: usize>(&self) -> String {
        let mut bytes = Zeroizing::new([0; N]);
        self.entropy.fill(&mut bytes[..]);
        bulla_jose::base64url::encode(&bytes[..])
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// An identity for a request that no gateway has named: on the admin listener and its socket.
pub(crate) fn request_id() -> RequestId {
    let mut bytes = [0; 16];
    OperatingSystemEntropy.fill(&mut bytes);
    RequestId::from_random(bytes)
}

/// Whole seconds; what lies before 1970 is its first second.
fn unix_time(time: Timestamp) -> UnixTime {
    UnixTime::from_seconds(u64::try_from(time.as_seconds()).unwrap_or(0))
}
