//! PostgreSQL: a transaction for each method, on a connection of a pool; several issuers may share one database.

mod clock;
mod connection;
mod connector;
mod database;
mod fault;
mod feed;
mod follower;
mod jobs;
mod open;
mod port;
mod schema;
mod tables;
mod tls;
mod transaction;
mod url;

use std::{fmt, num::NonZeroU16, sync::Arc, time::Duration};

use bulla_core::{ports::RevocationSink, store::StoreError};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio::{task::JoinHandle, time::Instant};
use tokio_postgres::Config;
use tokio_util::task::TaskTracker;

pub use self::{
    clock::DatabaseClock,
    open::{OpenError, UntouchedDatabase},
    url::{PostgresUrl, PostgresUrlError},
};
use self::{
    connection::Connection, connector::Connector, database::Database, feed::Feed,
    follower::Follower, transaction::Job,
};

/// How the store uses a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresSettings {
    /// Where it is.
    pub url: PostgresUrl,
    /// How many connections there are at most, besides one that listens.
    pub connections: NonZeroU16,
    /// How long a method of the store may take: so late a database is lost that does not answer.
    pub timeout: Duration,
}

/// The store that several issuers can share.
///
/// What a method writes is written by a task of its own, so that nobody who goes away stops it halfway.
pub struct PostgresStore {
    url: PostgresUrl,
    database: Arc<Database>,
    clock: Arc<DatabaseClock>,
    writing: TaskTracker,
    follower: JoinHandle<()>,
}

impl PostgresStore {
    /// Brings the schema up to date and opens the database, which was reached at this URL. Revocations go into `sink`, those
    /// of other issuers too; those from before do not.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(
        database: UntouchedDatabase<'_>,
        settings: &PostgresSettings,
        sink: Arc<dyn RevocationSink>,
    ) -> Result<Self, OpenError> {
        let url = &settings.url;
        let client = database.migrate().await?;
        let (look, measured) = open::look(url, &client).await?;
        let connector = Connector::new(url, Some(settings.timeout))
            .map_err(|reason| open::inaccessible(url, reason))?;
        let database = Arc::new(Database {
            pool: pool(&connector, settings)?,
            feed: Feed::from(look, sink),
            patience: settings.timeout,
        });
        let clock = Arc::new(DatabaseClock::new(measured));
        let follower = Follower {
            connector,
            database: Arc::clone(&database),
            clock: Arc::clone(&clock),
        };
        let store = Self {
            url: url.clone(),
            database,
            clock,
            writing: TaskTracker::new(),
            follower: tokio::spawn(follower.run()),
        };
        open::answers(url, &store).await?;
        Ok(store)
    }

    /// The database's clock.
    #[must_use]
    pub const fn clock(&self) -> &Arc<DatabaseClock> {
        &self.clock
    }

    /// Ends what is being written, and closes the connections; later calls are answered
    /// [`Unavailable`](StoreError::Unavailable).
    pub async fn close(&self) {
        self.follower.abort();
        self.writing.close();
        self.writing.wait().await;
        self.database.pool.close();
    }

    async fn connect(&self) -> Result<Connection, StoreError> {
        self.database.connect().await
    }

    async fn write<J: Job>(&self, job: J) -> Result<J::Output, StoreError> {
        let database = Arc::clone(&self.database);
        let deadline = Instant::now() + J::PATIENCE.unwrap_or(database.patience);
        let task = self
            .writing
            .spawn(async move { database.write(job, deadline).await });
        let failed = || StoreError::Unavailable("it failed while it was at it".into());
        task.await.unwrap_or_else(|_| Err(failed()))
    }
}

fn pool(connector: &Connector, settings: &PostgresSettings) -> Result<Pool, OpenError> {
    let config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let url = &settings.url;
    let manager = Manager::from_connect(Config::clone(&url.config), connector.clone(), config);
    Pool::builder(manager)
        .max_size(settings.connections.get().into())
        .build()
        .map_err(|error| open::inaccessible(url, error.to_string()))
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresStore").field(&self.url).finish()
    }
}
