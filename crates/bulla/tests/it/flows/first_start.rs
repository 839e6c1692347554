//! The first screen: what somebody sees who has only just started it.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::harness::Folder;

#[test]
fn it_says_what_to_open_what_to_do_next_and_where_the_data_lies() {
    let folder = Folder::new();
    let screen = folder.server_as(&[]).screen();
    for part in [
        "http://127.0.0.1:",
        "bulla user add you@example.com --role admin",
        "bulla-data",
        "bulla serve --upstream http://localhost:3000",
    ] {
        assert!(screen.contains(part), "{part:?} in\n{screen}");
    }
    assert!(
        screen.lines().count() <= 24,
        "more than a screen:\n{screen}"
    );
    assert!(
        screen.lines().all(|line| line.chars().count() <= 100),
        "{screen}"
    );
}

#[test]
fn the_address_it_names_shows_the_page() {
    let folder = Folder::new();
    let server = folder.server().start();
    let page = server.public.get("/").send();
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(page.text().contains("/auth/register"), "{}", page.text());
}

#[test]
fn data_and_keys_are_the_owners_alone() {
    let folder = Folder::new();
    let _server = folder.server().start();
    let mode = |name: &str| {
        fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("bulla-data"), 0o700);
    for name in [
        "bulla-data/master.key",
        "bulla-data/bulla.db",
        "bulla-data/admin.sock",
    ] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
}

#[test]
fn a_listener_that_others_can_reach_says_so() {
    let folder = Folder::new();
    let open = folder
        .server()
        .env("BULLA__LISTEN__PUBLIC", "0.0.0.0:0")
        .start();
    assert!(open.stop().contains("not encrypted"));
    let closed = folder.server().start();
    assert!(!closed.stop().contains("not encrypted"));
}

#[test]
fn a_second_server_in_the_same_folder_is_refused() {
    let folder = Folder::new();
    let _server = folder.server().start();
    folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
        .refused(&["bulla-data", "in use"]);
}
