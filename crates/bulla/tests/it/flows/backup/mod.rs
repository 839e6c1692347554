//! `bulla backup`, and what it is for.

mod make;
mod restore;

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::harness::Folder;

/// Makes a backup in this folder; gives where it is.
#[track_caller]
fn back_up(folder: &Folder, name: &str) -> PathBuf {
    folder.bulla(&["backup", name, "--json"]).json();
    folder.path().join(name)
}

/// The manifest of a backup, and the database after it.
fn parts(backup: &[u8]) -> (Value, &[u8]) {
    let end = backup.iter().position(|byte| *byte == b'\n').unwrap();
    let manifest = serde_json::from_slice(&backup[..end]).unwrap();
    (manifest, &backup[end + 1..])
}

/// A folder with what a backup holds, put there by hand, and the master key of another folder.
fn by_hand(backup: &[u8], key_of: &Folder) -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("bulla-data")).unwrap();
    folder.write("bulla-data/bulla.db", parts(backup).1);
    folder.write(
        "bulla-data/master.key",
        key_of.read("bulla-data/master.key"),
    );
    folder
}
