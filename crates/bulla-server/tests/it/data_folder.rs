//! The data folder: made once, held once, never overwritten.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use bulla_core::key::wrap::MasterKey;
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use bulla_server::data_folder::{
    DataFolder, DataFolderError, DatabaseAtRest, MasterKeyError, MasterKeySource,
};
use bulla_test::SeededEntropy;
use tempfile::TempDir;
use zeroize::Zeroizing;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn folder() -> (TempDir, DataFolder) {
    let root = tempfile::tempdir().unwrap();
    let folder = DataFolder::open(&root.path().join("bulla-data")).unwrap();
    (root, folder)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn key(folder: &DataFolder, source: &MasterKeySource) -> Result<MasterKey, MasterKeyError> {
    let database = DatabaseAtRest::file(&database(folder))?;
    folder.master_key(source, &database, &SeededEntropy::default())
}

/// What only the same key unwraps.
fn wrapped(key: &MasterKey) -> Vec<u8> {
    key.wrap(
        &KeyId::new("kid").unwrap(),
        Algorithm::Es256,
        b"private",
        [7; 12],
    )
}

fn database(folder: &DataFolder) -> PathBuf {
    folder.path().join("bulla.db")
}

fn names(folder: &DataFolder) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn it_is_made_for_its_owner_alone_with_the_folders_above_it() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("deep/bulla-data");
    let folder = DataFolder::open(&path).unwrap();
    assert_eq!((folder.path(), mode(&path)), (path.as_path(), 0o700));
    assert_eq!(folder.admin_socket(), path.join("admin.sock"));
}

#[test]
fn a_folder_that_was_open_to_others_is_closed_to_them() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla-data");
    for wider in [0o755, 0o701, 0o777, 0o700] {
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(wider)).unwrap();
        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(mode(folder.path()), 0o700);
    }
}

#[test]
fn a_folder_that_is_in_use_keeps_its_mode() {
    let (_root, folder) = folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
    DataFolder::open(folder.path()).unwrap_err();
    assert_eq!(mode(folder.path()), 0o750);
}

#[test]
fn the_second_process_is_refused_until_the_first_has_gone() {
    let (_root, first) = folder();
    let path = first.path().to_owned();
    let refused = DataFolder::open(&path).unwrap_err();
    assert!(
        matches!(refused, DataFolderError::InUse { .. }),
        "{refused}"
    );
    drop(first);
    DataFolder::open(&path).unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_is_refused_by_its_name() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for path in [
        file.clone(),
        file.join("bulla-data"),
        "/proc/bulla-data".into(),
    ] {
        let refused = DataFolder::open(&path).unwrap_err();
        assert!(
            matches!(refused, DataFolderError::Inaccessible { .. }),
            "{refused}"
        );
        assert!(
            refused.to_string().contains(path.to_str().unwrap()),
            "{refused}"
        );
    }
    assert_eq!(fs::read(&file).unwrap(), b"in the way");
}

#[test]
fn the_first_start_makes_a_key_that_the_next_one_reads() {
    let (_root, folder) = folder();
    let made = key(&folder, &MasterKeySource::DataFolder).unwrap();
    let path = folder.path().join("master.key");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(names(&folder), ["lock", "master.key"]);
    let text = fs::read(&path).unwrap();
    let read = key(&folder, &MasterKeySource::DataFolder).unwrap();
    assert_eq!(wrapped(&made), wrapped(&read));
    assert_eq!(fs::read(&path).unwrap(), text);
}

#[test]
fn a_draft_of_a_start_that_was_killed_is_no_key() {
    let (_root, folder) = folder();
    fs::write(folder.path().join("master.key.new"), "AAEC").unwrap();
    key(&folder, &MasterKeySource::DataFolder).unwrap();
    assert_eq!(names(&folder), ["lock", "master.key"]);
}

#[test]
fn a_database_without_its_key_is_refused_and_no_key_is_made() {
    let (_root, folder) = folder();
    fs::write(database(&folder), "a database").unwrap();
    let refused = key(&folder, &MasterKeySource::DataFolder).unwrap_err();
    assert!(
        matches!(refused, MasterKeyError::Missing { .. }),
        "{refused}"
    );
    assert_eq!(names(&folder), ["bulla.db", "lock"]);
    fs::write(folder.path().join("master.key"), KEY).unwrap();
    key(&folder, &MasterKeySource::DataFolder).unwrap();
}

#[test]
fn a_key_that_is_only_unreachable_is_not_replaced() {
    let (root, folder) = folder();
    symlink(
        root.path().join("unmounted"),
        folder.path().join("master.key"),
    )
    .unwrap();
    let refused = key(&folder, &MasterKeySource::DataFolder).unwrap_err();
    assert!(
        matches!(refused, MasterKeyError::Inaccessible { .. }),
        "{refused}"
    );
}

#[test]
fn a_damaged_key_is_refused_untouched_and_never_shown() {
    let (_root, folder) = folder();
    let path = folder.path().join("master.key");
    let long = "A".repeat(1000);
    for damaged in [
        "",
        "canary",
        &KEY[1..],
        &format!("{KEY}A"),
        &KEY.replace('A', "="),
        &long,
        "\u{e9}",
    ] {
        fs::write(&path, damaged).unwrap();
        let refused = key(&folder, &MasterKeySource::DataFolder).unwrap_err();
        assert!(
            matches!(refused, MasterKeyError::Malformed { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("master.key"), "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
    fs::write(&path, format!("{KEY}\n")).unwrap();
    key(&folder, &MasterKeySource::DataFolder).unwrap();
}

#[test]
fn a_key_of_ones_own_comes_as_text_or_file_and_none_is_made() {
    let (root, folder) = folder();
    fs::write(database(&folder), "a database").unwrap();
    let file = root.path().join("key");
    fs::write(&file, format!("{KEY}\n")).unwrap();
    let text = key(
        &folder,
        &MasterKeySource::Text(Zeroizing::new(KEY.to_owned())),
    )
    .unwrap();
    let read = key(&folder, &MasterKeySource::File(file.clone())).unwrap();
    assert_eq!(wrapped(&text), wrapped(&read));
    fs::remove_file(&file).unwrap();
    assert!(key(&folder, &MasterKeySource::File(file)).is_err());
    assert_eq!(names(&folder), ["bulla.db", "lock"]);
}

#[test]
fn the_environment_says_where_the_key_is() {
    let source = |variables: &[(&str, &str)]| {
        let own = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        MasterKeySource::from_environment(&own.collect::<Vec<_>>())
    };
    let text = MasterKeySource::Text(Zeroizing::new(KEY.to_owned()));
    assert_eq!(
        source(&[("HOME", "/")]).unwrap(),
        MasterKeySource::DataFolder
    );
    assert_eq!(source(&[("BULLA_MASTER_KEY", KEY)]).unwrap(), text);
    assert_eq!(
        source(&[("BULLA_MASTER_KEY_FILE", "/k")]).unwrap(),
        MasterKeySource::File("/k".into())
    );
    assert!(source(&[("BULLA_MASTER_KEY", KEY), ("BULLA_MASTER_KEY_FILE", "/k")]).is_err());
    assert!(!format!("{text:?}").contains(KEY));
}
