//! `bulla gateway`: a gateway with the keys of any issuer.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use bulla_core::ports::Entropy as _;
use bulla_gateway::{
    Drained, Gateway, GatewaySettings, Timeouts, cidr::Cidr, route::RouteTable,
    sighting::SightingSink,
};
use bulla_guard::{
    keys::{KeySet, remote::RemoteKeySet},
    revocation::RevocationSet,
    verifier::Verifier,
};
use bulla_jose::{jwa::Algorithm, jwt::VerificationPolicy};
use bulla_server::{config::values::HttpOrigin, issuer::OperatingSystemEntropy};
use prometheus_client::registry::Registry;
use serde_json::json;
use tokio::net::TcpListener;

use super::{clock::GatewayClock, listen, routes, sightings, stop::Stop};
use crate::{
    key_source::{self, KeySource},
    output::Output,
};

/// What a gateway without an issuer is told.
pub(crate) struct Settings {
    /// What tokens must be.
    pub(crate) policy: VerificationPolicy,
    /// The algorithms among it.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whom they are signed by.
    pub(crate) keys: KeySource,
    /// The API behind it.
    pub(crate) upstream: HttpOrigin,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
}

/// Serves until a signal comes.
///
/// # Errors
/// It cannot start.
pub(crate) async fn serve(settings: Settings, output: Output) -> anyhow::Result<()> {
    let keys = Keys::open(&settings.keys, &settings.algorithms)?;
    let verifier = Verifier::new(keys.set(), settings.policy, Arc::new(RevocationSet::new()));
    let gateway = assemble(
        routes::upstream_only(&settings.upstream)?,
        Arc::new(verifier),
        Arc::new(sightings::ToNobody),
        Vec::new(),
        &mut Registry::default(),
    )?;
    let listener = listen::bind(settings.listen, "--listen").await?;
    listen::warn_if_exposed(settings.listen, false);
    let stop = Stop::on_signal()?;
    let public = listen::url(&listener)?;
    tracing::info!(%public, upstream = %settings.upstream, "listening");
    output.print(
        &json!({ "public": public, "upstream": settings.upstream.as_str() }),
        |_| {
            format!(
                "Bulla guards {} at {public}: every path needs a token.",
                settings.upstream
            )
        },
    )?;
    answer(listener, gateway, stop).await;
    Ok(())
}

/// Answers until it is time to stop, and then until the last request has ended.
pub(super) async fn answer(listener: TcpListener, gateway: Arc<Gateway>, stop: Stop) {
    match bulla_gateway::serve(listener, gateway, stop.requested()).await {
        Drained::Completely => {}
        Drained::AtDeadline { cut_off } => {
            tracing::warn!(cut_off, "requests that did not end in time were cut off");
        }
    }
}

/// A gateway over these parts, with the limits that all gateways have.
///
/// # Errors
/// The system's root certificates cannot be read, and an upstream needs them.
pub(super) fn assemble(
    routes: RouteTable,
    verifier: Arc<Verifier>,
    sightings: Arc<dyn SightingSink>,
    trusted_proxies: Vec<Cidr>,
    metrics: &mut Registry,
) -> anyhow::Result<Arc<Gateway>> {
    let mut request_id_seed = [0; 8];
    OperatingSystemEntropy.fill(&mut request_id_seed);
    let settings = GatewaySettings {
        routes,
        verifier,
        sightings,
        clock: Arc::new(GatewayClock),
        trusted_proxies,
        timeouts: Timeouts::default(),
        request_id_seed,
    };
    Ok(Arc::new(Gateway::new(settings, metrics)?))
}

/// Keys that stay, or keys that are kept fresh while this lives.
enum Keys {
    Fixed(Arc<KeySet>),
    Remote(RemoteKeySet),
}

impl Keys {
    fn open(source: &KeySource, algorithms: &[Algorithm]) -> anyhow::Result<Self> {
        Ok(match source {
            KeySource::File(_) => Self::Fixed(Arc::new(KeySet::fixed(source.load(algorithms)?))),
            KeySource::Url(url) => {
                let settings = key_source::remote_settings(url, algorithms)?;
                Self::Remote(RemoteKeySet::start(&settings).with_context(|| url.clone())?)
            }
        })
    }

    fn set(&self) -> Arc<KeySet> {
        match self {
            Self::Fixed(keys) => Arc::clone(keys),
            Self::Remote(remote) => Arc::clone(remote.keys()),
        }
    }
}
