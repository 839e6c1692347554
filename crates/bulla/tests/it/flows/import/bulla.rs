//! From one Bulla to another, and from a system of one's own.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{counts, exported, import, line, report, summary, user_of};
use crate::harness::{Folder, Session, session};

const BULLA: &[&str] = &["--format", "bulla"];

#[test]
fn everybody_moves_to_another_bulla_with_and_without_a_server() {
    let old = Folder::new();
    let server = old.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    old.bulla(&[
        "user",
        "set",
        "ada@example.com",
        "--role",
        "admin",
        "--plan",
        "pro",
        "--claims",
        "{\"team_id\":7}",
    ])
    .succeed();
    old.bulla(&["user", "add", "--username", "bob", "--name", "Bob"])
        .succeed();
    old.bulla(&["user", "disable", "bob"]).succeed();
    let here = exported(&old);
    assert_eq!(here.len(), 2);
    let text: String = here.iter().map(|user| format!("{user}\n")).collect();

    let new = Folder::new();
    let first = import(&new, "users.ndjson", &text, BULLA, 0);
    assert_eq!(counts(&first), [2, 2, 0, 0]);
    assert_eq!(exported(&new), here);
    let server = new.server().start();
    let user = user_of(server.public, "ada@example.com", session::PASSWORD);
    assert_eq!(user["id"], ada.user);
    assert_eq!(
        (&user["plan"], &user["roles"]),
        (&json!("pro"), &json!(["admin"]))
    );
    // Now by the socket.
    let again = import(&new, "users.ndjson", &text, BULLA, 0);
    assert_eq!(counts(&again), [2, 0, 2, 0]);
    let list = json!(here).to_string();
    let third = import(&new, "users.json", &list, BULLA, 0);
    assert_eq!(counts(&third), [2, 0, 2, 0]);
    assert_eq!(exported(&new), here);
}

#[test]
fn what_anybody_may_read_of_an_account_is_taken_without_a_password() {
    let old = Folder::new();
    old.bulla(&["user", "add", "ada@example.com", "--role", "editor"])
        .succeed();
    let held = old.bulla(&["user", "export"]).succeed().stdout;
    assert!(!held.contains("argon2"), "{held}");
    let new = Folder::new();
    let finished = import(&new, "users.ndjson", &held, BULLA, 0);
    assert_eq!(summary(&finished)["without_password"], 1);
    let [user] = &exported(&new)[..] else {
        panic!("there is one")
    };
    assert_eq!(user["roles"], json!(["editor"]));
    assert_eq!(user.get("password_hash"), None);
}

#[test]
fn a_table_of_ones_own_is_taken_with_the_passwords_in_it() {
    let folder = Folder::new();
    // bcrypt of `correct horse`, by Python.
    let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
    let table = format!(
        "source,email,name,roles,claims,disabled,password_hash\n\
         17,ada@example.com,\"Lovelace, Ada\",editor author,\"{{\"\"team_id\"\": 7}}\",false,{hash}\n\
         18,bob@example.com,,,,true,\n"
    );
    let finished = import(&folder, "users.csv", &table, BULLA, 0);
    assert_eq!(counts(&finished), [2, 2, 0, 0]);
    let server = folder.server().start();
    let ada = user_of(server.public, "ada@example.com", "correct horse");
    assert_eq!(
        (&ada["name"], &ada["roles"]),
        (&json!("Lovelace, Ada"), &json!(["author", "editor"]))
    );
    let bob = session::login(server.public, "bob@example.com", "correct horse");
    bob.expect_problem(401, "credentials_invalid");
    assert_eq!(
        counts(&import(&folder, "users.csv", &table, BULLA, 0)),
        [2, 0, 2, 0]
    );
}

/// Seven records, of which five cannot be taken, in a folder in which one name is.
fn with_mistakes() -> (Folder, String) {
    let folder = Folder::new();
    folder
        .bulla(&["user", "add", "taken@example.com"])
        .succeed();
    let text = [
        &line("a@example.com"),
        "nonsense\n",
        &line("t\u{430}ken@example.com"),
        "{\"email\":\"b@example.com\",\"password_hash\":\"$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e\"}\n",
        "{\"source\":\"legacy|5\",\"email\":\"A@EXAMPLE.com\"}\n",
        "{\"email\":\"c@example.com\",\"password\":\"secret\"}\n",
        &line("d@example.com"),
    ];
    (folder, text.concat())
}

#[test]
fn who_is_skipped_is_in_the_report_and_nobody_else_is() {
    let (folder, text) = with_mistakes();
    let flags = [BULLA, &["--report", "report.ndjson"]].concat();
    let finished = import(&folder, "users.ndjson", &text, &flags, 3);
    assert_eq!(counts(&finished), [7, 2, 0, 5]);
    let reasons = json!({
        "email_taken": 2, "password_hash_too_costly": 1, "record_malformed": 2,
    });
    assert_eq!(summary(&finished)["reasons"], reasons);
    let told: Vec<_> = report(&folder, "report.ndjson")
        .iter()
        .map(|told| json!([told["line"], told["reason"], told["who"]]))
        .collect();
    let expected = [
        json!([2, "record_malformed", null]),
        json!([3, "email_taken", "t\u{430}ken@example.com"]),
        json!([4, "password_hash_too_costly", "b@example.com"]),
        json!([5, "email_taken", "legacy|5"]),
        json!([6, "record_malformed", "c@example.com"]),
    ];
    assert_eq!(told, expected);
    let mode = folder
        .path()
        .join("report.ndjson")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let held = String::from_utf8(folder.read("report.ndjson")).unwrap();
    assert!(!held.contains("secret") && !held.contains("$2b$"));
}

