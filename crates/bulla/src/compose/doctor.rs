//! What `bulla doctor` looks at: a server that runs, or what would be started here.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bulla_core::{ports::Clock as _, store::Store};
use bulla_server::{
    config::{Config, ConfigError, ConfigSources},
    data_folder::MasterKeySource,
    doctor::{self, Check, Doctor, FilesToKeep, KeysToJudge, Report},
    issuer::SystemClock,
    store::sqlite::SqliteStore,
};
use tokio::{sync::Mutex, task::spawn_blocking};

use super::{data, environment, issuers, open_files, problems};

/// Looks at what would be started here.
///
/// # Errors
/// The environment names two master keys.
pub(crate) async fn at_rest(sources: ConfigSources) -> anyhow::Result<Report> {
    let master_key = MasterKeySource::from_environment(&environment())?;
    let folder = Path::new(data::DATA_FOLDER);
    let mut checks = Vec::new();
    match read(sources) {
        Ok(config) => {
            let database = data::database_path(&config);
            checks.push(doctor::configuration(&config, &[]));
            checks.extend(of_the_machine(&config, &master_key));
            checks.push(doctor::database(database));
            checks.push(doctor::keys_at_rest(database, judge(&config, master_key)));
        }
        Err(error) => {
            checks.push(doctor::unusable_configuration(&error));
            checks.push(doctor::disk(folder));
        }
    }
    checks.push(doctor::process(open_files::most()));
    Ok(doctor::examine(checks).await)
}

/// Looks at the server of this process.
pub(super) struct RunningServer {
    sources: ConfigSources,
    started: Config,
    master_key: MasterKeySource,
    store: Arc<dyn Store>,
    /// One look at a time: each waits for disks and servers.
    turn: Mutex<()>,
}

impl RunningServer {
    /// Looks at the one that was started with this configuration, from these sources.
    ///
    /// # Errors
    /// The environment names two master keys.
    pub(super) fn doctor(
        sources: &ConfigSources,
        started: &Config,
        store: &Arc<SqliteStore>,
    ) -> anyhow::Result<Arc<dyn Doctor>> {
        Ok(Arc::new(Self {
            sources: sources.clone(),
            started: started.clone(),
            master_key: MasterKeySource::from_environment(&environment())?,
            store: Arc::clone(store) as _,
            turn: Mutex::default(),
        }))
    }
}

#[async_trait]
impl Doctor for RunningServer {
    async fn examine(&self) -> Report {
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
        checks.extend(of_the_machine(&config, &self.master_key));
        let file = Some(data::database_path(&self.started).to_owned());
        checks.push(doctor::running_store(Arc::clone(&self.store), file));
        let store = Arc::clone(&self.store);
        let keys = async move { store.signing_keys().await };
        checks.push(doctor::keys(
            keys,
            judge(&self.started, self.master_key.clone()),
        ));
        checks.push(doctor::process(open_files::most()));
        doctor::examine(checks).await
    }
}

/// As a start reads it, with the files that it names.
fn read(sources: ConfigSources) -> Result<Config, ConfigError> {
    let config = Config::load_and_check(sources, problems)?;
    issuers::check(&config)?;
    Ok(config)
}

/// What does not depend on whether a server runs.
fn of_the_machine(config: &Config, master_key: &MasterKeySource) -> [Check; 3] {
    let folder = Path::new(data::DATA_FOLDER);
    let files = FilesToKeep {
        folder: folder.to_owned(),
        secrets: secrets(config, master_key),
    };
    [
        doctor::listeners(config),
        doctor::files(files),
        doctor::disk(folder),
    ]
}

/// Files with secrets outside of the data folder.
fn secrets(config: &Config, master_key: &MasterKeySource) -> Vec<PathBuf> {
    let master_key = match master_key {
        MasterKeySource::File(path) => Some(path.clone()),
        MasterKeySource::Text(_) | MasterKeySource::DataFolder => None,
    };
    let tls = config.tls.as_ref().map(|tls| PathBuf::from(&tls.key.value));
    let issuers = config.trusted_issuers.iter();
    let decryption = issuers.filter_map(|issuer| issuer.encrypted.as_ref());
    let decryption = decryption.map(|encrypted| PathBuf::from(&encrypted.key.value));
    let mail = config.mail.secret_file.clone();
    master_key
        .into_iter()
        .chain(tls)
        .chain(mail)
        .chain(decryption)
        .collect()
}

fn judge(config: &Config, master_key: MasterKeySource) -> KeysToJudge {
    KeysToJudge {
        master_key,
        folder: PathBuf::from(data::DATA_FOLDER),
        algorithm: config.algorithm,
        now: SystemClock.now(),
    }
}
