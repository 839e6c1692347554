//! A real browser: Chromium, driven by a script for Node.js.

use std::{path::Path, process::Command};

use crate::harness::{Folder, Server};

/// Runs the script against the server under its name `localhost`.
#[track_caller]
fn drive(server: &Server, prefix: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/flows/browser/cookies.mjs");
    let url = format!("http://localhost:{}", server.public.0.port());
    let driven = Command::new("node")
        .arg(script)
        .args([&url, prefix])
        .output();
    let driven = driven.unwrap();
    let said = String::from_utf8_lossy(&driven.stderr);
    assert!(driven.status.success(), "{said}\n{}", server.log());
}

#[test]
fn a_page_keeps_its_session_in_cookies_that_no_other_page_can_use() {
    let folder = Folder::new();
    drive(&folder.server().start(), "__Host-");
}

#[test]
fn so_it_does_in_cookies_without_a_prefix_on_plain_loopback() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__COOKIES__PLAIN_LOOPBACK", "true");
    drive(&server.start(), "");
}
