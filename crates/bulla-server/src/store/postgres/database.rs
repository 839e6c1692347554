//! The database as the store's methods use it: connections, jobs, and the way of revocations into this process.

use std::{sync::Arc, time::Duration};

use bulla_core::store::StoreError;
use deadpool_postgres::{Pool, PoolError};
use tokio::time::{Instant, timeout_at};

use super::{
    connection::Connection,
    fault::{Fault, reason},
    feed::Feed,
    transaction::{Finished, Job, Transaction},
};

/// How often a job is done again that others made fail.
const REPEATS: u32 = 8;

pub(super) struct Database {
    pub(super) pool: Pool,
    pub(super) feed: Feed,
    /// How long a method may take.
    pub(super) patience: Duration,
}

impl Database {
    /// A connection for a method that begins now.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<Connection, StoreError> {
        self.connect_until(Instant::now() + self.patience).await
    }

    pub(super) async fn connect_until(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<Connection, StoreError> {
        let client = match timeout_at(deadline, self.pool.get()).await {
            Ok(Ok(client)) => client,
            Ok(Err(PoolError::Backend(error))) => {
                return Err(Fault::Unreachable(reason(&error)).into());
            }
            Ok(Err(error)) => return Err(Fault::Unreachable(error.to_string()).into()),
            Err(_late) => {
                let reason = "no connection to PostgreSQL was to be had in time".to_owned();
                return Err(Fault::Unreachable(reason).into());
            }
        };
        Ok(Connection::borrowed(client, deadline, Arc::clone(self)))
    }

    /// Does a job in a transaction of its own.
    pub(super) async fn write<J: Job>(
        self: &Arc<Self>,
        mut job: J,
        deadline: Instant,
    ) -> Result<J::Output, StoreError> {
        let mut repeats = 0;
        // Waiting for a lock once more, and a little.
        let once_more = J::PATIENCE.unwrap_or(self.patience) * 2 / 5;
        loop {
            let connection = self.connect_until(deadline).await?;
            let mut transaction = Transaction::begin(connection, J::PATIENCE).await?;
            match done(&mut job, &mut transaction).await {
                Ok((output, finished)) => {
                    transaction.commit(finished, &self.feed).await?;
                    return Ok(output);
                }
                Err(fault) => {
                    transaction.roll_back().await;
                    let too_late = fault.is_locked_out() && Instant::now() + once_more > deadline;
                    if !fault.is_of_the_moment()
                        || too_late
                        || repeats == REPEATS
                        || !job.can_be_repeated()
                    {
                        return Err(fault.into());
                    }
                    repeats += 1;
                }
            }
        }
    }

    /// A connection did not answer for so long: those that are idle may be no better, if it is longer than a server that is
    /// alive would be silent.
    pub(super) fn silent_for(&self, span: Duration) {
        if span > self.patience * 7 / 8 {
            self.distrust();
        }
    }

    /// None of the connections is used again.
    pub(super) fn distrust(&self) {
        self.pool.retain(|_, _| false);
    }
}

async fn done<J: Job>(
    job: &mut J,
    transaction: &mut Transaction,
) -> Result<(J::Output, Finished), Fault> {
    let output = job.run(transaction).await?;
    Ok((output, transaction.finish().await?))
}
