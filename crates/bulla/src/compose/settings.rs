//! From the configuration to the settings of the parts.

use std::time::Duration;

use bulla_core::{
    authentication::{AuthenticationSettings, SessionSettings},
    key::life::{KeySchedule, VIEW_AGE},
};
use bulla_gateway::{AccessLines, AccessLog, InvalidSampling, Sampling};
use bulla_guard::abuse::Spared;
use bulla_server::{
    config::{self, Config, Log, LogField, LoggedRequests, values::HttpOrigin},
    issuer::IssuerSettings,
};

/// The issuer's settings.
pub(crate) fn issuer(config: &Config) -> IssuerSettings {
    IssuerSettings {
        public_url: config.public_url.clone(),
        algorithm: config.algorithm,
        key_schedule: key_schedule(config, &config.store),
        authentication: AuthenticationSettings {
            tokens: config.tokens.clone(),
            session: config.session,
            password: config.password,
            links: config.links,
        },
        anonymous: config.anonymous,
        cookies: config.cookies,
        audit_retention: config.audit_retention,
        verification_cache: verification_cache(&config.verification),
    }
}

/// When the signing keys in this store take over from each other.
pub(super) fn key_schedule(config: &Config, store: &config::Store) -> KeySchedule {
    KeySchedule {
        rotate_every: config.keys.rotate_every,
        publish_ahead: config.keys.publish_ahead,
        spread: match store {
            config::Store::Sqlite { .. } => Duration::ZERO,
            config::Store::Postgres(_) => VIEW_AGE,
        },
    }
}

/// Who is never judged.
pub(super) fn spared(config: &Config) -> Spared {
    Spared {
        scoring: config.bans.automatic,
        exempt: config.bans.exempt.clone(),
        proxies: config.trusted_proxies.clone(),
    }
}

fn verification_cache(verification: &config::Verification) -> Option<usize> {
    let bytes = verification.cache?;
    Some(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// How often the use of one access token is reported again, so that its session's generation settles: so often that the
/// store is not told later than it would be of every use.
pub(super) fn sighting_interval(session: &SessionSettings) -> Duration {
    session.settle / 24
}

/// What is logged of requests.
pub(super) fn access_log(log: &Log) -> AccessLog {
    let has = |field| log.fields.contains(&field);
    AccessLog {
        lines: match log.access {
            LoggedRequests::Off => AccessLines::Off,
            LoggedRequests::Refused => AccessLines::Refused,
            LoggedRequests::All => AccessLines::All,
        },
        subject: has(LogField::Subject),
        address: has(LogField::Address),
        path: has(LogField::Path),
    }
}

/// Which traces are begun.
///
/// # Errors
/// More than all.
pub(super) fn begin_traces(log: &Log) -> Result<Option<Sampling>, InvalidSampling> {
    log.trace.map(Sampling::of_a_million).transpose()
}

/// Port 0 asks the system for a free port: then the names that were derived from the address are
/// those of the port that was given.
///
/// # Errors
/// The address is no origin.
pub(super) fn name_the_port(config: &mut Config, bound: &str) -> anyhow::Result<()> {
    let asked = HttpOrigin::at(config.listen.public, config.tls.is_some());
    if config.tokens.issuer == asked.as_str() {
        bound.clone_into(&mut config.tokens.issuer);
    }
    if config.public_url == asked {
        config.public_url = bound.parse::<HttpOrigin>()?;
    }
    Ok(())
}
