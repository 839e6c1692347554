//! An import that is killed, or whose server is, and one that is done again.

use std::io::Write;

use serde_json::json;

use super::{counts, exported, import, summary};
use crate::harness::{Engine, Folder, on_every_engine, poll};

on_every_engine!(
    whoever_is_killed_in_the_middle_it_is_whole_the_next_time,
    again_changes_nothing,
);

const BULLA: &[&str] = &["--format", "bulla"];
const ALL: u64 = 6000;

/// One after the other, all made at the same time.
fn users(numbers: std::ops::Range<u64>) -> String {
    let user = |number| {
        let user = json!({
            "source": number, "email": format!("user{number}@example.com"), "roles": ["editor"],
            "created_at": "2020-01-01T00:00:00Z", "claims": {"team_id": number},
            "password_hash": "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        });
        let text = user.to_string();
        text.replace(
            &format!("\"source\":{number}"),
            &format!("\"source\":\"{number}\""),
        ) + "\n"
    };
    numbers.map(user).collect()
}

fn made(folder: &Folder, from: &str) -> bool {
    let shown = folder.bulla(&["user", "show", from, "--json"]).run();
    shown.code == 0
}

fn whoever_is_killed_in_the_middle_it_is_whole_the_next_time(engine: Engine) {
    let whole = Folder::new();
    import(&whole, "users.ndjson", &users(0..ALL), BULLA, 0);
    for kill_the_server in [false, true] {
        let folder = engine.folder();
        let server = folder.server().start();
        let command = folder.bulla(&[
            "user", "import", "-", "--as", "ndjson", "--format", "bulla", "--json",
        ]);
        let (mut child, mut stdin) = command.spawn();
        // So many that some are there before it has read them all, and the rest never comes.
        stdin.write_all(users(0..ALL / 2).as_bytes()).unwrap();
        poll::until("somebody to be made", || {
            made(&folder, "user0@example.com").then_some(())
        });
        let server = if kill_the_server {
            server.kill();
            drop(stdin.write_all(users(ALL / 2..ALL).as_bytes()));
            drop(stdin);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let acknowledged = told["created"].as_u64().unwrap();
            assert!(acknowledged < ALL && told["stopped"].is_string(), "{told}");
            let server = folder.server().start();
            assert!(exported(&folder).len() as u64 >= acknowledged);
            server
        } else {
            child.kill().unwrap();
            child.wait().unwrap();
            server
        };
        let before = exported(&folder).len() as u64;
        assert!((1..ALL).contains(&before), "{before}");
        let again = import(&folder, "users.ndjson", &users(0..ALL), BULLA, 0);
        let [read, created, present, skipped] = counts(&again);
        assert_eq!([read, created + present, skipped], [ALL, ALL, 0]);
        // What was on its way to the server when the command was killed came after all.
        assert!((before..ALL).contains(&present), "{present} after {before}");
        assert_eq!(exported(&folder), exported(&whole));
        server.stop();
    }
}

fn again_changes_nothing(engine: Engine) {
    let folder = engine.folder();
    let text = users(0..2500);
    let first = import(&folder, "users.ndjson", &text, BULLA, 0);
    assert_eq!(counts(&first), [2500, 2500, 0, 0]);
    folder
        .bulla(&["user", "set", "user7@example.com", "--role", "author"])
        .succeed();
    let users = exported(&folder);
    for dry in [&["--dry-run"][..], &[]] {
        let again = import(&folder, "users.ndjson", &text, &[BULLA, dry].concat(), 0);
        assert_eq!(counts(&again), [2500, 0, 2500, 0]);
        assert_eq!(summary(&again)["completed"], 0);
        assert_eq!(exported(&folder), users);
    }
    let events = folder
        .bulla(&["user", "export", "user8@example.com"])
        .json();
    let kinds: Vec<_> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].clone())
        .collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| **kind == "account_created")
            .count(),
        1,
        "{kinds:?}"
    );
}
