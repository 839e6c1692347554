//! A damaged or missing file ends the start; what is there stays as it was, byte for byte.

use std::fs;

use crate::harness::{Folder, Session, folder::Invocation};

#[test]
fn a_database_that_is_none() {
    check("bulla.db", |_| {
        b"this is no database, but somebody's diary".repeat(300)
    });
}

#[test]
fn an_empty_database() {
    // An empty file is what a full disk leaves behind: not a new start, the key says there was one.
    let folder = with_data();
    fs::write(folder.path().join("bulla-data/bulla.db"), b"").unwrap();
    refused(&folder, "bulla.db");
}

#[test]
fn a_database_with_a_damaged_header() {
    check("bulla.db", |mut bytes| {
        bytes[..100].fill(0xff);
        bytes
    });
}

#[test]
fn a_database_with_a_damaged_page() {
    check("bulla.db", |mut bytes| {
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..middle + 4096].fill(0xa5);
        bytes
    });
}

#[test]
fn a_database_cut_short() {
    check("bulla.db", |mut bytes| {
        bytes.truncate(bytes.len() / 2);
        bytes
    });
}

#[test]
fn a_master_key_that_is_none() {
    check("master.key", |_| b"not a key\n".to_vec());
    check("master.key", |_| Vec::new());
}

#[test]
fn another_installations_master_key() {
    let other = with_data().read("bulla-data/master.key");
    check("master.key", |_| other);
}

#[test]
fn a_missing_master_key() {
    let folder = with_data();
    fs::remove_file(folder.path().join("bulla-data/master.key")).unwrap();
    refused(&folder, "master.key");
    assert!(
        !folder.exists("bulla-data/master.key"),
        "a new key would lock the old data out"
    );
}

/// Damages one file and expects that it is named, by the server and by commands alike; put right
/// again, the server starts.
fn check(name: &str, damage: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let folder = with_data();
    let path = folder.path().join("bulla-data").join(name);
    let good = fs::read(&path).unwrap();
    fs::write(&path, damage(good.clone())).unwrap();
    refused(&folder, name);
    fs::write(&path, good).unwrap();
    let server = folder.server().start();
    Session::login(server.public, "ada@example.com");
}

fn refused(folder: &Folder, name: &str) {
    let before = folder.data();
    serve(folder).refused(&[name]);
    assert_eq!(folder.data(), before);
    folder.bulla(&["user", "list"]).refused(&[name]);
    assert_eq!(folder.data(), before);
}

fn serve(folder: &Folder) -> Invocation {
    folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
}

fn with_data() -> Folder {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    server.stop();
    folder
}

#[test]
fn a_database_without_a_schema() {
    // The file's header: a big-endian number at its 60th byte.
    for version in [0_i32, -1] {
        check("bulla.db", |mut bytes| {
            bytes[60..64].copy_from_slice(&version.to_be_bytes());
            bytes
        });
    }
}

#[test]
fn a_file_in_the_place_of_the_admin_socket() {
    let folder = with_data();
    folder.write("bulla-data/admin.sock", "precious");
    serve(&folder).refused(&["admin.sock", "no socket"]);
    assert_eq!(folder.read("bulla-data/admin.sock"), b"precious");
    fs::remove_file(folder.path().join("bulla-data/admin.sock")).unwrap();
    folder.server().start();
}

#[test]
fn a_missing_database_is_no_reason_not_to_start_but_it_is_said() {
    const SAID: &str = "the master key is there, but its database is missing";
    // A killed first start leaves just a key, too.
    let folder = with_data();
    assert!(!folder.server().start().stop().contains(SAID));
    fs::remove_file(folder.path().join("bulla-data/bulla.db")).unwrap();
    assert!(folder.server().start().stop().contains(SAID));
}
