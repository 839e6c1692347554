//! The one thread that writes: it takes all waiting jobs, runs each in a savepoint, commits them
//! together, and publishes what they revoked before it answers them.

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

#[cfg(test)]
mod tests {
    use bulla_test::RecordedRevocations;

    use super::*;

    type Answer = oneshot::Receiver<Result<usize, StoreError>>;

    fn committer() -> Committer {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE notes (text TEXT NOT NULL UNIQUE,
                     parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
            )
            .unwrap();
        Committer::new(connection, Arc::new(RecordedRevocations::default()))
    }

    fn job(statements: &'static [&'static str]) -> (Box<dyn Job>, Answer) {
        let (reply, answer) = oneshot::channel();
        let work = move |connection: &mut Transaction<'_>| {
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
        committer: &mut Committer,
        jobs: &[&'static [&'static str]],
    ) -> Vec<Result<usize, StoreError>> {
        let (mut group, mut answers): (Vec<_>, Vec<Answer>) =
            jobs.iter().map(|statements| job(statements)).unzip();
        committer.work(&mut group);
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
        let mut committer = committer();
        let answers = group(
            &mut committer,
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
        assert_eq!(notes(&committer.connection), ["a", "b"]);
    }

    #[test]
    fn a_job_that_is_alone_is_undone_whole_and_leaves_nothing_open() {
        let mut committer = committer();
        let answers = group(
            &mut committer,
            &[&[
                "INSERT INTO notes (text) VALUES ('half')",
                "INSERT INTO notes (text) VALUES ('half')",
            ]],
        );
        assert!(
            matches!(answers[..], [Err(StoreError::Unavailable(_))]),
            "{answers:?}"
        );
        assert!(committer.connection.is_autocommit());
        let answers = group(
            &mut committer,
            &[&["INSERT INTO notes (text) VALUES ('a')"]],
        );
        assert!(matches!(answers[..], [Ok(1)]), "{answers:?}");
        assert_eq!(notes(&committer.connection), ["a"]);
    }

    #[test]
    fn a_commit_that_fails_fails_the_whole_group_and_not_the_next() {
        let mut committer = committer();
        let answers = group(
            &mut committer,
            &[
                &["INSERT INTO notes (text) VALUES ('a')"],
                &["INSERT INTO notes (text, parent) VALUES ('orphan', 7)"],
            ],
        );
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        assert_eq!(notes(&committer.connection), [""; 0]);
        let answers = group(
            &mut committer,
            &[&["INSERT INTO notes (text) VALUES ('b')"]],
        );
        assert!(matches!(answers[..], [Ok(1)]), "{answers:?}");
        assert_eq!(notes(&committer.connection), ["b"]);
    }

    #[test]
    fn a_full_disk_is_unavailable_and_passes() {
        let mut committer = committer();
        let pages: u32 = committer
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        let limit = |committer: &Committer, pages: u32| {
            committer
                .connection
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .unwrap();
        };
        limit(&committer, pages);
        let large: &[_] = &["INSERT INTO notes (text) SELECT hex(zeroblob(100000))"];
        let answers = group(&mut committer, &[large]);
        assert!(
            matches!(answers[..], [Err(StoreError::Unavailable(_))]),
            "{answers:?}"
        );
        limit(&committer, 1000);
        assert!(matches!(group(&mut committer, &[large])[..], [Ok(1)]));
    }

    #[test]
    fn a_transaction_that_a_job_loses_is_lost_for_its_group() {
        let mut committer = committer();
        let answers = group(
            &mut committer,
            &[
                &["INSERT INTO notes (text) VALUES ('a')"],
                &["ROLLBACK", "INSERT INTO no_such_table VALUES (1)"],
                &["INSERT INTO notes (text) VALUES ('b')"],
            ],
        );
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        assert_eq!(notes(&committer.connection), [""; 0]);
    }

    #[test]
    fn a_panic_fails_its_group_and_the_next_group_is_committed() {
        let committer = committer();
        let workers = Workers::start("test", QUEUE, [committer]).unwrap();
        let writer = Writer(workers);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let insert = |text: &'static str| {
            writer.run(move |transaction| {
                let inserted =
                    transaction.execute("INSERT INTO notes (text) VALUES (?1)", [text])?;
                assert!(text != "half", "told to panic");
                Ok(inserted)
            })
        };
        let refused = runtime.block_on(insert("half"));
        assert!(
            matches!(refused, Err(StoreError::Unavailable(_))),
            "{refused:?}"
        );
        assert!(matches!(runtime.block_on(insert("a")), Ok(1)));
        let found = runtime.block_on(writer.run(|transaction| Ok(notes(transaction))));
        assert_eq!(found.unwrap(), ["a"]);
    }

    /// Panics the first time.
    struct Moody {
        panicked: std::sync::atomic::AtomicBool,
        published: RecordedRevocations,
    }

    impl RevocationSink for Moody {
        fn publish(&self, records: &[RevocationRecord]) {
            let again = self
                .panicked
                .swap(true, std::sync::atomic::Ordering::SeqCst);
            assert!(again, "told to panic");
            self.published.publish(records);
        }
    }

    #[test]
    fn what_a_sink_that_panicked_has_missed_comes_with_the_next_commit() {
        let sink = Arc::new(Moody {
            panicked: false.into(),
            published: RecordedRevocations::default(),
        });
        let mut committer = Committer::new(committer().connection, sink.clone());
        committer.unpublished.push(RevocationRecord {
            sequence: 1,
            target: bulla_core::revocation::RevocationTarget::Session(
                bulla_test::builders::session_id(1),
            ),
            until: bulla_core::time::Timestamp::from_millis(1),
        });
        let writer = Writer(Workers::start("test", QUEUE, [committer]).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let first = runtime.block_on(writer.run(|_| Ok(())));
        assert!(first.is_err(), "nobody is told that it is revoked");
        runtime.block_on(writer.run(|_| Ok(()))).unwrap();
        assert!(
            sink.published
                .hits_session(bulla_test::builders::session_id(1))
        );
    }
}
