//! Following the other issuers of the same database: what they revoke, and the time that all share.

use std::{sync::Arc, time::Duration};

use bulla_core::store::StoreError;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};
use tokio_postgres::Client;

use super::{
    clock::{DatabaseClock, Measured},
    connector::Connector,
    database::Database,
    fault::{Fault, reason},
    tables::revocations::CHANNEL,
};

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

    /// Follows over one connection until it breaks.
    async fn follow(&self, lost: &mut bool) -> Fault {
        let patience = self.database.patience;
        let connected = timeout(patience, self.connector.connect()).await;
        let (client, _task) = match connected {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => return Fault::Unreachable(reason(&error)),
            Err(_late) => return Fault::Late,
        };
        let listen = format!("LISTEN {CHANNEL}");
        if let Err(fault) = in_time(patience, client.batch_execute(&listen)).await {
            return fault;
        }
        loop {
            if let Err(fault) = self.look(&client).await {
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

    /// Reads how far the revocations are, and what time it is.
    async fn look(&self, client: &Client) -> Result<(), Fault> {
        let reached = self.database.feed.reached();
        let (head, measured) = in_time(self.database.patience, look(client)).await?;
        self.clock.adjust(measured);
        if head == reached {
            return Ok(());
        }
        let lost = |error: StoreError| Fault::Unreachable(error.to_string());
        let connection = self.database.connect().await.map_err(lost)?;
        if head < reached {
            tracing::warn!(
                head,
                reached,
                "the database has gone back: it was restored, or a standby that lagged behind took over"
            );
            return self
                .database
                .feed
                .restart(&connection, head)
                .await
                .map_err(lost);
        }
        self.database
            .feed
            .reach(&connection, head)
            .await
            .map_err(lost)
    }
}

/// Waits until there may be something new.
async fn told(notified: &Notify) {
    let _ = timeout(EVERY, notified.notified()).await;
}

/// How far the revocations are, and what time it is.
pub(super) async fn look(client: &Client) -> Result<(u64, Measured), tokio_postgres::Error> {
    let asked = Instant::now().into_std();
    let row = client
        .query_one(
            "SELECT sequence, (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM revocation_head",
            &[],
        )
        .await?;
    let answered = Instant::now().into_std();
    let head: i64 = row.try_get(0)?;
    let time = row.try_get(1)?;
    let measured = Measured {
        asked,
        answered,
        time,
    };
    Ok((head.unsigned_abs(), measured))
}

async fn in_time<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Fault> {
    match timeout(patience, answer).await {
        Ok(answer) => answer.map_err(Fault::Postgres),
        Err(_late) => Err(Fault::Late),
    }
}
