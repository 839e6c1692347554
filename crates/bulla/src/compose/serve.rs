//! `bulla serve`: everything in one process.

use std::{sync::Arc, time::Duration};

use bulla_core::store::StoreError;
use bulla_server::{
    admin,
    config::{Config, ConfigSources},
    data_folder::DataFolder,
    demo,
    doctor::Doctor,
    issuer::Issuer,
    sightings::SightingBatcher,
    store::sqlite::DemoSessions,
};
use prometheus_client::registry::Registry;
use tokio::{net::TcpListener, task::JoinHandle, time::MissedTickBehavior};

use super::{
    admin_listener, admin_socket,
    changes::Changes,
    data,
    doctor::RunningServer,
    gateway,
    issuer::{self, LocalIssuer},
    issuers, keys, listen,
    mail::{self, Mail},
    own_address,
    public::Public,
    reload::{self, Reload, RuleParts},
    settings,
    sightings::ToStore,
    stop::Stop,
    telemetry::Telemetry,
};
use crate::{banner::Banner, output::Output};

/// How often it is looked whether the signing keys have to be read or rotated.
const KEEP_KEYS_EVERY: Duration = Duration::from_secs(1);

/// How often what no longer counts is removed.
const TIDY_EVERY: Duration = Duration::from_secs(5 * 60);

/// Serves until a signal comes. Ports come before files, so that what is refused leaves nothing behind.
///
/// # Errors
/// It cannot start.
pub(crate) async fn serve(sources: ConfigSources, output: Output) -> anyhow::Result<()> {
    let mut changes = Changes::of(sources.file.clone())?;
    let mut config = reload::read(sources.clone(), &mut changes)?;
    let started = config.clone();
    mail::check(&config)?;
    let trusted = issuers::open(&config)?;
    let public = Public::bind(&config).await?;
    let administration = listen::bind(config.listen.admin, "listen.admin").await?;
    let listeners = own_address::of(public.listeners().chain([&administration]))?;
    own_address::refuse(&own_address::servers(&config), &listeners)?;
    let public_url = public.url()?;
    settings::name_the_port(&mut config, &public_url)?;

    let mut metrics = Registry::default();
    let mail = mail::open(&config, &mut metrics)?;
    let folder = data::hold_folder()?;
    let local = issuer::open(&config, folder, trusted.issuers, mail.mailer()).await?;
    local.issuer.keys().want(config.algorithm).await?;
    local.issuer.check_cookies()?;
    let sightings = sightings(&config, &local);
    keys::register(&trusted.keys, &mut metrics);
    let telemetry = Telemetry::start(&config, &mut metrics)?;
    let parts = RuleParts::of(&local.issuer, demo_sessions(&config, &local.folder))?;
    let reports = reports(&config, &local, &sightings, telemetry.as_ref())?;
    let clock = local.store.clock();
    let gateway = gateway::assemble(parts.rules(&config)?, reports, clock, &mut metrics)?;

    warn(&config);
    let stop = Stop::on_signal()?;
    let doctor = RunningServer::doctor(&sources, [&started, &config], &local, &gateway)?;
    let reload = Reload {
        sources,
        started,
        public_url: config.public_url.clone(),
        parts,
        listeners,
        gateway: Arc::clone(&gateway),
    };
    let chores = begin_chores(&local, config.demo, reload.run(changes));
    let banner = Banner::new(
        &config,
        &public_url,
        public.redirect_url()?,
        &listen::url(&administration, false)?,
    );
    let admin = administrate(&local, administration, metrics, &mail, doctor, &stop)?;
    banner.show(output)?;
    let answered = public.answer(gateway, stop).await;
    admin.ended().await;
    chores.iter().for_each(JoinHandle::abort);
    mail.close(&local.issuer).await;
    sightings.flush().await;
    if let Some(telemetry) = telemetry {
        telemetry.flush().await;
    }
    close(local).await?;
    answered
}

/// What goes on beside the listeners for as long as they answer.
fn begin_chores(
    local: &LocalIssuer,
    demo: bool,
    reload: impl Future<Output = ()> + Send + 'static,
) -> [JoinHandle<()>; 5] {
    let LocalIssuer { issuer, bans, .. } = local;
    [
        tokio::spawn(tidy(Arc::clone(issuer), demo)),
        tokio::spawn(keep_keys(Arc::clone(issuer))),
        tokio::spawn(reload),
        tokio::spawn(Arc::clone(bans).keep()),
        tokio::spawn(Arc::clone(issuer).keep_wrong_passwords()),
    ]
}

fn sightings(config: &Config, local: &LocalIssuer) -> Arc<SightingBatcher> {
    let settle = config.session.settle;
    Arc::new(SightingBatcher::start(local.store.port(), settle))
}

