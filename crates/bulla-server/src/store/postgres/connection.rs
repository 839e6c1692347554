//! A connection that answers in time or not at all: borrowed from the pool for one method of the store, or one's own.

use std::{
    future::Future,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bulla_core::store::StoreError;
use deadpool_postgres::{ClientWrapper, Object};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Row, types::ToSql};

use super::{database::Database, fault::Fault, tables::revocations};

/// The values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection that answers until a deadline. It goes back to the pool, unless nobody knows any more what it is at.
pub(super) struct Connection {
    /// There until it is dropped.
    link: Option<Link>,
    deadline: Instant,
    unsure: AtomicBool,
    database: Arc<Database>,
}

enum Link {
    Borrowed(Object),
    Own(ClientWrapper),
}

impl Connection {
    pub(super) const fn borrowed(
        client: Object,
        deadline: Instant,
        database: Arc<Database>,
    ) -> Self {
        Self {
            link: Some(Link::Borrowed(client)),
            deadline,
            unsure: AtomicBool::new(false),
            database,
        }
    }

    /// One that nobody else can have.
    pub(super) fn own(client: ClientWrapper, database: Arc<Database>) -> Self {
        Self {
            link: Some(Link::Own(client)),
            deadline: Instant::now() + database.patience,
            unsure: AtomicBool::new(false),
            database,
        }
    }

    /// What is asked from now on has as long as anything that begins now.
    pub(super) fn begin_anew(&mut self) {
        self.deadline = Instant::now() + self.database.patience;
    }

    /// Until when it answers.
    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
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
        self.seen_up_to(head, found).await
    }

    /// As [`seen`](Self::seen), if the same statement saw that the revocations were so far.
    pub(super) async fn seen_up_to<T>(self, head: u64, found: T) -> Result<T, StoreError> {
        self.database.feed.reach(&self, head).await?;
        Ok(found)
    }

    /// From now on it is closed instead of going back to the pool…
    pub(super) fn distrust(&self) {
        self.unsure.store(true, Ordering::Relaxed);
    }

    /// …until it is known again that it is at nothing.
    pub(super) fn trust(&self) {
        self.unsure.store(false, Ordering::Relaxed);
    }

    fn client(&self) -> Result<&ClientWrapper, Fault> {
        self.link.as_deref().ok_or(Fault::Late)
    }

    async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        let asked = Instant::now();
        match timeout_at(self.deadline, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if error.as_db_error().is_none() {
                    self.distrust();
                }
                Err(Fault::Postgres(error))
            }
            Err(_late) => {
                self.distrust();
                self.database.silent_for(asked.elapsed());
                Err(Fault::Late)
            }
        }
    }
}

impl Deref for Link {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        match self {
            Self::Borrowed(client) => client,
            Self::Own(client) => client,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(Link::Borrowed(client)) = self.link.take()
            && *self.unsure.get_mut()
        {
            // Taken out of the pool, it is closed; the server rolls back what was open.
            drop(Object::take(client));
        }
    }
}
