//! `bulla user import` and `bulla user export --hashes`.
//!
//! The files under `exports/` are written as the systems document theirs. The hashes in them were made by Python's `hashlib`,
//! `bcrypt` and `argon2-cffi`, and for Firebase by `cryptography` too; its first user is the one that Firebase has published.

mod auth0;
mod bulla;
mod firebase;
mod interrupted;
mod keycloak;
mod rehearsal;
mod terminal;

use serde_json::{Value, json};

use crate::harness::{Folder, Http, folder::Finished, session};

/// Imports a file of this name with this text; the exit code must be that.
#[track_caller]
fn import(folder: &Folder, name: &str, text: &str, flags: &[&str], code: i32) -> Finished {
    folder.write(name, text);
    let arguments = [&["user", "import", name, "--json"], flags].concat();
    let finished = folder.bulla(&arguments).run();
    assert_eq!(finished.code, code, "{finished:?}");
    finished
}

/// What it says of how many there were.
#[track_caller]
fn counts(finished: &Finished) -> [u64; 4] {
    let summary = summary(finished);
    ["read", "created", "present", "skipped"].map(|name| summary[name].as_u64().unwrap())
}

#[track_caller]
fn summary(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:?}"))
}

/// The lines of a report.
fn report(folder: &Folder, name: &str) -> Vec<Value> {
    let text = String::from_utf8(folder.read(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Signs in; gives the account.
#[track_caller]
fn user_of(http: Http, email: &str, password: &str) -> Value {
    session::login(http, email, password).expect(200)["user"].clone()
}

/// What is kept of everybody.
fn exported(folder: &Folder) -> Vec<Value> {
    let printed = folder
        .bulla(&["user", "export", "--hashes"])
        .succeed()
        .stdout;
    printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A user with an address and nothing else.
fn line(email: &str) -> String {
    format!("{}\n", json!({ "email": email }))
}
