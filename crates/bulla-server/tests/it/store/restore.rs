//! A restore that is killed leaves the database of before or the restored one, whole, whenever it was.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulla_core::{
    audit::{AuditFilter, AuditKind},
    ids::AccountId,
    key::wrap::MasterKey,
    store::{AccountStore, AuditStore, SessionStore},
};
use bulla_jose::{base64url, jwa::Algorithm};
use bulla_server::{
    backup::{
        BackupFile, BackupSource, Kept, RestoreError, RestoreTarget, Restored, Snapshot, Step,
        restore,
    },
    data_folder::{DataFolder, MasterKeySource},
    issuer::{OperatingSystemEntropy, SystemClock},
};
use bulla_test::builders;
use zeroize::Zeroizing;

use super::{add, at, open};
use crate::app;

const KEY: [u8; 32] = [7; 32];

/// A folder as a killed process left it, with a log that was not folded in, and a backup from before its last account.
async fn killed(root: &Path) -> PathBuf {
    let working = root.join("working");
    fs::create_dir(&working).unwrap();
    let database = working.join("bulla.db");
    let store = open(&database);
    add(&store, "alice", 1).await;
    store.close();
    let source = BackupSource {
        database: &database,
        master_key: &MasterKey::from_bytes(Zeroizing::new(KEY)),
        with_key: false,
        now: at(0),
    };
    let snapshot = Snapshot::take(&source, root).unwrap();
    let file = BackupFile::at(&root.join("a.backup"), false).unwrap();
    snapshot.save(&file).unwrap();
    let store = open(&database);
    add(&store, "bob", 2).await;
    let killed = root.join("killed");
    copy(&working, &killed);
    let log = fs::metadata(killed.join("bulla.db-wal")).unwrap();
    assert!(log.len() > 0, "the test has tried nothing");
    killed
}

/// The files as a kill at this moment would leave them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

async fn restored(
    backup: &[u8],
    folder: &Path,
    told: impl FnMut(Step),
) -> Result<Restored, RestoreError> {
    let target = RestoreTarget {
        database: &folder.join("bulla.db"),
        folder: &DataFolder::open(folder).unwrap(),
        master_key: &MasterKeySource::Text(Zeroizing::new(base64url::encode(&KEY))),
        settings: &app::settings(Algorithm::Es256),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OperatingSystemEntropy),
    };
    restore(backup, &target, Kept::Nothing, told).await
}

/// Whether the database is the one of before, or the restored one; it must be all of one of them.
async fn is_of_before(database: &Path) -> bool {
    let store = open(database);
    let there = async |id: &AccountId| store.account(id).await.unwrap().is_some();
    assert!(there(&builders::account_id("alice")).await);
    let bob = there(&builders::account_id("bob")).await;
    let (session, _) = store
        .session(builders::session_id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.ended.is_none(), bob);
    let filter = AuditFilter {
        kind: Some(AuditKind::StoreRestored),
        ..AuditFilter::default()
    };
    let events = store.audit_events(&filter, 9).await.unwrap();
    assert_eq!(events.is_empty(), bob);
    let version = store.refresh_key_version().await.unwrap();
    assert_eq!(version.number() == 1, bob);
    store.close();
    bob
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_one_of_two_databases_and_can_be_done_again() {
    let root = tempfile::tempdir().unwrap();
    let folder = killed(root.path()).await;
    let backup = fs::read(root.path().join("a.backup")).unwrap();
    let mut steps = Vec::new();
    let done = restored(&backup, &folder, |step| {
        copy(&folder, &root.path().join(format!("{step:?}")));
        steps.push(step);
    });
    let done = done.await.unwrap();
    use Step::{Changed, Examined, KeptAside, Received, Replaced};
    assert_eq!(steps, [Received, Examined, Changed, KeptAside, Replaced]);
    assert!(!is_of_before(&folder.join("bulla.db")).await);
    // What was in the log is in the database that was kept.
    assert!(is_of_before(&done.aside.unwrap()).await);
    for step in steps {
        let folder = root.path().join(format!("{step:?}"));
        let before = is_of_before(&folder.join("bulla.db")).await;
        assert_eq!(before, step != Step::Replaced, "{step:?}");
        restored(&backup, &folder, |_| {}).await.unwrap();
        assert!(!is_of_before(&folder.join("bulla.db")).await, "{step:?}");
    }
}

#[tokio::test]
async fn a_backup_that_is_refused_leaves_nothing_behind() {
    let root = tempfile::tempdir().unwrap();
    let folder = killed(root.path()).await;
    let mut backup = fs::read(root.path().join("a.backup")).unwrap();
    backup.pop();
    let refused = restored(&backup, &folder, |step| unreachable!("{step:?}")).await;
    assert_eq!(refused.unwrap_err().code(), "backup_damaged");
    assert!(!folder.join("bulla.db.restoring").exists());
    assert!(is_of_before(&folder.join("bulla.db")).await);
}
