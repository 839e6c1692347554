//! The server of this process, which looks at itself.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bulla_core::{account::Email, audit::AuditFilter, ports::Clock, store::Store, time::Timestamp};
use bulla_gateway::Gateway;
use bulla_server::{
    config::{self, Config, ConfigSources},
    data_folder::MasterKeySource,
    doctor::{self, Area, Check, ClockSeen, Doctor, Report},
    issuer::{SystemClock, running_time},
};
use tokio::{sync::Mutex, task::spawn_blocking};

use super::{judge, of_the_machine, proxies::proxies, public_url::public_url, read};
use crate::compose::{environment, issuer::LocalIssuer, open_files};

/// A server and what it was started with.
pub(in crate::compose) struct RunningServer {
    sources: ConfigSources,
    /// As it was read.
    started: Config,
    /// As it is since then: with the ports that the system gave.
    config: Config,
    master_key: MasterKeySource,
    store: Arc<dyn Store>,
    /// The store's.
    clock: Arc<dyn Clock>,
    gateway: Arc<Gateway>,
    /// The time at the start, by the store's clock and by one that nobody sets.
    since: (Timestamp, Duration),
    /// One look at a time: each waits for disks and servers.
    turn: Mutex<()>,
}

impl RunningServer {
    /// Looks at the one that was started from these sources with this configuration, which it has changed to that one.
    ///
    /// # Errors
    /// The environment names two master keys.
    pub(in crate::compose) fn doctor(
        sources: &ConfigSources,
        [started, config]: [&Config; 2],
        local: &LocalIssuer,
        gateway: &Arc<Gateway>,
    ) -> anyhow::Result<Arc<dyn Doctor>> {
        let clock = local.store.clock();
        Ok(Arc::new(Self {
            sources: sources.clone(),
            started: started.clone(),
            config: config.clone(),
            master_key: MasterKeySource::from_environment(&environment())?,
            store: local.store.port(),
            gateway: Arc::clone(gateway),
            since: (clock.now(), running_time()),
            clock,
            turn: Mutex::default(),
        }))
    }

    fn clock(&self) -> Check {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let since = self.since;
        let machine = match &self.config.store {
            config::Store::Sqlite { .. } => None,
            config::Store::Postgres(_) => Some(SystemClock.now()),
        };
        Check::new(Area::Clock, async move {
            // A store that does not answer is told of where it is looked at.
            let newest = store.audit_events(&AuditFilter::default(), 1).await;
            let newest = newest.ok().and_then(|records| records.into_iter().next());
            let (started, running) = since;
            let passed = running_time().saturating_sub(running);
            doctor::clock(ClockSeen {
                now: clock.now(),
                machine,
                last_recorded: newest.map(|record| record.event.at),
                expected: Some(started.after(passed)),
            })
        })
    }
}

#[async_trait]
impl Doctor for RunningServer {
    async fn examine(&self, letter_to: Option<Email>) -> Report {
        let _turn = self.turn.lock().await;
        let sources = self.sources.clone();
        let read = spawn_blocking(|| read(sources)).await;
        let mut checks = Vec::new();
        let config = match read {
            Ok(Ok(config)) => {
                let waiting = self.started.differences_until_restart(&config);
                checks.push(doctor::configuration(&config, &waiting));
                config
            }
            Ok(Err(error)) => {
                checks.push(doctor::unusable_configuration(&error));
                self.started.clone()
            }
            Err(_) => self.started.clone(),
        };
        checks.extend(of_the_machine(&config, Some(&self.master_key)));
        let (url, issuer) = (&self.config.public_url, &self.config.tokens.issuer);
        checks.push(proxies(&self.gateway.proxies_seen()));
        checks.push(public_url(url.clone(), issuer.clone()));
        let store = || Arc::clone(&self.store);
        checks.push(doctor::running_store(store(), &self.config.store));
        let store = store();
        let keys = async move { store.signing_keys().await };
        let judge = judge(&self.config, self.master_key.clone(), self.clock.now());
        checks.push(doctor::keys(keys, judge));
        checks.push(self.clock());
        checks.push(doctor::mail(&self.config, letter_to));
        checks.push(doctor::process(open_files::most()));
        doctor::examine(checks).await
    }
}
