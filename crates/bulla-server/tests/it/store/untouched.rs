//! What `bulla doctor` makes of a database, without touching it.

use std::{fs, fs::File, path::Path, sync::Arc, time::Duration};

use bulla_core::store::Store;
use bulla_server::{
    config,
    doctor::{self, Check, Code, Report},
    store::sqlite::UntouchedDatabase,
};

use super::{add, at, open};

/// A database with an account, closed.
async fn closed(path: &Path) {
    let store = open(path);
    add(&store, "ada", 1).await;
    store.close();
}

async fn codes(check: Check) -> Vec<Code> {
    let Report { areas, .. } = doctor::examine(vec![check]).await;
    let findings = areas.iter().flat_map(|area| &area.findings);
    findings.map(|finding| finding.code).collect()
}

fn change(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn kept(path: &Path) -> config::Store {
    config::Store::Sqlite {
        path: path.to_owned(),
    }
}

#[tokio::test]
async fn a_whole_one_of_this_version_is_as_it_should_be_and_stays_so() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    assert_eq!(
        codes(doctor::store_at_rest(&kept(&path))).await,
        [Code::StoreMissing]
    );
    closed(&path).await;
    let before = fs::read(&path).unwrap();
    assert_eq!(codes(doctor::store_at_rest(&kept(&path))).await, []);
    assert_eq!(fs::read(&path).unwrap(), before);
    let mut database = UntouchedDatabase::at_rest(&path).unwrap().unwrap();
    assert_eq!(database.last_recorded().unwrap(), Some(at(0)));
    assert!(database.check(Duration::MAX).unwrap());
}

#[tokio::test]
async fn an_older_one_is_brought_up_to_date_later_and_a_newer_one_never() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    closed(&path).await;
    let newest = rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        .unwrap();
    change(&path, &format!("PRAGMA user_version = {}", newest - 1));
    assert_eq!(
        codes(doctor::store_at_rest(&kept(&path))).await,
        [Code::StoreOlder]
    );
    change(&path, &format!("PRAGMA user_version = {}", newest + 1));
    assert_eq!(
        codes(doctor::store_at_rest(&kept(&path))).await,
        [Code::StoreUnusable]
    );
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_told() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    fs::write(&path, "a letter to a friend").unwrap();
    assert_eq!(
        codes(doctor::store_at_rest(&kept(&path))).await,
        [Code::StoreUnusable]
    );
}

#[tokio::test]
async fn a_log_that_is_never_folded_in_is_told() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    closed(&path).await;
    let log = File::create(root.path().join("bulla.db-wal")).unwrap();
    log.set_len((256 << 20) + 1).unwrap();
    assert_eq!(
        codes(doctor::store_at_rest(&kept(&path))).await,
        [Code::StoreLogLarge]
    );
}

#[tokio::test]
async fn what_is_too_large_to_be_read_in_time_is_left() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    closed(&path).await;
    let rows = "INSERT INTO revocations (kind, key, until) \
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT 'jti', CAST(i AS BLOB), 0 FROM n";
    change(&path, rows);
    let mut database = UntouchedDatabase::at_rest(&path).unwrap().unwrap();
    assert!(!database.check(Duration::ZERO).unwrap());
    assert!(database.check(Duration::MAX).unwrap());
}

#[tokio::test]
async fn a_store_that_runs_is_asked_and_looked_at() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = Arc::new(open(&path));
    add(&store, "ada", 1).await;
    let running = || doctor::running_store(Arc::clone(&store) as Arc<dyn Store>, &kept(&path));
    assert_eq!(codes(running()).await, []);
    // The look took no lock away: the store goes on.
    add(&store, "eve", 2).await;
    store.close();
    assert_eq!(codes(running()).await, [Code::StoreUnavailable]);
}
