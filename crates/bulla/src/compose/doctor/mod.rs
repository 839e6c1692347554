//! What `bulla doctor` looks at: a server that runs, or what would be started here.

mod proxies;
mod public_url;
mod running;
mod tls;

use std::path::{Path, PathBuf};

use bulla_core::{account::Email, ports::Clock as _, time::Timestamp};
use bulla_server::{
    config::{self, Config, ConfigError, ConfigSources},
    data_folder::MasterKeySource,
    doctor::{self, Area, Check, ClockSeen, Code, FilesToKeep, Finding, KeysToJudge, Report},
    issuer::SystemClock,
    store::{
        postgres::{self, PostgresUrl},
        sqlite,
    },
};

pub(super) use self::running::RunningServer;
use super::{data, environment, issuers, open_files, problems};

/// Looks at what would be started here, and sends a letter to an address if one is given.
pub(crate) async fn at_rest(sources: ConfigSources, letter_to: Option<Email>) -> Report {
    let master_key = MasterKeySource::from_environment(&environment());
    let mut checks = Vec::new();
    match read(sources) {
        Ok(config) => {
            checks.push(doctor::configuration(&config, &[]));
            checks.extend(of_the_machine(&config, master_key.as_ref().ok()));
            checks.push(doctor::store_at_rest(&config.store));
            checks.push(match master_key {
                Ok(master_key) => {
                    let judge = judge(&config, master_key, SystemClock.now());
                    doctor::keys_at_rest(&config.store, judge)
                }
                Err(error) => {
                    let finding = Finding::new(Code::MasterKeyUnusable, error.to_string());
                    Check::at_once(Area::Keys, "they cannot be read", vec![finding])
                }
            });
            checks.push(clock_beside(&config.store));
            checks.push(doctor::mail(&config, letter_to));
        }
        Err(error) => {
            checks.push(doctor::unusable_configuration(&error));
            checks.push(doctor::disk(Path::new(data::DATA_FOLDER)));
        }
    }
    checks.push(doctor::process(open_files::most()));
    doctor::examine(checks).await
}

/// As a start reads it, with the files that it names.
fn read(sources: ConfigSources) -> Result<Config, ConfigError> {
    let config = Config::load_and_check(sources, problems)?;
    issuers::check(&config)?;
    Ok(config)
}

/// What does not depend on whether a server runs.
fn of_the_machine(config: &Config, master_key: Option<&MasterKeySource>) -> Vec<Check> {
    let folder = Path::new(data::DATA_FOLDER);
    let files = FilesToKeep {
        folder: folder.to_owned(),
        secrets: secrets(config, master_key),
    };
    let certificate = tls::certificate(config, SystemClock.now());
    let mut checks = vec![doctor::listeners(config)];
    checks.extend(certificate);
    checks.extend([doctor::files(files), doctor::disk(folder)]);
    checks
}

/// Files with secrets outside of the data folder.
fn secrets(config: &Config, master_key: Option<&MasterKeySource>) -> Vec<PathBuf> {
    let master_key = match master_key {
        Some(MasterKeySource::File(path)) => Some(path.clone()),
        Some(MasterKeySource::Text(_) | MasterKeySource::DataFolder) | None => None,
    };
    let tls = config.tls.as_ref();
    let tls = tls.map(|tls| PathBuf::from(&tls.key.value));
    let issuers = config.trusted_issuers.iter();
    let decryption = issuers.filter_map(|issuer| issuer.encrypted.as_ref());
    let decryption = decryption.map(|encrypted| PathBuf::from(&encrypted.key.value));
    let mail = config.mail.secret_file.clone();
    let database = match &config.store {
        config::Store::Postgres(database) => database.secret_file.clone(),
        // One in the data folder is looked at with that.
        config::Store::Sqlite { path } => {
            (!path.starts_with(data::DATA_FOLDER)).then(|| path.clone())
        }
    };
    let single = [master_key, tls, mail, database].into_iter().flatten();
    single.chain(decryption).collect()
}

fn judge(config: &Config, master_key: MasterKeySource, now: Timestamp) -> KeysToJudge {
    KeysToJudge {
        master_key,
        folder: PathBuf::from(data::DATA_FOLDER),
        algorithm: config.algorithm,
        now,
    }
}

/// The clock of a database at rest, whatever keeps it from being read: that is said of the store.
fn clock_beside(store: &config::Store) -> Check {
    match store {
        config::Store::Sqlite { path } => of_the_machines(path.clone()),
        config::Store::Postgres(database) => of_the_servers(database.settings.url.clone()),
    }
}

/// This machine's clock, and what was recorded in a file.
fn of_the_machines(path: PathBuf) -> Check {
    Check::blocking(Area::Clock, move || {
        let database = sqlite::UntouchedDatabase::at_rest(&path).ok().flatten();
        let database = database.filter(|database| !database.is_older());
        let recorded = database.and_then(|database| database.last_recorded().ok());
        doctor::clock(ClockSeen {
            now: SystemClock.now(),
            machine: None,
            last_recorded: recorded.flatten(),
            expected: None,
        })
    })
}

/// The clock of a server, and this machine's beside it.
fn of_the_servers(url: PostgresUrl) -> Check {
    Check::new(Area::Clock, async move {
        let time = match postgres::UntouchedDatabase::glance(&url).await {
            Ok(database) => database.time().await.ok(),
            Err(_) => None,
        };
        let machine = SystemClock.now();
        doctor::clock(ClockSeen {
            now: time.unwrap_or(machine),
            machine: Some(machine),
            last_recorded: None,
            expected: None,
        })
    })
}
