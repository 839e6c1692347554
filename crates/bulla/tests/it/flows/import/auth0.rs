//! From Auth0.

use serde_json::json;

use super::{counts, exported, import, report, summary, user_of};
use crate::harness::{Folder, session};

const EXPORT: &str = include_str!("exports/auth0-export.ndjson");
const HASHES: &str = include_str!("exports/auth0-hashes.ndjson");
const BULK: &str = include_str!("exports/auth0-bulk.json");
const AUTH0: &[&str] = &["--format", "auth0"];

#[test]
fn the_hashes_let_everybody_in_and_become_ours_at_the_first_login() {
    let folder = Folder::new();
    let server = folder.server().start();
    let flags = [AUTH0, &["--keep-ids"]].concat();
    assert_eq!(
        counts(&import(&folder, "hashes.ndjson", HASHES, &flags, 0)),
        [2, 2, 0, 0]
    );
    for (name, id) in [
        ("ada", "auth0|5dea9f9c82dd7c0e76e4ec93"),
        ("bob", "auth0|euclid"),
    ] {
        let email = format!("{name}@example.com");
        let wrong = session::login(server.public, &email, "another password");
        wrong.expect_problem(401, "credentials_invalid");
        for _ in 0..2 {
            let user = user_of(server.public, &email, &format!("{name}'s old password"));
            assert_eq!(user["id"], id);
        }
    }
    let users = exported(&folder);
    assert!(users.iter().all(|user| {
        user["password_hash"]
            .as_str()
            .unwrap()
            .starts_with("$argon2id$")
    }));
    assert_eq!(
        counts(&import(&folder, "hashes.ndjson", HASHES, &flags, 0)),
        [2, 0, 2, 0]
    );
    assert_eq!(exported(&folder), users);
}

#[test]
fn an_export_job_has_what_is_wished_for_and_no_passwords() {
    let folder = Folder::new();
    let flags = [
        AUTH0,
        &[
            "--role",
            "editor",
            "--plan",
            "plan",
            "--claim",
            "team_id",
            "--claim",
            "colour=user_metadata.colour",
        ],
    ]
    .concat();
    let finished = import(&folder, "users.ndjson", EXPORT, &flags, 0);
    assert_eq!(counts(&finished), [2, 2, 0, 0]);
    assert_eq!(summary(&finished)["without_password"], 2);
    let users = exported(&folder);
    let ada = users
        .iter()
        .find(|user| user["email"] == "ada@example.com")
        .unwrap();
    assert_eq!(ada["name"], "Ada Lovelace");
    assert_eq!(
        (&ada["roles"], &ada["plan"]),
        (&json!(["editor"]), &json!("pro"))
    );
    assert_eq!(ada["claims"], json!({"team_id": 7, "colour": "blue"}));
    assert_eq!(ada["created_at"], "2019-12-06T18:36:12.412Z");
    // The passwords are in another file: they come to the same people.
    let finished = import(&folder, "hashes.ndjson", HASHES, AUTH0, 0);
    assert_eq!(counts(&finished), [2, 1, 0, 0]);
    assert_eq!(summary(&finished)["completed"], 1);
    let server = folder.server().start();
    let ada = user_of(server.public, "ada@example.com", "ada's old password");
    assert_eq!(ada["plan"], "pro");
}

#[test]
fn every_hash_of_a_bulk_import_is_checked_and_what_cannot_be_is_told() {
    let folder = Folder::new();
    let flags = [AUTH0, &["--report", "report.ndjson"]].concat();
    let finished = import(&folder, "users.json", BULK, &flags, 3);
    assert_eq!(counts(&finished), [6, 5, 0, 1]);
    let report = report(&folder, "report.ndjson");
    assert_eq!(
        (report.len(), &report[0]["reason"], &report[0]["who"]),
        (1, &json!("password_hash_unknown"), &json!("md5"))
    );
    let server = folder.server().start();
    for name in ["bcrypt", "custom-bcrypt", "argon2", "pbkdf2", "scrypt"] {
        let email = format!("{name}@example.com");
        user_of(server.public, &email, &format!("{name}'s old password"));
    }
    let flags = [AUTH0, &["--drop-unusable-hashes"]].concat();
    let finished = import(&folder, "users.json", BULK, &flags, 0);
    assert_eq!(counts(&finished), [6, 1, 5, 0]);
    assert_eq!(
        (
            &summary(&finished)["without_password"],
            &summary(&finished)["noted"]
        ),
        (&json!(1), &json!(1))
    );
    let md5 = session::login(server.public, "md5@example.com", "md5's old password");
    md5.expect_problem(401, "credentials_invalid");
}

/// As the extension for exports writes it, and as an export job writes CSV: there, a `'` stands before every text.
#[test]
fn both_kinds_of_csv_and_what_the_extension_writes_are_the_same_users() {
    let expected = json!([{
        "disabled": true, "email": "ada@example.com", "name": "Ada Lovelace", "created_at": "2019-12-06T18:36:12.412Z",
        "plan": "free", "id": "auth0|5dea9f9c82dd7c0e76e4ec93",
    }]);
    for (name, text) in [
        (
            "users.csv",
            "\"user_id\",\"email\",\"name\",\"blocked\",\"created_at\"\n\
             \"'auth0|5dea9f9c82dd7c0e76e4ec93\",\"'ada@example.com\",\"'Ada Lovelace\",true,\"'2019-12-06T18:36:12.412Z\"\n",
        ),
        (
            "users.csv",
            "Id,Email,Name,Email Verified,Blocked,Created At,Connection\n\
             auth0|5dea9f9c82dd7c0e76e4ec93,ada@example.com,Ada Lovelace,true,TRUE,2019-12-06T18:36:12.412Z,Users\n",
        ),
        (
            "users.json",
            "{\"Id\":\"auth0|5dea9f9c82dd7c0e76e4ec93\",\"Given Name\":\"Ada\",\"Family Name\":\"Lovelace\",\"Nickname\":\"ada\",\
             \"Name\":\"ada@example.com\",\"Email\":\"ada@example.com\",\"Email Verified\":true,\"Blocked\":true,\
             \"Created At\":\"2019-12-06T18:36:12.412Z\"}\n",
        ),
    ] {
        let folder = Folder::new();
        let flags = [AUTH0, &["--keep-ids", "--verified-only"]].concat();
        let unproven = usize::from(!text.contains("Verified"));
        let flags = &flags[..flags.len() - unproven];
        assert_eq!(counts(&import(&folder, name, text, flags, 0)), [1, 1, 0, 0]);
        assert_eq!(json!(exported(&folder)), expected, "{text}");
    }
}
