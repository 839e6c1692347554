//! The one thread that writes: it takes all waiting jobs, runs each in a savepoint, commits them
//! together, and publishes what they revoked before it answers them.

#[cfg(test)]
mod tests;

use std::{io, sync::Arc};

use bulla_core::{ports::RevocationSink, revocation::RevocationRecord, store::StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    fault::Fault,
    readers::{dropped, refused},
    transaction::Transaction,
};
use crate::workers::{Work, Workers};

/// More are refused: what waits longer than a client does is wasted.
const QUEUE: usize = 8192;

/// Bounds how long the first job of a group waits for the last one.
const GROUP: usize = 512;

pub(super) struct Writer(Workers<Box<dyn Job>>);

impl Writer {
    pub(super) fn start(connection: Connection, sink: Arc<dyn RevocationSink>) -> io::Result<Self> {
        let committer = Committer::new(connection, sink);
        Workers::start("bulla-writer", QUEUE, [committer]).map(Self)
    }

    /// Runs the job in a transaction; what it gives comes back after the commit, and after what it
    /// revoked was published. It has no effect if it fails. A caller that goes away meanwhile does
    /// not stop it.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Task {
            work: Some(work),
            outcome: None,
            reply,
        };
        self.0.submit(Box::new(job)).map_err(refused)?;
        answer.await.unwrap_or_else(|_| Err(dropped()))
    }

    pub(super) fn close(&self) {
        self.0.close();
    }
}

trait Job: Send {
    /// Does the work inside an open savepoint; `false` if the savepoint must be rolled back.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> bool;
    /// Tells the caller, once the group was committed, or for this reason was not.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

struct Task<W, T> {
    work: Option<W>,
    outcome: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<W, T> Job for Task<W, T>
where
    T: Send,
    W: FnOnce(&mut Transaction<'_>) -> Result<T, Fault> + Send,
{
    fn run(&mut self, transaction: &mut Transaction<'_>) -> bool {
        self.outcome = self.work.take().map(|work| work(transaction));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        // After a failed commit even a refusal is void: it may rest on what another job of the group wrote.
        let answer = match (failed, self.outcome) {
            (None, Some(outcome)) => outcome.map_err(StoreError::from),
            (None, None) => Err(dropped()),
            (Some(reason), _) => Err(StoreError::Unavailable(reason.into())),
        };
        drop(self.reply.send(answer));
    }
}

/// The writer's thread.
struct Committer {
    connection: Connection,
    sink: Arc<dyn RevocationSink>,
    /// Committed, and not yet in the sink: empty but for a sink that panicked the last time.
    unpublished: Vec<RevocationRecord>,
}

impl Committer {
    const fn new(connection: Connection, sink: Arc<dyn RevocationSink>) -> Self {
        Self {
            connection,
            sink,
            unpublished: Vec::new(),
        }
    }

    fn commit(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
        self.roll_back()?;
        match run_group(&self.connection, group) {
            Ok(revoked) => {
                self.unpublished.extend(revoked);
                Ok(())
            }
            Err(fault) => {
                self.roll_back()?;
                Err(fault)
            }
        }
    }

    /// Ends the transaction that is still open after a fault, or after the panic of a job.
    fn roll_back(&self) -> Result<(), Fault> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        run(&self.connection, "ROLLBACK")
    }

    fn publish(&mut self) {
        if !self.unpublished.is_empty() {
            self.sink.publish(&self.unpublished);
            self.unpublished.clear();
        }
    }
}

impl Work<Box<dyn Job>> for Committer {
    const AT_ONCE: usize = GROUP;

    fn work(&mut self, group: &mut Vec<Box<dyn Job>>) {
        let failed = self.commit(group).err().map(|fault| {
            let reason = StoreError::from(fault).to_string();
            tracing::error!(jobs = group.len(), reason, "the store could not commit");
            reason
        });
        // Before the answers: whoever is told that a token is dead must find it dead.
        self.publish();
        for job in group.drain(..) {
            job.answer(failed.as_deref());
        }
    }
}

/// Runs the jobs and commits them; gives what they revoked.
fn run_group(
    connection: &Connection,
    group: &mut [Box<dyn Job>],
) -> Result<Vec<RevocationRecord>, Fault> {
    run(connection, "BEGIN IMMEDIATE")?;
    let mut transaction = Transaction::on(connection);
    if let [job] = group {
        // It is undone with the whole. In a savepoint, SQLite would copy every page before it is changed.
        if !job.run(&mut transaction) {
            still_open(connection)?;
            run(connection, "ROLLBACK")?;
            return Ok(Vec::new());
        }
        run(connection, "COMMIT")?;
        return Ok(transaction.into_revoked());
    }
    for job in group {
        run(connection, "SAVEPOINT job")?;
        let mark = transaction.mark();
        if !job.run(&mut transaction) {
            still_open(connection)?;
            run(connection, "ROLLBACK TO job")?;
            transaction.back_to(mark);
        }
        run(connection, "RELEASE job")?;
    }
    run(connection, "COMMIT")?;
    Ok(transaction.into_revoked())
}

/// After a full disk, say, SQLite has rolled back the whole transaction by itself.
fn still_open(connection: &Connection) -> Result<(), Fault> {
    if !connection.is_autocommit() {
        return Ok(());
    }
    Err(Fault::Sqlite(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
        Some("a job of the group ended the transaction".into()),
    )))
}

fn run(connection: &Connection, statement: &str) -> Result<(), Fault> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