#[test]
fn people_get_a_line_for_each_who_is_skipped_and_a_sum() {
    let (folder, text) = with_mistakes();
    folder.write("users.ndjson", &text);
    let shown = folder
        .bulla(&["user", "import", "users.ndjson", "--format", "bulla"])
        .run();
    assert_eq!(shown.code, 3, "{shown:?}");
    assert!(
        shown
            .stdout
            .starts_with("7 read: 2 made, 0 were there before, 5 skipped\n"),
        "{shown:?}"
    );
    assert_eq!(shown.stderr.lines().count(), 5, "{shown:?}");
    assert!(
        shown.stderr.contains("line 4: password_hash_too_costly: "),
        "{shown:?}"
    );
    folder.write("report.ndjson", "mine");
    let arguments = [
        "user",
        "import",
        "users.ndjson",
        "--format",
        "bulla",
        "--report",
        "report.ndjson",
    ];
    folder
        .bulla(&arguments)
        .refused(&["report.ndjson", "cannot be made"]);
    assert_eq!(folder.read("report.ndjson"), b"mine");
}

#[test]
fn of_a_file_that_is_cut_off_what_came_before_is_there() {
    for (name, text) in [
        (
            "users.ndjson",
            format!(
                "{}{}{{\"email\":\"c@exa",
                line("a@example.com"),
                line("b@example.com")
            ),
        ),
        (
            "users.json",
            "[{\"email\":\"a@example.com\"},\n{\"email\":\"b@example.com\"},\n{\"em".to_owned(),
        ),
        (
            "users.csv",
            "email,name\na@example.com,A\nb@example.com,B\nc@exa".to_owned(),
        ),
    ] {
        let folder = Folder::new();
        let finished = import(&folder, name, &text, BULLA, 1);
        assert_eq!(counts(&finished), [2, 2, 0, 0], "{name}");
        let line = if name == "users.csv" { 4 } else { 3 };
        let said = format!("the file is cut off in line {line}");
        assert_eq!(summary(&finished)["stopped"], said, "{name}");
        assert!(finished.stderr.contains(&said), "{finished:?}");
        assert_eq!(exported(&folder).len(), 2, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = Folder::new();
    let import = |file: &str| folder.bulla(&["user", "import", file, "--format", "bulla"]);
    import("users.json").refused(&["users.json cannot be read", "No such file"]);
    import(".").refused(&["cannot be read", "directory"]);
    folder.write("users.json", "{\"accounts\": [\n]}");
    let refused = import("users.json").run();
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("line 2: there is no member `users` in it"),
        "{refused:?}"
    );
    let piped = folder.bulla(&[
        "user", "import", "-", "--format", "bulla", "--as", "ndjson", "--json",
    ]);
    assert_eq!(
        counts(&piped.stdin(line("a@example.com")).succeed()),
        [1, 1, 0, 0]
    );
    assert_eq!(folder.bulla(&["user", "import", "-"]).run().code, 2);
}

#[test]
fn a_record_that_is_absurd_stops_no_other() {
    let folder = Folder::new();
    let deep = format!("{}7{}", "[".repeat(60), "]".repeat(60));
    let text = [
        line("a@example.com"),
        // Deeper than a request may be, and than a parser goes.
        format!("{{\"email\":\"b@example.com\",\"claims\":{{\"deep\":{deep}}}}}\n"),
        format!(
            "{{\"email\":\"c@example.com\",\"claims\":{}\n",
            "[".repeat(100_000)
        ),
        // More members than a request may have, and longer than one may be.
        format!(
            "{{\"email\":\"d@example.com\",\"claims\":{{\"many\":[{}{{}}]}}}}\n",
            "{\"a\":1},".repeat(30_000)
        ),
        format!(
            "{{\"email\":\"e@example.com\",\"roles\":[\"{}\"]}}\n",
            "r".repeat(100_000)
        ),
        format!(
            "{{\"email\":\"f@example.com\",\"name\":\"{}\"}}\n",
            "n".repeat(2 << 20)
        ),
        "{\"email\":\"g\u{0}@example.com\"}\n".to_owned(),
        line("h@example.com"),
    ];
    let flags = [BULLA, &["--report", "report.ndjson"]].concat();
    let finished = import(&folder, "users.ndjson", &text.concat(), &flags, 3);
    assert_eq!(counts(&finished), [8, 2, 0, 6]);
    let reasons = json!({"claims_invalid": 2, "record_malformed": 4});
    assert_eq!(summary(&finished)["reasons"], reasons);
    let lines: Vec<_> = report(&folder, "report.ndjson")
        .iter()
        .map(|told| told["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
}
