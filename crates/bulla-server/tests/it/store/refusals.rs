//! Files that are not opened, and stay as they were, byte for byte.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use bulla_core::store::{AccountStore, SessionStore};
use bulla_server::store::sqlite::OpenError;
use bulla_test::builders;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{add, open, try_open};

/// A folder with a database in it that holds a few hundred accounts.
async fn database() -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = open(&path);
    for number in 0..=255 {
        add(&store, &format!("user{number}"), number).await;
    }
    (root, path)
}

/// Every file of the folder with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The refusal; the folder is as before.
fn refusal(path: &Path) -> OpenError {
    let before = files(path.parent().unwrap());
    let refused = try_open(path).unwrap_err();
    assert!(
        before == files(path.parent().unwrap()),
        "changed although refused: {refused}"
    );
    assert!(
        refused.to_string().contains(path.to_str().unwrap()),
        "{refused}"
    );
    refused
}

#[tokio::test]
async fn a_whole_database_is_accepted() {
    let (_root, path) = database().await;
    let account = open(&path)
        .account(&builders::account_id("user7"))
        .await
        .unwrap();
    assert!(account.is_some());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let (_root, path) = database().await;
    let whole = fs::read(&path).unwrap();
    let text = b"these are notes of mine, and longer than the hundred bytes that every database begins with, by far".repeat(3);
    for bytes in [
        &text,
        &b"short".to_vec(),
        &whole[1..].to_vec(),
        &whole[..50].to_vec(),
    ] {
        fs::write(&path, bytes).unwrap();
        let refused = refusal(&path);
        assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    }
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    for journal in ["DELETE", "WAL"] {
        let other = Connection::open(&path).unwrap();
        other.pragma_update(None, "journal_mode", journal).unwrap();
        other
            .execute_batch("CREATE TABLE IF NOT EXISTS recipes (name TEXT)")
            .unwrap();
        other.close().unwrap();
        let refused = refusal(&path);
        assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    }
}

#[tokio::test]
async fn an_empty_file_is_damage_and_no_new_database() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    fs::write(&path, "").unwrap();
    let refused = refusal(&path);
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let (_root, path) = database().await;
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 20, "{pages}");
    for page in [1, 2, pages / 2, pages - 1] {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0x55);
        fs::write(&path, &damaged).unwrap();
        let refused = refusal(&path);
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let refused = refusal(&path);
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    fs::write(&path, &whole).unwrap();
    open(&path);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (_root, path) = database().await;
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.close().unwrap();
    let refused = refusal(&path);
    assert!(
        matches!(refused, OpenError::NewerSchema { found: 99, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_newer_schema_that_is_still_in_the_log_is_refused() {
    let (root, path) = database().await;
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    // A kill leaves the log unfolded: here the copy of both files stands for it.
    let killed = root.path().join("killed");
    fs::create_dir(&killed).unwrap();
    for name in ["bulla.db", "bulla.db-wal"] {
        fs::copy(root.path().join(name), killed.join(name)).unwrap();
    }
    let killed = killed.join("bulla.db");
    let before = (
        fs::read(&killed).unwrap(),
        fs::read(killed.with_extension("db-wal")).unwrap(),
    );
    let refused = try_open(&killed).unwrap_err();
    assert!(
        matches!(refused, OpenError::NewerSchema { found: 99, .. }),
        "{refused}"
    );
    let after = (
        fs::read(&killed).unwrap(),
        fs::read(killed.with_extension("db-wal")).unwrap(),
    );
    assert!(before == after);
}

#[tokio::test]
async fn a_folder_that_is_missing_or_a_file_is_refused_by_name() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for path in [
        root.path().join("missing/bulla.db"),
        file.join("bulla.db"),
        root.path().to_owned(),
    ] {
        let refused = try_open(&path).unwrap_err();
        assert!(
            matches!(refused, OpenError::Inaccessible { .. }),
            "{refused}"
        );
        assert!(
            refused.to_string().contains(path.to_str().unwrap()),
            "{refused}"
        );
    }
    assert_eq!(fs::read(&file).unwrap(), b"in the way");
}

#[tokio::test]
async fn a_log_without_its_database_is_refused() {
    let (root, path) = database().await;
    let running = open(&path);
    let step = super::step(
        &running
            .session(builders::session_id(1))
            .await
            .unwrap()
            .unwrap()
            .0,
        1,
    );
    assert!(running.advance_session(&step).await.unwrap());
    let orphan = root.path().join("orphan");
    fs::create_dir(&orphan).unwrap();
    fs::copy(
        root.path().join("bulla.db-wal"),
        orphan.join("bulla.db-wal"),
    )
    .unwrap();
    let refused = refusal(&orphan.join("bulla.db"));
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_link_to_a_database_that_is_not_there_is_not_replaced() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    std::os::unix::fs::symlink(root.path().join("unmounted.db"), &path).unwrap();
    let refused = try_open(&path).unwrap_err();
    assert!(
        matches!(refused, OpenError::Inaccessible { .. }),
        "{refused}"
    );
    assert!(path.is_symlink());
}

#[tokio::test]
async fn a_name_that_means_something_in_a_uri_is_only_a_name() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a b?mode=memory#%41.db");
    add(&open(&path), "alice", 1).await;
    let account = open(&path)
        .account(&builders::account_id("alice"))
        .await
        .unwrap();
    assert!(account.is_some());
}

#[tokio::test]
async fn a_database_that_is_open_is_refused_in_whatever_way_it_is_reached() {
    let (root, path) = database().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let running = open(&path);
    for path in [&path, &link, &root.path().join("./bulla.db")] {
        let refused = try_open(path).unwrap_err();
        assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
        assert!(
            refused
                .to_string()
                .contains("in use by another bulla process"),
            "{refused}"
        );
    }
    // Closed is closed, also while somebody still holds the store.
    running.close();
    open(&link);
    open(&path);
}

#[tokio::test]
async fn a_database_without_a_schema_is_refused() {
    let (_root, path) = database().await;
    for version in [0, -1, i32::MIN] {
        let other = Connection::open(&path).unwrap();
        other.pragma_update(None, "user_version", version).unwrap();
        other.close().unwrap();
        let refused = refusal(&path);
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        let said = refused.to_string();
        assert!(
            !said.contains("CREATE") && !said.contains('\n') && said.contains(&version.to_string()),
            "{said}"
        );
    }
}

#[tokio::test]
async fn beside_a_file_that_is_refused_no_lock_is_left() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("notes.txt");
    fs::write(&path, "these are notes of mine").unwrap();
    refusal(&path);
    assert_eq!(files(root.path()).len(), 1);
}
