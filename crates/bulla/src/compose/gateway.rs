//! `bulla gateway`: a gateway with the keys of any issuer.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, thread, time::Duration};

use anyhow::Context;
use bulla_core::ports::{Clock, Entropy};
use bulla_gateway::{
    AccessLog, Drained, Entrance, Gateway, GatewaySettings, Limits, Rules, Sampling, Timeouts,
    sighting::SightingSink, span::SpanSink,
};
use bulla_guard::{
    abuse::{AbuseLedger, Spared},
    client::Cidr,
    keys::{KeySet, remote::RemoteSettings},
    revocation::RevocationSet,
    verifier::Verifier,
};
use bulla_jose::{
    jwa::Algorithm,
    jwt::{Issuer, VerificationPolicy},
};
use bulla_server::{
    admin,
    config::values::HttpOrigin,
    issuer::{OperatingSystemEntropy, SystemClock},
};
use prometheus_client::registry::Registry;
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    admin_listener,
    clock::GatewayClock,
    keys::{self, IssuerKeys},
    listen, open_files, own_address, routes, sightings,
    stop::Stop,
};
use crate::{jwk_set_location::JwkSetLocation, output::Output};

/// What makes an exposed listener safe.
const TLS_IN_FRONT: &str = "put a proxy with TLS in front and name it with --trusted-proxy";

/// What a gateway without an issuer is told.
pub(crate) struct Settings {
    /// The claim `iss`.
    pub(crate) issuer: Issuer,
    /// What tokens must be.
    pub(crate) policy: VerificationPolicy,
    /// The algorithms among it.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whom they are signed by.
    pub(crate) keys: JwkSetLocation,
    /// Where keys may be fetched from besides public addresses over TLS, and the one that the URL itself names.
    pub(crate) keys_addresses: Vec<Cidr>,
    /// The API behind it.
    pub(crate) upstream: HttpOrigin,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where clients reach it; `None`: where it listens.
    pub(crate) public_url: Option<HttpOrigin>,
    /// Peers whose `X-Forwarded-*` headers are believed, and who may ask at `/forward-auth`.
    pub(crate) trusted_proxies: Vec<Cidr>,
    /// How much may come.
    pub(crate) limits: Limits,
    /// Bytes for verified tokens; `None`: each is verified anew.
    pub(crate) token_cache: Option<usize>,
    /// Where to answer an operator's monitoring, if anywhere.
    pub(crate) admin: Option<SocketAddr>,
    /// What is logged of requests.
    pub(crate) access_log: AccessLog,
}

impl Settings {
    fn open_keys(&self) -> anyhow::Result<Arc<[IssuerKeys]>> {
        let mut addresses = self.keys_addresses.clone();
        if let JwkSetLocation::Url(url) = &self.keys {
            addresses.extend(url.named_addresses());
            let checked = url.check(&addresses);
            checked.with_context(|| format!("{url}: list one with --jwks-address"))?;
        }
        let adjust = |usual| RemoteSettings { addresses, ..usual };
        let keys = IssuerKeys::open(&self.issuer, &self.keys, &self.algorithms, adjust)?;
        Ok([keys].into())
    }

    /// The rules of a gateway that listens at `bound`.
    fn rules(&self, keys: &Arc<KeySet>, bound: &str) -> anyhow::Result<Rules> {
        let own = match &self.public_url {
            Some(url) => url.clone(),
            None => bound.parse()?,
        };
        let revocations = Arc::new(RevocationSet::new());
        let verifier = Verifier::new(Arc::clone(keys), self.policy.clone(), revocations);
        let verifier = match self.token_cache {
            Some(bytes) => verifier.with_cache(bytes),
            None => verifier,
        };
        Ok(Rules {
            routes: routes::upstream_only(&self.upstream, &own)?,
            verifier: Arc::new(verifier),
            trusted_proxies: self.trusted_proxies.clone(),
            limits: self.limits.clone(),
        })
    }
}

