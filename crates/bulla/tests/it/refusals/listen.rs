//! Ports and folders that cannot be had.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use crate::harness::Folder;

#[test]
fn a_port_in_use() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", &address)
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
        .refused(&[&address, "in use", "listen.public"]);
    folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", &address)
        .refused(&[&address, "in use", "listen.admin"]);
    assert!(
        !folder.exists("bulla-data"),
        "a start that was refused made files"
    );
}

#[test]
fn a_data_folder_that_is_a_file() {
    let folder = Folder::new();
    folder.write("bulla-data", "precious");
    let serve = folder.bulla(&["serve"]);
    serve
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
        .refused(&["bulla-data"]);
    assert_eq!(folder.read("bulla-data"), b"precious");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = Folder::new();
    let serve = folder.bulla_without_privileges(&["serve"]);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    serve
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
        .refused(&["bulla-data", "ermission denied"]);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(!folder.exists("bulla-data"));
}
