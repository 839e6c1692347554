//! Making a backup.

use std::{
    fs::{self, Permissions},
    io::Read,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::json;

use super::{back_up, by_hand, parts};
use crate::harness::{Engine, Folder, Http, Session, folder::command, poll};

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
    refused("master_key_missing", &[]);
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

/// All files of a folder and those below it, but the logs of the servers. A copy has a name for a moment, before anything of
/// the database is in it: whoever is killed then leaves a file of one page at most.
fn names(folder: &Folder) -> Vec<PathBuf> {
    let mut names = Vec::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => names.push(path),
            }
        }
    }
    names.retain(|name| {
        let is_log = name.extension().is_some_and(|extension| extension == "log");
        let is_empty_copy = name.to_string_lossy().contains("/.bulla-")
            && name.metadata().is_ok_and(|file| file.len() <= 4096);
        !is_log && !is_empty_copy
    });
    names.sort_unstable();
    names
}

#[test]
fn what_is_beside_it_is_neither_emptied_nor_written() {
    let folder = Folder::new();
    folder.server().start().stop();
    let others = ["a.backup.snapshot", "a.backup.new", "a.backup.snapshot-wal"];
    for other in others {
        folder.write(other, "precious");
    }
    folder.write("victim", "precious");
    let links = ["b.backup.snapshot", "b.backup.new"];
    for link in links {
        fs::hard_link(folder.path().join("victim"), folder.path().join(link)).unwrap();
    }
    for name in ["a.backup", "b.backup"] {
        back_up(&folder, name);
    }
    for name in others.iter().chain(&links).chain(&["victim"]) {
        assert_eq!(folder.read(name), b"precious", "{name}");
    }
}

#[test]
fn nothing_but_a_backup_is_replaced() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    let path = |name: &str| folder.path().join(name);
    let made = fs::read(back_up(&folder, "a.backup")).unwrap();
    folder.write("text", "precious");
    folder.write("empty", "");
    symlink(path("a.backup"), path("link")).unwrap();
    symlink(path("nowhere"), path("dangling")).unwrap();
    fs::hard_link(path("bulla-data/bulla.db"), path("database")).unwrap();
    fs::create_dir(path("folder")).unwrap();
    let fifo = Command::new("mkfifo").arg(path("fifo")).status().unwrap();
    assert!(fifo.success());
    let before = names(&folder);
    for name in [
        "bulla-data/bulla.db",
        "bulla-data/bulla.db-wal",
        "bulla-data/bulla.db-shm",
        "bulla-data/bulla.db.lock",
        "bulla-data/lock",
        "bulla-data/master.key",
        "bulla-data/admin.sock",
        "database",
        "text",
        "empty",
        "link",
        "dangling",
        "folder",
        "folder/",
        "fifo",
    ] {
        let is = |path: &Path| fs::symlink_metadata(path).map(|found| found.ino()).unwrap();
        let inode = is(&path(name));
        for (flags, code) in [
            (&[][..], "file_exists"),
            (&["--force"], "file_not_replaced"),
        ] {
            let arguments = [&["backup", name, "--json"], flags].concat();
            folder.bulla(&arguments).refused(&[code]);
        }
        assert_eq!(is(&path(name)), inode, "{name}");
    }
    assert_eq!(names(&folder), before);
    assert_eq!(folder.read("a.backup"), made);
    assert_eq!(folder.read("text"), b"precious");
    Session::register(server.public, "bob@example.com");
    folder.bulla(&["backup", "a.backup", "--force"]).succeed();
    let restored = by_hand(&folder.read("a.backup"), &folder);
    assert_eq!(accounts(&restored), ["ada@example.com", "bob@example.com"]);
}

#[test]
fn what_is_killed_leaves_nothing() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    let before = names(&folder);
    // Once something of the copy is there; the last time it is killed the backup may just have been put into its place.
    let has_copy = |process: u32| {
        let files = fs::read_dir(format!("/proc/{process}/fd"))
            .into_iter()
            .flatten();
        files.flatten().any(|file| {
            let target = fs::read_link(file.path()).unwrap_or_default();
            target.starts_with(folder.path()) && target.to_string_lossy().ends_with(" (deleted)")
        })
    };
    let killed = (0..20).any(|_| {
        let mut command = command(folder.path());
        let child = command.args(["backup", "a.backup"]).stdout(Stdio::null());
        let mut child = child.spawn().unwrap();
        poll::until("a copy to be there", || {
            (child.try_wait().unwrap().is_some() || has_copy(child.id())).then_some(())
        });
        child.kill().unwrap();
        child.wait().unwrap();
        fs::remove_file(folder.path().join("a.backup")).is_err()
    });
    assert!(killed, "the test has tried nothing");
    assert_eq!(names(&folder), before);

    // Nobody reads it: it waits, with all that it has.
    let mut child = command(folder.path())
        .args(["backup", "-"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    assert_eq!(names(&folder), before);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(&folder), before);
    back_up(&folder, "a.backup");
}

#[test]
fn a_database_at_rest_needs_no_right_to_write_beside_it() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    server.stop();
    let key = folder.read("bulla-data/master.key");
    let key = String::from_utf8(key).unwrap();
    let before = names(&folder);
    let elsewhere = Folder::new();
    let set_mode = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    set_mode(elsewhere.path(), 0o777);
    set_mode(folder.path(), 0o755);
    let data = folder.path().join("bulla-data");
    set_mode(&data.join("bulla.db"), 0o444);
    set_mode(&data, 0o555);
    // Neither is a data folder needed, nor made.
    let url = format!("sqlite:{}/bulla.db", data.display());
    let outputs = ["a.backup", "-"].map(|file| {
        let (child, stdin) = elsewhere
            .bulla_without_privileges(&["backup", file])
            .env("BULLA__STORE__URL", &url)
            .env("BULLA_MASTER_KEY", key.trim())
            .spawn();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{file}: {told}");
        output.stdout
    });
    set_mode(&data, 0o700);
    assert_eq!(names(&folder), before);
    assert!(!elsewhere.exists("bulla-data"));
    for backup in [&elsewhere.read("a.backup"), &outputs[1]] {
        let restored = by_hand(backup, &folder);
        assert_eq!(accounts(&restored), ["ada@example.com"]);
    }
}

#[test]
fn postgresql_has_its_own_tools() {
    let folder = Engine::Postgres.folder();
    folder
        .bulla(&["backup", "a.backup"])
        .refused(&["PostgreSQL", "pg_dump", "docs/backup.md"]);
    assert!(!folder.exists("a.backup"));
}
