//! The store of the configuration, whichever engine keeps it.

use std::sync::Arc;

use anyhow::Context;
use bulla_core::{
    key::wrap::MasterKey,
    ports::{Clock, RevocationSink},
    store::Store,
};
use bulla_server::{
    config::{self, Config},
    data_folder::{DataFolder, DatabaseAtRest, MasterKeySource},
    issuer::{InProcess, OperatingSystemEntropy, SystemClock},
    store::{
        postgres::{PostgresStore, UntouchedDatabase},
        sqlite::SqliteStore,
    },
};

use super::environment;

/// A store that is open.
pub(crate) enum OpenStore {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
}

impl OpenStore {
    /// Opens the database and brings it up to this version; whatever is revoked from now on goes into
    /// `revocations`. The master key comes first: a database
    /// without its key would look as if the key had been lost.
    ///
    /// # Errors
    /// One of them is missing or damaged. Nothing was overwritten.
    pub(crate) async fn open(
        config: &Config,
        folder: &DataFolder,
        revocations: &InProcess,
    ) -> anyhow::Result<(MasterKey, Self)> {
        let sink: Arc<dyn RevocationSink> = Arc::new(revocations.clone());
        match &config.store {
            config::Store::Sqlite { path } => {
                let master_key = master_key(folder, &DatabaseAtRest::file(path)?)?;
                let store = SqliteStore::open(path, sink)?;
                Ok((master_key, Self::Sqlite(Arc::new(store))))
            }
            config::Store::Postgres(database) => {
                let settings = &database.settings;
                let database = UntouchedDatabase::reach(&settings.url).await?;
                let at_rest = DatabaseAtRest {
                    name: settings.url.to_string(),
                    exists: database.is_initialized(),
                };
                let master_key = master_key(folder, &at_rest)?;
                let store = PostgresStore::open(database, settings, sink).await?;
                Ok((master_key, Self::Postgres(Arc::new(store))))
            }
        }
    }

    /// As the rules use it.
    pub(crate) fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as _,
            Self::Postgres(store) => Arc::clone(store) as _,
        }
    }

    /// The store's clock: of a file, the machine's.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Sqlite(_) => Arc::new(SystemClock),
            Self::Postgres(store) => Arc::clone(store.clock()) as _,
        }
    }

    /// Ends what it is at, so that the next start finds it whole.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(store) => tokio::task::spawn_blocking(move || store.close())
                .await
                .context("the store did not close"),
            Self::Postgres(store) => {
                store.close().await;
                Ok(())
            }
        }
    }
}

/// Where the database is, for people.
pub(crate) fn name(config: &Config) -> String {
    match &config.store {
        config::Store::Sqlite { path } => path.display().to_string(),
        config::Store::Postgres(database) => database.settings.url.to_string(),
    }
}

fn master_key(folder: &DataFolder, database: &DatabaseAtRest) -> anyhow::Result<MasterKey> {
    let source = MasterKeySource::from_environment(&environment())?;
    Ok(folder.master_key(&source, database, &OperatingSystemEntropy)?)
}
