//! The one thread that writes: it takes all waiting jobs, runs each in a savepoint, and commits them together.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use bulla_core::store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;
use crate::queue::Queue;

/// More are refused: what waits longer than a client does is wasted.
const QUEUE: usize = 8192;

/// Bounds how long the first job of a group waits for the last one.
const GROUP: usize = 512;

pub(super) struct Writer {
    queue: Arc<Queue<Box<dyn Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(QUEUE));
        let jobs = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name("bulla-writer".into())
            .spawn(move || work(&connection, &jobs))?;
        Ok(Self {
            queue,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs the job in a transaction; what it gives comes back after the commit. It has no effect if
    /// it fails. A caller that goes away meanwhile does not stop it.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Task {
            work: Some(work),
            outcome: None,
            reply,
        };
        self.queue
            .try_push(Box::new(job))
            .map_err(super::readers::refused)?;
        answer
            .await
            .unwrap_or_else(|_| Err(super::readers::stopped()))
    }

    pub(super) fn close(&self) {
        self.queue.close();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // A panicked writer has told its callers already: their answers were dropped.
        drop(thread.map(JoinHandle::join));
    }
}

trait Job: Send {
    /// Does the work inside an open savepoint; `false` if the savepoint must be rolled back.
    fn run(&mut self, connection: &Connection) -> bool;
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
    W: FnOnce(&Connection) -> Result<T, Fault> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        // After a failed commit even a refusal is void: it may rest on what another job of the group wrote.
        let answer = match (failed, self.outcome) {
            (None, Some(outcome)) => outcome.map_err(StoreError::from),
            (None, None) => Err(super::readers::stopped()),
            (Some(reason), _) => Err(StoreError::Unavailable(reason.into())),
        };
        drop(self.reply.send(answer));
    }
}

fn work(connection: &Connection, queue: &Queue<Box<dyn Job>>) {
    let mut group = Vec::new();
    while queue.pop_many(GROUP, &mut group) {
        let failed = commit(connection, &mut group).err().map(|fault| {
            let reason = StoreError::from(fault).to_string();
            tracing::error!(jobs = group.len(), reason, "the store could not commit");
            reason
        });
        for job in group.drain(..) {
            job.answer(failed.as_deref());
        }
    }
}

fn commit(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    let result = run_group(connection, group);
    if result.is_err() && !connection.is_autocommit() {
        run(connection, "ROLLBACK")?;
    }
    result
}

fn run_group(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    run(connection, "BEGIN IMMEDIATE")?;
    for job in group {
        run(connection, "SAVEPOINT job")?;
        let keep = job.run(connection);
        if !keep {
            // After a full disk, say, SQLite has rolled back the whole transaction by itself.
            if connection.is_autocommit() {
                return Err(Fault::Sqlite(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
                    Some("a job of the group ended the transaction".into()),
                )));
            }
            run(connection, "ROLLBACK TO job")?;
        }
        run(connection, "RELEASE job")?;
    }
    run(connection, "COMMIT")
}

fn run(connection: &Connection, statement: &str) -> Result<(), Fault> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = oneshot::Receiver<Result<usize, StoreError>>;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE notes (text TEXT NOT NULL UNIQUE,
                     parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
            )
            .unwrap();
        connection
    }

    fn job(statements: &'static [&'static str]) -> (Box<dyn Job>, Answer) {
        let (reply, answer) = oneshot::channel();
        let work = move |connection: &Connection| {
            let run = |statement: &&str| connection.execute(statement, []);
            let rows: Result<Vec<usize>, _> = statements.iter().map(run).collect();
            Ok(rows?.into_iter().sum())
        };
        let task = Task {
            work: Some(work),
            outcome: None,
            reply,
        };
        (Box::new(task), answer)
    }

    /// Runs the jobs as one group, and returns their answers.
    fn group(
        connection: &Connection,
        jobs: &[&'static [&'static str]],
    ) -> Vec<Result<usize, StoreError>> {
        let queue = Queue::new(QUEUE);
        let mut answers = Vec::new();
        for statements in jobs {
            let (job, answer) = job(statements);
            queue.try_push(job).unwrap();
            answers.push(answer);
        }
        queue.close();
        work(connection, &queue);
        answers
            .iter_mut()
            .map(|answer| answer.try_recv().unwrap())
            .collect()
    }

    fn notes(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT text FROM notes ORDER BY text")
            .unwrap();
        statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    #[test]
    fn a_job_that_fails_is_undone_alone() {
        let connection = connection();
        let answers = group(
            &connection,
            &[
                &["INSERT INTO notes (text) VALUES ('a')"],
                &[
                    "INSERT INTO notes (text) VALUES ('half')",
                    "INSERT INTO notes (text) VALUES ('a')",
                ],
                &["INSERT INTO notes (text) VALUES ('b')"],
            ],
        );
        assert!(
            matches!(answers[..], [Ok(1), Err(StoreError::Unavailable(_)), Ok(1)]),
            "{answers:?}"
        );
        assert_eq!(notes(&connection), ["a", "b"]);
    }

    #[test]
    fn a_commit_that_fails_fails_the_whole_group_and_not_the_next() {
        let connection = connection();
        let answers = group(
            &connection,
            &[
                &["INSERT INTO notes (text) VALUES ('a')"],
                &["INSERT INTO notes (text, parent) VALUES ('orphan', 7)"],
            ],
        );
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        assert_eq!(notes(&connection), [""; 0]);
        let answers = group(&connection, &[&["INSERT INTO notes (text) VALUES ('b')"]]);
        assert!(matches!(answers[..], [Ok(1)]), "{answers:?}");
        assert_eq!(notes(&connection), ["b"]);
    }

    #[test]
    fn a_full_disk_is_unavailable_and_passes() {
        let connection = connection();
        let pages: u32 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        let limit = |pages: u32| {
            connection
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .unwrap();
        };
        limit(pages);
        let large: &[_] = &["INSERT INTO notes (text) SELECT hex(zeroblob(100000))"];
        let answers = group(&connection, &[large]);
        assert!(
            matches!(answers[..], [Err(StoreError::Unavailable(_))]),
            "{answers:?}"
        );
        limit(1000);
        assert!(matches!(group(&connection, &[large])[..], [Ok(1)]));
    }

    #[test]
    fn a_transaction_that_a_job_loses_is_lost_for_its_group() {
        let connection = connection();
        let answers = group(
            &connection,
            &[
                &["INSERT INTO notes (text) VALUES ('a')"],
                &["ROLLBACK", "INSERT INTO no_such_table VALUES (1)"],
                &["INSERT INTO notes (text) VALUES ('b')"],
            ],
        );
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        assert_eq!(notes(&connection), [""; 0]);
    }
}
