//! The configuration, read again while the server runs.

use std::{fs, net::SocketAddr, sync::Arc};

use bulla_core::key::service::KeyService;
use bulla_gateway::{Gateway, Rules};
use bulla_guard::{abuse::AbuseLedger, verifier::Verifier};
use bulla_server::{
    config::{Config, ConfigError, ConfigSources, values::HttpOrigin},
    issuer::Issuer,
    store::sqlite::DemoSessions,
};

use super::{
    changes::Changes,
    limits, own_address, problems,
    routes::{self, Routes, Services},
    settings,
};

/// Reads the configuration. The file, and those that its rules are made of, are watched from before they are read.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(sources: ConfigSources, changes: &mut Changes) -> Result<Config, ConfigError> {
    let file = sources.file.clone();
    Config::load_and_check(sources, |config| {
        changes.watch(file.into_iter().chain(routes::files(config)));
        problems(config)
    })
}

/// Where rules come from, besides the configuration.
pub(super) struct RuleParts {
    pub(super) services: Services,
    pub(super) verifier: Arc<Verifier>,
    pub(super) abuse: Arc<AbuseLedger>,
    pub(super) keys: KeyService,
}

impl RuleParts {
    /// Those of an issuer.
    ///
    /// # Errors
    /// As [`Services::new`].
    pub(super) fn of(
        issuer: &Arc<Issuer>,
        demo_sessions: Option<DemoSessions>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            services: Services::new(issuer, demo_sessions)?,
            verifier: Arc::clone(issuer.verifier()),
            abuse: Arc::clone(issuer.abuse()),
            keys: issuer.keys().clone(),
        })
    }

    /// The rules of a configuration.
    ///
    /// # Errors
    /// What is wrong with its routes.
    pub(super) fn rules(&self, config: &Config) -> Result<Rules, ConfigError> {
        Ok(Rules {
            routes: Routes::new(config, &self.services)?.table,
            verifier: Arc::clone(&self.verifier),
            trusted_proxies: config.trusted_proxies.clone(),
            limits: limits::limits(config),
        })
    }
}

/// Puts the rules of the configuration in force, as often as it changes.
pub(super) struct Reload {
    pub(super) sources: ConfigSources,
    /// The configuration that the server was started with.
    pub(super) started: Config,
    /// Where clients reach it since then.
    pub(super) public_url: HttpOrigin,
    pub(super) parts: RuleParts,
    pub(super) listeners: Vec<SocketAddr>,
    pub(super) gateway: Arc<Gateway>,
}

impl Reload {
    /// Goes on until it is aborted. What is wrong with the configuration is logged, and changes nothing.
    pub(super) async fn run(self, mut changes: Changes) {
        loop {
            changes.next().await;
            // A file system may be slow to answer.
            match tokio::task::block_in_place(|| self.apply(&mut changes)) {
                Ok(waiting) if waiting.is_empty() => {
                    tracing::info!("the configuration was read again");
                }
                Ok(waiting) => {
                    let keys = waiting.join(", ");
                    tracing::warn!(
                        keys,
                        "the configuration was read again, but these keys count from the next start on"
                    );
                }
                Err(error) => {
                    let problem = format!("{error:#}");
                    tracing::error!(
                        problem,
                        "the configuration was not replaced: the old one stays"
                    );
                }
            }
        }
    }

    /// Reads it and puts its rules in force: all of them, or none. The keys that count from the next start on.
    fn apply(&self, changes: &mut Changes) -> anyhow::Result<Vec<&'static str>> {
        self.refuse_an_empty_file()?;
        let read = read(self.sources.clone(), changes)?;
        own_address::refuse(&own_address::servers(&read), &self.listeners)?;
        let waiting = self.started.differences_until_restart(&read);
        let config = Config {
            public_url: self.public_url.clone(),
            demo: self.started.demo,
            anonymous: self.started.anonymous,
            cookies: self.started.cookies,
            ..read
        };
        self.gateway.replace_rules(self.parts.rules(&config)?)?;
        self.parts.abuse.spare(settings::spared(&config));
        // The keys are still in the store that the server was started with.
        let schedule = settings::key_schedule(&config, &self.started.store);
        self.parts.keys.reschedule(schedule);
        Ok(waiting)
    }

    /// An empty file is valid, and what an interrupted write or a full disk leaves: it must not replace the routes.
    fn refuse_an_empty_file(&self) -> anyhow::Result<()> {
        // What cannot be read is said by whoever reads it for its settings.
        if let Some(file) = &self.sources.file
            && fs::read(file).is_ok_and(|text| text.trim_ascii().is_empty())
        {
            anyhow::bail!(
                "{} is empty: a comment in it says that this is meant",
                file.display()
            );
        }
        Ok(())
    }
}
