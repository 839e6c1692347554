//! Opening a database, or refusing it untouched.

use std::{io, time::Duration};

use bulla_core::{
    key::SigningKeys,
    store::{SigningKeyStore, StoreError},
    time::Timestamp,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_postgres::{Client, Error, error::SqlState};

use super::{
    PostgresStore,
    clock::Measured,
    connector::Connector,
    fault::{Fault, reason},
    follower,
    schema::{self, Found},
    tables::{
        revocations::{LOOK, Look},
        signing_keys,
    },
    url::PostgresUrl,
};
use crate::issuer::running_time;

/// How long a start waits for a server that is starting too.
const START: Duration = Duration::from_secs(10);

/// How long whoever only looks waits.
const GLANCE: Duration = Duration::from_secs(4);
const AGAIN: Duration = Duration::from_millis(250);

const SILENT: &str = "it does not answer";

/// The oldest release that the statements were written for.
const OLDEST: i32 = 14;

/// Why a database is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be reached, or not be used.
    #[error("the database {database} cannot be opened: {reason}")]
    Inaccessible {
        /// Which one.
        database: String,
        /// Why.
        reason: String,
    },
    /// It has a schema of our name that is not ours.
    #[error("the database {database} has a schema `bulla` that is not Bulla's")]
    Foreign {
        /// Which one.
        database: String,
    },
    /// A newer version of Bulla has written it.
    #[error(
        "the database {database} was written by a newer version of Bulla (schema {found}; this one knows {known})"
    )]
    NewerSchema {
        /// Which one.
        database: String,
        /// The database's schema.
        found: i32,
        /// The newest this version knows.
        known: i32,
    },
}

/// A database that was reached and looked at, and is as it was.
pub struct UntouchedDatabase<'a> {
    url: &'a PostgresUrl,
    client: Client,
    found: Found,
}

impl<'a> UntouchedDatabase<'a> {
    /// Connects to a database with our schema, or with none.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn reach(url: &'a PostgresUrl) -> Result<Self, OpenError> {
        let connector = Connector::new(url, None).map_err(|reason| inaccessible(url, reason))?;
        let client = connect(url, &connector).await?;
        Self::connected(url, client).await
    }

    /// As [`reach`](Self::reach), but does not wait for a server that is not there.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn glance(url: &'a PostgresUrl) -> Result<Self, OpenError> {
        let connector =
            Connector::new(url, Some(GLANCE)).map_err(|reason| inaccessible(url, reason))?;
        let looked = async {
            let connected = connector.connect().await;
            let (client, _task) = connected.map_err(|error| inaccessible(url, reason(&error)))?;
            Self::connected(url, client).await
        };
        let looked = timeout(GLANCE, looked).await;
        looked.unwrap_or_else(|_late| Err(inaccessible(url, SILENT.to_owned())))
    }

    async fn connected(url: &'a PostgresUrl, client: Client) -> Result<Self, OpenError> {
        let fail = |error: Error| inaccessible(url, reason(&error));
        suits(url, &client).await?;
        let found = schema::find(&client).await.map_err(fail)?;
        let reached = Self { url, client, found };
        reached.accept(found)?;
        Ok(reached)
    }

    /// Whether there is our schema already, and with it a master key somewhere.
    #[must_use]
    pub const fn is_initialized(&self) -> bool {
        matches!(self.found, Found::Version(_))
    }

    /// Whether its schema is not of this version yet.
    #[must_use]
    pub const fn is_older(&self) -> bool {
        matches!(self.found, Found::Version(version) if version < schema::LATEST)
    }

    /// The signing keys; it has our schema of this version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError> {
        let rows = self.client.query(signing_keys::ALL, &[]).await;
        let rows = rows.map_err(Fault::Postgres)?;
        Ok(signing_keys::read_all(&rows)?)
    }

    /// What time it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn time(&self) -> Result<Timestamp, StoreError> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let row = self.client.query_one(sql, &[]).await;
        let time = row
            .and_then(|row| row.try_get(0))
            .map_err(Fault::Postgres)?;
        Ok(Timestamp::from_millis(time))
    }

    /// Brings it up to this version.
    pub(super) async fn migrate(mut self) -> Result<Client, OpenError> {
        let fail = |error: Error| inaccessible(self.url, reason(&error));
        if self.found != Found::Version(schema::LATEST) {
            let found = schema::migrate(&mut self.client).await.map_err(fail)?;
            self.accept(found)?;
        }
        Ok(self.client)
    }

    fn accept(&self, found: Found) -> Result<(), OpenError> {
        let database = self.url.to_string();
        match found {
            Found::Foreign => Err(OpenError::Foreign { database }),
            Found::Version(found) if found > schema::LATEST => Err(OpenError::NewerSchema {
                database,
                found,
                known: schema::LATEST,
            }),
            Found::Version(_) | Found::Nothing => Ok(()),
        }
    }
}

