//! A real browser: Chromium, driven by a script for Node.js.

use std::{path::Path, process::Command};

use serde_json::json;

use super::mail;
use crate::harness::{Folder, Server, session};

/// Runs the script with these arguments against the server under its name `localhost`.
#[track_caller]
fn drive(server: &Server, script: &str, arguments: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/flows/browser");
    let url = format!("http://localhost:{}", server.public.0.port());
    let driven = Command::new("node")
        .arg(folder.join(script))
        .arg(&url)
        .args(arguments)
        .output();
    let driven = driven.unwrap();
    let said = String::from_utf8_lossy(&driven.stderr);
    assert!(driven.status.success(), "{said}\n{}", server.log());
}

#[test]
fn a_page_keeps_its_session_in_cookies_that_no_other_page_can_use() {
    let folder = Folder::new();
    drive(&folder.server().start(), "cookies.mjs", &["__Host-"]);
}

#[test]
fn so_it_does_in_cookies_without_a_prefix_on_plain_loopback() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__COOKIES__PLAIN_LOOPBACK", "true");
    drive(&server.start(), "cookies.mjs", &[""]);
}

#[test]
fn the_pages_that_links_lead_to_use_them_when_their_button_is_pressed_and_not_before() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__REGISTRATION__VERIFY_EMAIL", "true")
        .start();
    let ada = "ada@example.com";
    let (chosen, new) = ("what its owner chose", "a quite different long phrase");
    let body = json!({"email": ada, "password": session::PASSWORD});
    let register = server.public.post("/auth/register").json(&body);
    register.send().expect(202);
    let verify = mail::link(&server, ada, "verify");
    drive(&server, "links.mjs", &["verify", &verify, chosen]);
    let registered_with = session::login(server.public, ada, session::PASSWORD);
    registered_with.expect_problem(401, "credentials_invalid");
    session::login(server.public, ada, chosen).expect(200);
    let forget = server.public.post("/auth/password/forgot");
    forget.json(&json!({"email": ada})).send().expect(202);
    let reset = mail::link(&server, ada, "reset");
    drive(&server, "links.mjs", &["reset", &reset, new]);
    session::login(server.public, ada, new).expect(200);
}