/// What the gateway tells the store, the log and a collector.
fn reports(
    config: &Config,
    local: &LocalIssuer,
    sightings: &Arc<SightingBatcher>,
    telemetry: Option<&Telemetry>,
) -> anyhow::Result<gateway::Reports> {
    let to_store = ToStore {
        sightings: Arc::clone(sightings),
        clock: local.store.clock(),
    };
    Ok(gateway::Reports {
        to: Arc::new(to_store),
        abuse: Arc::clone(local.issuer.abuse()),
        interval: settings::sighting_interval(&config.session),
        access_log: settings::access_log(&config.log),
        begin_traces: settings::begin_traces(&config.log)?,
        spans: telemetry.map(Telemetry::sink),
    })
}

/// Where the demo keeps its sessions, if it is on.
fn demo_sessions(config: &Config, folder: &DataFolder) -> Option<DemoSessions> {
    config
        .demo
        .then(|| DemoSessions::at(folder.demo_sessions()))
}

/// Says what the configuration leaves open.
fn warn(config: &Config) {
    if config.trusted_proxies.is_empty() && config.tls.is_none() {
        listen::warn_if_exposed("listen.public", config.listen.public, listen::PROXY);
    }
    listen::warn_if_exposed("listen.admin", config.listen.admin, listen::TUNNEL);
}

/// The admin API on its two listeners.
struct Administration {
    network: JoinHandle<()>,
    socket: JoinHandle<()>,
    file: admin_socket::SocketFile,
}

fn administrate(
    local: &LocalIssuer,
    network: TcpListener,
    metrics: Registry,
    mail: &Mail,
    doctor: Arc<dyn Doctor>,
    stop: &Stop,
) -> anyhow::Result<Administration> {
    let (socket, file) = admin_socket::bind(&local.folder.admin_socket())?;
    let (issuer, bans) = (|| Arc::clone(&local.issuer), || Arc::clone(&local.bans));
    let operations = admin::operations_router(issuer(), Arc::new(metrics));
    // Both answer unknown paths alike; a router can do it only once.
    let mut open = admin::router(issuer(), bans(), Some(Arc::clone(&doctor)))
        .merge(operations.reset_fallback());
    if let Some(mailbox) = &mail.mailbox {
        let mailbox = admin::dev_mailbox_router(Arc::clone(mailbox));
        open = open.merge(mailbox.reset_fallback());
    }
    Ok(Administration {
        network: tokio::spawn(admin_listener::serve(
            network,
            admin_listener::peer,
            open,
            stop.clone(),
        )),
        socket: tokio::spawn(admin_listener::serve(
            socket,
            |_| None,
            admin::local_router(issuer(), bans(), Some(doctor)),
            stop.clone(),
        )),
        file,
    })
}

impl Administration {
    async fn ended(self) {
        let _ = self.network.await;
        let _ = self.socket.await;
        drop(self.file);
    }
}

async fn tidy(issuer: Arc<Issuer>, demo: bool) {
    let mut every = tokio::time::interval(TIDY_EVERY);
    loop {
        every.tick().await;
        told(issuer.tidy().await);
        if demo {
            told(demo::tidy(&issuer).await);
        }
    }
}

fn told(tidied: Result<u64, StoreError>) {
    match tidied {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "what no longer counts was removed"),
        Err(error) => tracing::warn!(%error, "what no longer counts could not be removed"),
    }
}

/// Follows the keys of the store, and rotates them when it is time.
async fn keep_keys(issuer: Arc<Issuer>) {
    let mut every = tokio::time::interval(KEEP_KEYS_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        // Nothing can be signed with a key that is revoked until the next one is known to sign.
        tokio::select! {
            _ = every.tick() => {}
            () = issuer.key_revoked() => {}
        }
        let kept = issuer.keys().keep().await;
        match &kept {
            Ok(()) if failing => tracing::info!("the signing keys are kept again"),
            Err(error) if !failing => {
                tracing::error!(%error, "the signing keys cannot be kept: in a minute nothing may be signed any more");
            }
            _ => {}
        }
        failing = kept.is_err();
    }
}

/// Closes the store, so that the next start finds one whole file.
async fn close(local: LocalIssuer) -> anyhow::Result<()> {
    let LocalIssuer {
        issuer,
        store,
        bans,
        folder,
    } = local;
    issuer.flush_wrong_passwords().await;
    if let Err(error) = bans.save().await {
        tracing::error!(%error, "the last bans are not kept");
    }
    store.close().await?;
    drop(folder);
    tracing::info!("stopped");
    Ok(())
}