/// How far the revocations are when the store is opened, and what time it is.
pub(super) async fn look(
    url: &PostgresUrl,
    client: &Client,
) -> Result<(Look, Measured), OpenError> {
    let asked = running_time();
    let row = client.query_opt(LOOK, &[]).await;
    let row = row.map_err(|error| inaccessible(url, reason(&error)))?;
    let unreadable = |fault| inaccessible(url, StoreError::from(fault).to_string());
    follower::seen(row.as_ref(), asked).map_err(unreadable)
}

/// A server that is not there yet, or starting, is waited for.
async fn connect(url: &PostgresUrl, connector: &Connector) -> Result<Client, OpenError> {
    let deadline = Instant::now() + START;
    loop {
        let error = match timeout_at(deadline, connector.connect()).await {
            Ok(Ok((client, _task))) => return Ok(client),
            Ok(Err(error)) => error,
            Err(_late) => return Err(inaccessible(url, SILENT.to_owned())),
        };
        if !may_pass(&error) || Instant::now() + AGAIN >= deadline {
            return Err(inaccessible(url, reason(&error)));
        }
        tracing::warn!(database = %url, error = reason(&error), "the database is waited for");
        sleep(AGAIN).await;
    }
}

/// A server that answers too late at first is waited for too: it may have just started, and all issuers come at once.
pub(super) async fn answers(url: &PostgresUrl, store: &PostgresStore) -> Result<(), OpenError> {
    let deadline = Instant::now() + START;
    while let Err(error) = store.signing_keys().await {
        if Instant::now() + AGAIN >= deadline {
            return Err(inaccessible(url, error.to_string()));
        }
        tracing::warn!(database = %url, %error, "the database is waited for");
        sleep(AGAIN).await;
    }
    Ok(())
}

fn may_pass(error: &Error) -> bool {
    match error.code() {
        Some(code) => *code == SqlState::CANNOT_CONNECT_NOW,
        None => {
            let source = std::error::Error::source(error);
            let source = source.and_then(|source| source.downcast_ref::<io::Error>());
            // A certificate that is refused now is refused later too.
            source.is_some_and(|error| error.kind() != io::ErrorKind::InvalidData)
        }
    }
}

/// Whether the server does what we rely on.
async fn suits(url: &PostgresUrl, client: &Client) -> Result<(), OpenError> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), \
                 current_setting('fsync'), current_setting('full_page_writes')",
            &[],
        )
        .await
        .map_err(|error| inaccessible(url, reason(&error)))?;
    let version: i32 = row.get(0);
    if version < OLDEST {
        let reason = format!("PostgreSQL {version} is too old: expected {OLDEST} or newer");
        return Err(inaccessible(url, reason));
    }
    let encoding: String = row.get(1);
    if encoding != "UTF8" {
        let reason = format!("its encoding is {encoding}: expected UTF8");
        return Err(inaccessible(url, reason));
    }
    for (setting, column) in [("fsync", 2), ("full_page_writes", 3)] {
        if row.get::<_, &str>(column) == "off" {
            tracing::warn!(
                database = %url,
                setting,
                "this setting of the server is off: a crash of its machine loses or damages what was answered"
            );
        }
    }
    Ok(())
}

pub(super) fn inaccessible(url: &PostgresUrl, reason: String) -> OpenError {
    OpenError::Inaccessible {
        database: url.to_string(),
        reason,
    }
}