/// Serves until a signal comes.
///
/// # Errors
/// It cannot start.
pub(crate) async fn serve(settings: Settings, output: Output) -> anyhow::Result<()> {
    let keys = settings.open_keys()?;
    let mut metrics = Registry::default();
    keys::register(&keys, &mut metrics);
    let key_set = keys[0].set();
    let listener = listen::bind(settings.listen, "--listen").await?;
    let monitoring = match settings.admin {
        Some(address) => Some(listen::bind(address, "--admin").await?),
        None => None,
    };
    let listeners = own_address::of(std::iter::once(&listener).chain(&monitoring))?;
    own_address::refuse([&settings.upstream], &listeners)?;
    let public = listen::url(&listener, false)?;
    let rules = settings.rules(&key_set, &public)?;
    let spared = Spared {
        proxies: settings.trusted_proxies.clone(),
        ..Spared::default()
    };
    let reports = Reports::to_nobody(settings.access_log, spared);
    let gateway = assemble(rules, reports, Arc::new(SystemClock), &mut metrics)?;
    warn(settings.listen, &settings.trusted_proxies);
    let stop = Stop::on_signal()?;
    let admin = monitoring
        .as_ref()
        .map(|listener| listen::url(listener, false))
        .transpose()?;
    let upstream = settings.upstream.as_str();
    tracing::info!(public, admin, upstream, "listening");
    output.print(
        &json!({ "public": public, "admin": admin, "upstream": upstream }),
        |_| format!("Bulla guards {upstream} at {public}: every path needs a token."),
    )?;
    let operations = monitoring.map(|listener| {
        let router = admin::operations_router(key_set, Arc::new(metrics));
        tokio::spawn(admin_listener::serve(
            listener,
            admin_listener::peer,
            router,
            stop.clone(),
        ))
    });
    let answered = answer(listener, Entrance::default(), gateway, stop).await;
    if let Some(operations) = operations {
        let _ = operations.await;
    }
    answered
}

/// Says what the settings leave open.
fn warn(address: SocketAddr, trusted_proxies: &[Cidr]) {
    if trusted_proxies.is_empty() {
        listen::warn_if_exposed("--listen", address, TLS_IN_FRONT);
    }
}

/// Answers until it is time to stop, and then until the last request has ended: with a thread for every core.
///
/// # Errors
/// The system has no threads left.
pub(super) async fn answer(
    listener: TcpListener,
    entrance: Entrance,
    gateway: Arc<Gateway>,
    stop: Stop,
) -> anyhow::Result<()> {
    open_files::take_all();
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let stop = stop.requested();
    let served = bulla_gateway::serve_on_threads(listener, entrance, gateway, threads, stop);
    match served
        .await
        .context("the system has no threads left to answer on")?
    {
        Drained::Completely => {}
        Drained::AtDeadline { cut_off } => {
            tracing::warn!(cut_off, "requests that did not end in time were cut off");
        }
    }
    Ok(())
}

/// Whom to tell of tokens in use and how often, and of offences, and what to tell of requests.
pub(super) struct Reports {
    pub(super) to: Arc<dyn SightingSink>,
    pub(super) abuse: Arc<AbuseLedger>,
    pub(super) interval: Duration,
    pub(super) access_log: AccessLog,
    pub(super) begin_traces: Option<Sampling>,
    pub(super) spans: Option<Arc<dyn SpanSink>>,
}

impl Reports {
    /// Where there is no issuer that wants to know.
    fn to_nobody(access_log: AccessLog, spared: Spared) -> Self {
        Self {
            to: Arc::new(sightings::ToNobody),
            abuse: Arc::new(AbuseLedger::new(spared)),
            interval: Duration::MAX,
            access_log,
            begin_traces: None,
            spans: None,
        }
    }
}

/// A gateway over these parts, with the limits that all gateways have.
///
/// # Errors
/// The system's root certificates cannot be read, and an upstream needs them.
pub(super) fn assemble(
    rules: Rules,
    reports: Reports,
    clock: Arc<dyn Clock>,
    metrics: &mut Registry,
) -> anyhow::Result<Arc<Gateway>> {
    let mut request_id_seed = [0; 8];
    OperatingSystemEntropy.fill(&mut request_id_seed);
    let settings = GatewaySettings {
        sightings: reports.to,
        sighting_interval: reports.interval,
        abuse: reports.abuse,
        clock: Arc::new(GatewayClock(clock)),
        timeouts: Timeouts::default(),
        request_id_seed,
        access_log: reports.access_log,
        begin_traces: reports.begin_traces,
        spans: reports.spans,
    };
    Ok(Arc::new(Gateway::new(settings, rules, metrics)?))
}
