//! Restoring a backup.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    process::Stdio,
};

use serde_json::{Value, json};

use super::back_up;
use crate::harness::{Answer, Engine, Folder, Server, Session, folder::command, poll, session};

/// As every server in a folder, so that tokens of one are those of the next.
fn start(folder: &Folder) -> Server {
    folder.server().fixed_issuer().start()
}

/// A folder with a backup `a.backup` in which Ada is signed in, and what she has: from before the backup, and from after it.
fn with_backup() -> (Folder, [Session; 2]) {
    let folder = Folder::new();
    let server = start(&folder);
    let before = Session::register(server.public, "ada@example.com");
    back_up(&folder, "a.backup");
    let after = Session::login(server.public, "ada@example.com");
    server.stop();
    (folder, [before, after])
}

fn restore(folder: &Folder, arguments: &[&str]) -> Value {
    let arguments = [&["restore", "a.backup", "--json"], arguments].concat();
    folder.bulla(&arguments).json()
}

/// Whether the one answers, and the other.
fn answers(server: &Server, session: &Session) -> [Answer; 2] {
    [
        session.contact(server.public),
        session.refresh(server.public),
    ]
}

#[test]
fn no_token_from_before_is_good_and_everybody_can_sign_in_again() {
    let (folder, sessions) = with_backup();
    let report = restore(&folder, &[]);
    assert_eq!(report["sessions_ended"], 1);
    assert_eq!(report["keys_revoked"], 2);
    assert_eq!(report["master_key_installed"], false);
    let server = start(&folder);
    for session in &sessions {
        let [contact, refresh] = answers(&server, session);
        assert_eq!(contact.status, 401, "{contact:?}");
        refresh.expect_problem(401, "refresh_invalid");
    }
    let again = Session::login(server.public, "ada@example.com");
    again.contact(server.public).expect(200);
    again.refreshed(server.public);

    let listed = folder.bulla(&["session", "list", "ada@example.com", "--json"]);
    let reasons: Vec<_> = listed.json()["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["ended_reason"].clone())
        .collect();
    assert_eq!(reasons, [json!(null), json!("restored")]);
    server.stop();

    // Once more from the same backup: what was handed out since is no better.
    restore(&folder, &[]);
    let server = start(&folder);
    let [contact, refresh] = answers(&server, &again);
    assert_eq!(contact.status, 401, "{contact:?}");
    refresh.expect_problem(401, "refresh_invalid");
    Session::login(server.public, "ada@example.com").refreshed(server.public);
}

#[test]
fn the_database_that_was_there_stays_beside_it() {
    let (folder, [_, after]) = with_backup();
    let report = restore(&folder, &[]);
    let aside = report["replaced"].as_str().unwrap();
    fs::rename(
        folder.path().join(aside),
        folder.path().join("bulla-data/bulla.db"),
    )
    .unwrap();
    let server = start(&folder);
    after.contact(server.public).expect(200);
    after.refreshed(server.public);
}

#[test]
fn sessions_and_their_keys_can_be_kept() {
    let (folder, [before, after]) = with_backup();
    // To another machine, where there is nothing but the key.
    let moved = Folder::new();
    fs::create_dir(moved.path().join("bulla-data")).unwrap();
    moved.write(
        "bulla-data/master.key",
        folder.read("bulla-data/master.key"),
    );
    moved.write("a.backup", folder.read("a.backup"));
    let report = restore(&moved, &["--keep-sessions"]);
    let done = ["sessions_ended", "keys_revoked", "replaced"].map(|name| report[name].clone());
    assert_eq!(done, [json!(0), json!(0), json!(null)]);
    let server = start(&moved);
    before.contact(server.public).expect(200);
    before.refreshed(server.public);
    // This one is not in the backup.
    after.contact(server.public).expect(200);
    after
        .refresh(server.public)
        .expect_problem(401, "refresh_invalid");
}

#[test]
fn keys_can_be_kept_without_the_sessions() {
    let (folder, [before, _]) = with_backup();
    let report = restore(&folder, &["--keep-keys"]);
    assert_eq!(report["keys_revoked"], 0);
    let server = start(&folder);
    before
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    before
        .refresh(server.public)
        .expect_problem(401, "refresh_invalid");
    Session::login(server.public, "ada@example.com").refreshed(server.public);
}

#[test]
fn what_has_ended_or_was_revoked_since_stays_so() {
    let folder = Folder::new();
    let server = start(&folder);
    let [ended, kept] =
        ["ada@example.com", "bob@example.com"].map(|email| Session::register(server.public, email));
    back_up(&folder, "a.backup");
    let keys = folder.bulla(&["keys", "list", "--json"]).json();
    let active = keys["keys"].as_array().unwrap().iter();
    let mut active = active.filter(|key| key["state"] == "active");
    let active = active.next().unwrap()["kid"].as_str().unwrap().to_owned();
    folder.bulla(&["session", "revoke", &ended.id]).succeed();
    folder.bulla(&["keys", "revoke", &active]).succeed();
    server.kill();
    let report = restore(&folder, &["--keep-sessions"]);
    assert_eq!(report["sessions_ended"], 1);
    assert_eq!(report["keys_revoked"], 1);
    let server = start(&folder);
    ended
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    kept.contact(server.public)
        .expect_problem(401, "token_revoked");
    kept.refreshed(server.public)
        .contact(server.public)
        .expect(200);
}

#[test]
fn the_key_comes_out_of_the_backup_only_where_there_is_none() {
    let folder = Folder::new();
    let server = start(&folder);
    let ada = Session::register(server.public, "ada@example.com");
    folder
        .bulla(&["backup", "a.backup", "--with-key"])
        .succeed();
    server.stop();
    let key = folder.read("bulla-data/master.key");
    fs::remove_dir_all(folder.path().join("bulla-data")).unwrap();
    let report = restore(&folder, &["--keep-sessions"]);
    assert_eq!(report["master_key_installed"], true);
    assert_eq!(folder.read("bulla-data/master.key"), key);
    let server = start(&folder);
    ada.contact(server.public).expect(200);
    server.stop();

    let other = bulla_jose::base64url::encode(&[7; 32]);
    folder.write("bulla-data/master.key", &other);
    let before = folder.data();
    folder
        .bulla(&["restore", "a.backup", "--json"])
        .refused(&["master_key_other"]);
    assert_eq!(folder.data(), before);
}

#[test]
fn a_backup_comes_by_standard_input_too() {
    let (folder, _) = with_backup();
    let backup = folder.read("a.backup");
    folder.bulla(&["restore", "-"]).stdin(backup).succeed();
    Session::login(start(&folder).public, "ada@example.com");
}

#[test]
fn what_is_no_whole_backup_of_this_key_is_refused_and_nothing_changes() {
    let (folder, _) = with_backup();
    let backup = folder.read("a.backup");
    let end = backup.iter().position(|byte| *byte == b'\n').unwrap();
    let edited = |from: &str, to: &str| {
        let line = std::str::from_utf8(&backup[..end]).unwrap();
        assert!(line.contains(from), "{line}");
        [line.replacen(from, to, 1).as_bytes(), &backup[end..]].concat()
    };
    let flipped = |at: usize| {
        let mut backup = backup.clone();
        backup[at] ^= 1;
        backup
    };
    let longer = [&backup[..], b"x"].concat();
    let database = folder.read("bulla-data/bulla.db");
    let before = folder.data();
    for (code, file) in [
        ("backup_foreign", Vec::new()),
        ("backup_foreign", b"accounts\n".to_vec()),
        ("backup_foreign", b"{}\n".to_vec()),
        ("backup_foreign", vec![b'{'; 100_000]),
        ("backup_foreign", database),
        ("backup_foreign", backup[..end / 2].to_vec()),
        ("backup_damaged", backup[..end].to_vec()),
        ("backup_damaged", backup[..=end].to_vec()),
        ("backup_damaged", backup[..backup.len() - 1].to_vec()),
        ("backup_damaged", longer),
        ("backup_damaged", flipped(end + 1)),
        ("backup_damaged", flipped(end + 5000)),
        ("backup_damaged", flipped(backup.len() - 1)),
        ("backup_damaged", edited("\"sha256\":\"", "\"sha256\":\"0")),
        ("backup_damaged", edited("\"made_at\"", "\"made_by\"")),
        (
            "backup_newer",
            edited("\"bulla_backup\":1", "\"bulla_backup\":2"),
        ),
        ("backup_newer", edited("\"schema\":", "\"schema\":9")),
        ("backup_damaged", edited("\"schema\":1", "\"schema\":")),
        (
            "backup_damaged",
            edited("\"made_at\":\"", "\"made_at\":\"\\u001b[2J"),
        ),
        (
            "backup_damaged",
            edited("\"fingerprint\":\"", "\"fingerprint\":\"0"),
        ),
    ] {
        folder.write("b.backup", file);
        folder
            .bulla(&["restore", "b.backup", "--json"])
            .refused(&[code]);
        assert_eq!(folder.data(), before, "{code}");
    }
    restore(&folder, &[]);
    Session::login(start(&folder).public, "ada@example.com");
}

#[test]
fn without_the_file_or_the_master_key_nothing_is_restored() {
    let (folder, _) = with_backup();
    let before = folder.data();
    folder
        .bulla(&["restore", "nowhere.backup", "--json"])
        .refused(&["file_inaccessible", "nowhere.backup"]);
    fs::remove_file(folder.path().join("bulla-data/master.key")).unwrap();
    folder
        .bulla(&["restore", "a.backup", "--json"])
        .refused(&["master_key_missing"]);
    folder.write(
        "bulla-data/master.key",
        &before[&folder.path().join("bulla-data/master.key")],
    );
    restore(&folder, &[]);
    Session::login(start(&folder).public, "ada@example.com");
}

#[test]
fn a_database_that_is_in_use_is_not_replaced() {
    let (folder, _) = with_backup();
    let server = start(&folder);
    let session = Session::login(server.public, "ada@example.com");
    folder
        .bulla(&["restore", "a.backup", "--json"])
        .refused(&["data_folder_in_use", "in use by another bulla process"]);
    // Nor from another data folder.
    let elsewhere = Folder::new();
    fs::create_dir(elsewhere.path().join("bulla-data")).unwrap();
    elsewhere.write(
        "bulla-data/master.key",
        folder.read("bulla-data/master.key"),
    );
    let url = format!("sqlite:{}/bulla-data/bulla.db", folder.path().display());
    let backup = folder.path().join("a.backup");
    elsewhere
        .bulla(&["restore", backup.to_str().unwrap(), "--json"])
        .env("BULLA__STORE__URL", &url)
        .refused(&["database_in_use"]);
    session.contact(server.public).expect(200);
    session.refreshed(server.public);
}

#[test]
fn a_damaged_database_is_replaced_and_stays_beside_it_with_its_log() {
    let (folder, _) = with_backup();
    let mut damaged = folder.read("bulla-data/bulla.db");
    damaged[..16].fill(b'x');
    folder.write("bulla-data/bulla.db", &damaged);
    let log = vec![b'x'; 5000];
    folder.write("bulla-data/bulla.db-wal", &log);
    let report = restore(&folder, &[]);
    let aside = report["replaced"].as_str().unwrap();
    assert!(folder.read(aside) == damaged);
    assert!(folder.read(&format!("{aside}-wal")) == log);
    Session::login(start(&folder).public, "ada@example.com");
}

#[test]
fn a_restore_that_is_killed_leaves_one_of_two_databases() {
    let (folder, [_, after]) = with_backup();
    let before = folder.data();
    let there = |part: &str| {
        folder
            .data()
            .keys()
            .any(|path| path.display().to_string().contains(part))
    };
    // Killed as soon as this is there, or later, as it comes.
    for seen in [
        "",
        ".restoring",
        ".restoring-wal",
        ".restoring.lock",
        ".replaced-",
    ] {
        for (path, bytes) in &before {
            fs::write(path, bytes).unwrap();
        }
        let mut command = command(folder.path());
        command.args(["restore", "a.backup"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        poll::until("something to be there", || {
            (child.try_wait().unwrap().is_some() || there(seen)).then_some(())
        });
        child.kill().unwrap();
        child.wait().unwrap();
        let server = start(&folder);
        let [contact, refresh] = answers(&server, &after);
        // The session from after the backup is good, or nothing of it is.
        assert_eq!(contact.status == 200, refresh.status == 200, "{seen}");
        Session::login(server.public, "ada@example.com").refreshed(server.public);
        server.stop();
        for path in folder.data().keys() {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn postgresql_has_its_own_tools() {
    let folder = Engine::Postgres.folder();
    folder.write("a.backup", "");
    folder
        .bulla(&["restore", "a.backup"])
        .refused(&["PostgreSQL", "pg_restore", "docs/backup.md"]);
}

#[test]
fn what_was_recorded_tells_of_it() {
    let (folder, _) = with_backup();
    restore(&folder, &[]);
    let server = start(&folder);
    folder
        .bulla(&[
            "user",
            "add",
            "root@example.com",
            "--role",
            "admin",
            "--password-stdin",
        ])
        .stdin(session::PASSWORD)
        .succeed();
    let root = Session::login(server.admin, "root@example.com");
    let audit = server.admin.get("/admin/audit?kind=store_restored");
    let audit = audit.bearer(&root.access_token).send().expect(200);
    let [event] = &audit["events"].as_array().unwrap()[..] else {
        panic!("{audit}");
    };
    assert_eq!(event["actor"], "command_line");
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.starts_with("from a backup of 20"), "{detail}");
}

/// What a user has to say at the administrators' command line.
fn run(folder: &Folder, arguments: &[&str]) {
    folder.bulla(arguments).succeed();
}

#[test]
fn what_was_taken_away_since_stays_so_and_can_be_taken_away_again() {
    let folder = Folder::new();
    let server = start(&folder);
    let boss = "boss@example.com";
    let before = Session::register(server.public, boss);
    run(&folder, &["user", "set", boss, "--role", "admin"]);
    back_up(&folder, "a.backup");
    run(&folder, &["user", "set", boss, "--plan", "pro", "--now"]);
    run(&folder, &["user", "set", boss, "--role", "owner", "--now"]);
    before
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    let after = Session::login(server.public, boss);
    server.stop();
    restore(&folder, &["--keep-sessions"]);
    let server = start(&folder);
    before
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    after.contact(server.public).expect(200);
    let kept = before.refreshed(server.public);
    kept.contact(server.public).expect(200);
    run(&folder, &["user", "disable", boss]);
    for session in [&after, &kept] {
        session
            .contact(server.public)
            .expect_problem(401, "token_revoked");
    }
}

#[test]
fn somebody_who_was_deleted_since_is_back_and_can_sign_in() {
    let (folder, _) = with_backup();
    run(&folder, &["user", "delete", "ada@example.com"]);
    restore(&folder, &[]);
    let server = start(&folder);
    let ada = Session::login(server.public, "ada@example.com");
    ada.contact(server.public).expect(200);
    ada.refreshed(server.public);
}

#[test]
fn a_database_that_only_was_made_ends_nothing() {
    let (folder, [before, _]) = with_backup();
    let moved = Folder::new();
    fs::create_dir(moved.path().join("bulla-data")).unwrap();
    moved.write(
        "bulla-data/master.key",
        folder.read("bulla-data/master.key"),
    );
    moved.write("a.backup", folder.read("a.backup"));
    start(&moved).stop();
    let report = restore(&moved, &["--keep-sessions"]);
    assert_eq!(report["sessions_ended"], 0);
    before.refreshed(start(&moved).public);
}

#[test]
fn nothing_is_kept_where_nobody_knows_what_has_ended_since() {
    let (folder, _) = with_backup();
    let mut database = folder.read("bulla-data/bulla.db");
    let refused = |database: &[u8], code: &str, arguments: &[&str]| {
        folder.write("bulla-data/bulla.db", database);
        let arguments = [&["restore", "a.backup", "--json"], arguments].concat();
        folder.bulla(&arguments).refused(&[code]);
        assert!(folder.read("bulla-data/bulla.db") == database);
    };
    let mut damaged = database.clone();
    damaged[..16].fill(b'x');
    refused(&damaged, "database_unreadable", &["--keep-sessions"]);
    refused(&damaged, "database_unreadable", &["--keep-keys"]);
    // The number of its schema.
    database[60..64].copy_from_slice(&1000_u32.to_be_bytes());
    refused(&database, "database_newer", &["--keep-sessions"]);
    refused(&database, "database_newer", &[]);
    folder.write("bulla-data/bulla.db", damaged);
    restore(&folder, &[]);
}

#[test]
fn what_root_restores_belongs_to_whom_the_database_did() {
    const SOMEBODY: u32 = 65_534;
    let (folder, _) = with_backup();
    let database = folder.path().join("bulla-data/bulla.db");
    if database.metadata().unwrap().uid() != 0 {
        // Only root can give files away.
        return;
    }
    chown(&database, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    restore(&folder, &[]);
    let made = database.metadata().unwrap();
    assert_eq!((made.uid(), made.gid()), (SOMEBODY, SOMEBODY));
    assert_eq!(made.mode() & 0o777, 0o600);
}
