//! Following the other issuers of the same database: what they revoke, and the time that all share.

use std::{sync::Arc, time::Duration};

use bulla_core::store::StoreError;
use deadpool_postgres::ClientWrapper;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_postgres::Row;

use super::{
    clock::{DatabaseClock, Measured},
    connection::Connection,
    connector::Connector,
    database::Database,
    fault::{Fault, reason},
    tables::revocations::{CHANNEL, LOOK, Look, read_look},
};
use crate::issuer::running_time;

/// How often it looks without having been told: a notification can be lost with its connection.
const EVERY: Duration = Duration::from_millis(250);

/// How often it tries to reach a database that is lost.
const AGAIN: Duration = Duration::from_millis(250);

pub(super) struct Follower {
    pub(super) connector: Connector,
    pub(super) database: Arc<Database>,
    pub(super) clock: Arc<DatabaseClock>,
}

impl Follower {
    /// Follows until it is dropped.
    pub(super) async fn run(self) {
        let mut lost = false;
        loop {
            let error = self.follow(&mut lost).await;
            if !lost {
                lost = true;
                let error = StoreError::from(error);
                tracing::error!(%error, "the database is lost");
            }
            sleep(AGAIN).await;
        }
    }

    /// Follows over one connection until it breaks. It is its own: others' revocations must come while all of the pool are in
    /// use.
    async fn follow(&self, lost: &mut bool) -> Fault {
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(fault) => return fault,
        };
        loop {
            connection.begin_anew();
            if let Err(fault) = self.look(&connection).await {
                self.database.distrust();
                return fault;
            }
            if *lost {
                *lost = false;
                tracing::info!("the database is back");
            }
            told(self.connector.notified()).await;
        }
    }

    async fn connect(&self) -> Result<Connection, Fault> {
        let connected = timeout(self.database.patience, self.connector.connect()).await;
        let (client, task) = match connected {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => return Err(Fault::Unreachable(reason(&error))),
            Err(_late) => return Err(Fault::Late),
        };
        let client = ClientWrapper::new(client, task);
        let connection = Connection::own(client, Arc::clone(&self.database));
        connection.run(&format!("LISTEN {CHANNEL}")).await?;
        Ok(connection)
    }

    /// Reads how far the revocations are, and what time it is.
    async fn look(&self, connection: &Connection) -> Result<(), Fault> {
        let reached = self.database.feed.reached();
        let asked = running_time();
        let row = connection.row(LOOK, &[]).await?;
        let (look, measured) = seen(row.as_ref(), asked)?;
        self.clock.adjust(measured);
        self.database.feed.follow(connection, reached, look).await
    }
}

/// Waits until there may be something new.
async fn told(notified: &Notify) {
    let _ = timeout(EVERY, notified.notified()).await;
}

/// What was seen just now, and when it was asked for.
pub(super) fn seen(row: Option<&Row>, asked: Duration) -> Result<(Look, Measured), Fault> {
    let answered = running_time();
    let look = read_look(row)?;
    let measured = Measured {
        asked,
        answered,
        time: look.time,
    };
    Ok((look, measured))
}
