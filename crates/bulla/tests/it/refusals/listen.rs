//! Ports and folders that cannot be had.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use crate::harness::{Folder, tokens::SharedSecret};

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
fn an_upstream_that_is_the_gateway_itself() {
    let folder = Folder::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = free.local_addr().unwrap();
    drop(free);
    let upstream = format!("http://localhost:{}", own.port());
    folder
        .bulla(&["serve", "--upstream", &upstream])
        .env("BULLA__LISTEN__PUBLIC", &own.to_string())
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
        .refused(&[&upstream, "Bulla itself"]);
    assert!(!folder.exists("bulla-data"));
    folder.write("keys.json", SharedSecret::new().jwk_set());
    let listen = own.to_string();
    folder
        .bulla(&[
            "gateway",
            "--jwks",
            "keys.json",
            "--issuer",
            "i",
            "--audience",
            "a",
            "--listen",
            &listen,
            "--upstream",
            &upstream,
        ])
        .refused(&[&upstream, "Bulla itself"]);
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

#[test]
fn a_database_that_a_server_of_another_folder_has_open() {
    let owner = Folder::new();
    let database = owner.path().join("shared.db");
    let url = format!("sqlite:{}", database.display());
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let server = owner
        .server()
        .env("BULLA__STORE__URL", &url)
        .env("BULLA_MASTER_KEY", key)
        .start();
    let other = Folder::new();
    for arguments in [
        &["user", "add", "ada@example.com"][..],
        &["serve"],
        &["migrate"],
    ] {
        other
            .bulla(arguments)
            .env("BULLA__STORE__URL", &url)
            .env("BULLA_MASTER_KEY", key)
            .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
            .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
            .refused(&["shared.db", "in use by another bulla process"]);
    }
    server.stop();
    other
        .bulla(&["user", "add", "ada@example.com"])
        .env("BULLA__STORE__URL", &url)
        .env("BULLA_MASTER_KEY", key)
        .succeed();
}
