//! A connection of the pool, borrowed for one method of the store.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bulla_core::store::StoreError;
use deadpool_postgres::Object;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Row, types::ToSql};

use super::{database::Database, fault::Fault, tables::revocations};

/// The values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection that answers until a deadline. It goes back to the pool, unless nobody knows any more what it is at.
pub(super) struct Connection {
    /// There until it is dropped.
    client: Option<Object>,
    deadline: Instant,
    unsure: AtomicBool,
    database: Arc<Database>,
}

impl Connection {
    pub(super) const fn new(client: Object, deadline: Instant, database: Arc<Database>) -> Self {
        Self {
            client: Some(client),
            deadline,
            unsure: AtomicBool::new(false),
            database,
        }
    }

    /// The rows that a statement gives.
    pub(super) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let client = self.client()?;
        self.answer(async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, values).await
        })
        .await
    }

    /// The row that a statement gives, if it gives one.
    pub(super) async fn row(&self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Fault> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// How many rows a statement changed.
    pub(super) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let client = self.client()?;
        self.answer(async {
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, values).await
        })
        .await
    }

    /// Runs statements that have neither values nor rows.
    pub(super) async fn run(&self, sql: &str) -> Result<(), Fault> {
        let client = self.client()?;
        self.answer(client.batch_execute(sql)).await
    }

    /// Ends a reading: what it found is given once everything that was revoked with it is in the sink.
    pub(super) async fn seen<T>(self, found: T) -> Result<T, StoreError> {
        let head = revocations::head(&self).await?;
        self.database.feed.reach(&self, head).await?;
        Ok(found)
    }

    /// From now on it is closed instead of going back to the pool…
    pub(super) fn is_unsure(&self) {
        self.unsure.store(true, Ordering::Relaxed);
    }

    /// …until it is known again that it is at nothing.
    pub(super) fn is_sure(&self) {
        self.unsure.store(false, Ordering::Relaxed);
    }

    fn client(&self) -> Result<&Object, Fault> {
        self.client.as_ref().ok_or(Fault::Late)
    }

    async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        match timeout_at(self.deadline, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if error.as_db_error().is_none() {
                    self.is_unsure();
                }
                Err(Fault::Postgres(error))
            }
            Err(_late) => {
                self.is_unsure();
                self.database.distrust();
                Err(Fault::Late)
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && *self.unsure.get_mut()
        {
            // Taken out of the pool, it is closed; the server rolls back what was open.
            drop(Object::take(client));
        }
    }
}
