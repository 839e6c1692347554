//! Making a backup.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::json;

use super::{back_up, by_hand, parts};
use crate::harness::{Engine, Folder, Http, Session, poll};

fn accounts(folder: &Folder) -> Vec<String> {
    let list = folder.bulla(&["user", "list", "--json"]).json();
    let users = list["users"].as_array().unwrap().iter();
    let mut emails: Vec<_> = users
        .map(|user| user["email"].as_str().unwrap().to_owned())
        .collect();
    emails.sort_unstable();
    emails
}

#[test]
fn it_is_whole_and_private_and_replaces_nothing() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    let report = folder.bulla(&["backup", "one.backup", "--json"]).json();
    let made = folder.path().join("one.backup");
    assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = folder.read("one.backup");
    let (manifest, database) = parts(&bytes);
    assert_eq!(manifest["bulla_backup"], 1);
    assert_eq!(manifest["database"]["bytes"], database.len());
    assert_eq!(manifest["database"]["sha256"], report["database_sha256"]);
    assert_eq!(report["with_key"], false);

    Session::register(server.public, "bob@example.com");
    folder
        .bulla(&["backup", "one.backup"])
        .refused(&["one.backup exists already", "--force"]);
    assert_eq!(folder.read("one.backup"), bytes);
    folder.bulla(&["backup", "one.backup", "--force"]).succeed();
    assert_ne!(folder.read("one.backup"), bytes);

    // Nothing is left beside it, and the server goes on.
    let names = fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.ends_with(".log")).collect();
    names.sort_unstable();
    assert_eq!(names, ["bulla-data", "one.backup"]);
    Session::login(server.public, "bob@example.com");
    server.stop();

    let old = by_hand(&bytes, &folder);
    assert_eq!(accounts(&old), ["ada@example.com"]);
    let new = by_hand(&folder.read("one.backup"), &folder);
    assert_eq!(accounts(&new), ["ada@example.com", "bob@example.com"]);
}

#[test]
fn it_goes_to_standard_output_as_it_goes_into_a_file() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    server.stop();
    let out = folder.path().join("piped.backup");
    let script = format!(
        "{} backup - --json > {}",
        crate::harness::folder::BULLA,
        out.display()
    );
    let status = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(
        accounts(&by_hand(&folder.read("piped.backup"), &folder)),
        ["ada@example.com"]
    );
    let left = folder.data();
    let mut left = left.keys().map(|path| path.display().to_string());
    assert!(left.all(|path| !path.contains("backup")));
}

#[test]
fn under_load_it_holds_all_that_was_acknowledged_before() {
    const CLIENTS: usize = 4;
    const BACKUPS: usize = 4;
    let folder = Folder::new();
    let server = folder.server().start();
    let public = server.public;
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (stop, done) = (&stop, &done);
            scope.spawn(move || work(public, client, stop, done));
        }
        let mut backups = Vec::new();
        for number in 0..BACKUPS {
            let before = done.load(Ordering::SeqCst);
            poll::until("work to be done", || {
                (done.load(Ordering::SeqCst) > before).then_some(())
            });
            let acknowledged = format!("marker-{number}@example.com");
            Session::register(public, &acknowledged);
            backups.push((acknowledged, back_up(&folder, &format!("{number}.backup"))));
        }
        stop.store(true, Ordering::SeqCst);
        for (acknowledged, backup) in backups {
            let restored = by_hand(&fs::read(backup).unwrap(), &folder);
            assert!(accounts(&restored).contains(&acknowledged));
        }
    });
}

/// Registers, signs in and refreshes until it is told to stop.
fn work(public: Http, client: usize, stop: &AtomicBool, done: &AtomicUsize) {
    let email = format!("client-{client}@example.com");
    let mut session = Session::register(public, &email);
    while !stop.load(Ordering::SeqCst) {
        session = session.refreshed(public);
        Session::login(public, &email);
        done.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_master_key_is_in_it_only_if_it_is_wanted() {
    let folder = Folder::new();
    folder.server().start().stop();
    let key = String::from_utf8(folder.read("bulla-data/master.key")).unwrap();
    let raw = bulla_jose::base64url::decode(key.trim().as_bytes()).unwrap();
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|found| found == what);

    let without = fs::read(back_up(&folder, "without.backup")).unwrap();
    assert!(!holds(&without, key.trim().as_bytes()));
    assert!(!holds(&without, &raw));
    folder
        .bulla(&["backup", "with.backup", "--with-key"])
        .succeed();
    let with = folder.read("with.backup");
    assert_eq!(parts(&with).0["master_key"]["key"], json!(key.trim()));
    assert!(!holds(parts(&with).1, &raw));
}

#[test]
fn what_nobody_could_restore_is_refused() {
    let folder = Folder::new();
    let refused = |code: &str, arguments: &[&str]| {
        let arguments = [&["backup", "a.backup", "--json"], arguments].concat();
        let finished = folder.bulla(&arguments).run();
        assert_eq!(finished.code, 1, "{finished:?}");
        assert!(finished.stderr.contains(code), "{code} in {finished:?}");
        assert!(!folder.exists("a.backup"));
    };
    // Neither key nor database.
    refused("there is no master key", &[]);
    assert!(!folder.exists("bulla-data"));
    folder.server().start().stop();
    let key = folder.read("bulla-data/master.key");
    let database = folder.read("bulla-data/bulla.db");

    fs::remove_file(folder.path().join("bulla-data/master.key")).unwrap();
    refused("there is no master key", &[]);
    let other = bulla_jose::base64url::encode(&[7; 32]);
    folder.write("bulla-data/master.key", other);
    refused("master_key_other", &[]);
    folder.write("bulla-data/master.key", key);

    folder.write("bulla-data/bulla.db", &database[..database.len() / 2]);
    refused("database_damaged", &[]);
    fs::remove_file(folder.path().join("bulla-data/bulla.db")).unwrap();
    refused("database_inaccessible", &[]);
    folder.write("bulla-data/bulla.db", database);
    fs::create_dir(folder.path().join("a.backup")).unwrap();
    folder
        .bulla(&["backup", "a.backup", "--json"])
        .refused(&["file_exists"]);
    folder
        .bulla(&["backup", "nowhere/a.backup", "--json"])
        .refused(&["file_inaccessible"]);
    back_up(&folder, "b.backup");
}

#[test]
fn postgresql_has_its_own_tools() {
    let folder = Engine::Postgres.folder();
    folder
        .bulla(&["backup", "a.backup"])
        .refused(&["PostgreSQL", "pg_dump", "docs/backup.md"]);
    assert!(!folder.exists("a.backup"));
}

#[test]
fn nothing_but_a_backup_is_replaced() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    folder.write("a.backup.snapshot", "precious");
    folder.write("a.backup.new", "precious");
    back_up(&folder, "a.backup");
    folder.write("notes.txt", "precious");
    for (name, force) in [
        ("notes.txt", true),
        ("bulla-data/bulla.db", true),
        ("bulla-data/master.key", true),
        ("bulla-data", true),
        ("notes.txt", false),
    ] {
        let code = if force {
            "file_not_replaced"
        } else {
            "file_exists"
        };
        let arguments = ["backup", name, "--json", "--force"];
        let arguments = &arguments[..if force { 4 } else { 3 }];
        folder.bulla(arguments).refused(&[code]);
    }
    for name in ["notes.txt", "a.backup.snapshot", "a.backup.new"] {
        assert_eq!(folder.read(name), b"precious");
    }
    Session::login(server.public, "ada@example.com");
    folder.bulla(&["backup", "a.backup", "--force"]).succeed();
}
