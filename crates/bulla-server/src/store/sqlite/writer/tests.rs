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
            let inserted = transaction.execute("INSERT INTO notes (text) VALUES (?1)", [text])?;
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
