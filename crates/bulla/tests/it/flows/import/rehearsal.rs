//! `--dry-run`.

use serde_json::{Value, json};

use super::{counts, exported, import, line, summary};
use crate::harness::{Engine, Folder, on_every_engine};

on_every_engine!(a_dry_run_says_what_an_import_does_and_makes_nobody);

const BULLA: &[&str] = &["--format", "bulla"];

/// So many records that they are sent in several parts: whether the last ones and the first are in the way of each
/// other must be found out over all of them.
fn file() -> String {
    let mut text = format!(
        "{}\n",
        json!({"email": "first@example.com", "source": "one"})
    );
    text.extend((0..2500).map(|number| line(&format!("user{number}@example.com"))));
    text.push_str(&format!(
        "{}\n",
        json!({"email": "last@example.com", "source": "one"})
    ));
    let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
    for record in [
        json!({"email": "taken@example.com"}),
        // Somebody else who has the address of the eighth.
        json!({"email": "User7@example.com", "source": "another"}),
        // The ninth once more, and with a password.
        json!({"email": "user8@example.com"}),
        json!({"email": "user8@example.com", "password_hash": hash}),
        json!({"email": "user8@example.com", "password_hash": hash}),
        // Somebody who is there, without a password.
        json!({"email": "here@example.com", "password_hash": hash}),
        json!({"email": "here@example.com", "password_hash": hash}),
        // Somebody else of the identity of the last, and of one in the same part.
        json!({"email": "mine@example.com", "source": "5"}),
        json!({"email": "stranger@example.com", "source": "5", "password_hash": hash}),
        json!({"email": "mine@example.com", "username": "mine", "source": "5", "password_hash": hash}),
        // One who is not made is in nobody's way.
        json!({"email": "free@example.com", "source": "1", "plan": "no plan"}),
        json!({"email": "free@example.com", "source": "2", "username": "paypal"}),
        json!({"email": "other@example.com", "source": "3", "username": "paypa1"}),
        json!({"email": "other@example.com", "source": "4"}),
    ] {
        text.push_str(&format!("{record}\n"));
    }
    text
}

fn a_dry_run_says_what_an_import_does_and_makes_nobody(engine: Engine) {
    let folder = engine.folder();
    // By a server, which others wait for too, it is done in several parts.
    let _server = folder.server().start();
    folder
        .bulla(&["user", "add", "taken@example.com"])
        .succeed();
    import(&folder, "here.ndjson", &line("here@example.com"), BULLA, 0);
    let dry = [BULLA, &["--dry-run"]].concat();
    let tried = import(&folder, "users.ndjson", &file(), &dry, 3);
    assert_eq!(exported(&folder).len(), 2);
    let done = import(&folder, "users.ndjson", &file(), BULLA, 3);
    let but_for_the_flag = |mut summary: Value| {
        summary.as_object_mut().unwrap().remove("dry_run");
        summary
    };
    assert_eq!(
        but_for_the_flag(summary(&tried)),
        but_for_the_flag(summary(&done))
    );
    assert_eq!(counts(&done), [2516, 2504, 3, 6]);
    assert_eq!(summary(&done)["completed"], 3);
    assert_eq!(exported(&folder).len(), 2506);
}

#[test]
fn a_dry_run_in_the_wrong_folder_makes_no_other() {
    let folder = Folder::new();
    folder.write("users.ndjson", line("ada@example.com"));
    let arguments = ["user", "import", "users.ndjson", "--format", "bulla"];
    let dry = folder.bulla(&[&arguments[..], &["--dry-run"]].concat());
    let refused = dry.run();
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("there is no bulla-data here"),
        "{refused:?}"
    );
    assert!(!folder.exists("bulla-data"));
    folder.bulla(&arguments).succeed();
    folder
        .bulla(&[&arguments[..], &["--dry-run"]].concat())
        .succeed();
}
