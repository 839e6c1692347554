//! From Keycloak.

use serde_json::json;

use super::{counts, exported, import, summary, user_of};
use crate::harness::{Folder, session};

const REALM: &str = include_str!("exports/keycloak-realm.json");

#[test]
fn a_realm_moves_with_passwords_of_every_kind() {
    let folder = Folder::new();
    let server = folder.server().start();
    let flags = [
        "--format",
        "keycloak",
        "--keep-ids",
        "--role",
        "editor=author",
        "--claim",
        "team",
    ];
    let finished = import(&folder, "realm.json", REALM, &flags, 3);
    assert_eq!(counts(&finished), [5, 4, 0, 1]);
    assert_eq!(summary(&finished)["reasons"], json!({"service_account": 1}));
    for name in ["ada", "bob", "carol"] {
        let password = format!("{name}'s old password");
        let user = user_of(server.public, &format!("{name}@example.com"), &password);
        assert_eq!(
            (&user["username"], user["id"].as_str().unwrap().len()),
            (&json!(name), 32)
        );
    }
    let dora = session::login(server.public, "dora@example.com", "dora's old password");
    dora.expect_problem(401, "credentials_invalid");
    folder.bulla(&["user", "enable", "dora"]).succeed();
    user_of(server.public, "dora@example.com", "dora's old password");
    let users = exported(&folder);
    let ada = users.iter().find(|user| user["username"] == "ada").unwrap();
    assert_eq!(
        (&ada["name"], &ada["roles"]),
        (&json!("Ada Lovelace"), &json!(["author"]))
    );
    assert_eq!(
        (&ada["claims"], &ada["created_at"]),
        (&json!({"team": "red"}), &json!("2020-09-13T12:26:40.000Z"))
    );
    assert!(users.iter().all(|user| {
        user["password_hash"]
            .as_str()
            .unwrap()
            .starts_with("$argon2id$v=19$m=19456,")
    }));
}

#[test]
fn flags_that_mean_nothing_are_wrong_usage() {
    let folder = Folder::new();
    folder.write("users.json", REALM);
    for flags in [
        &["--format", "bulla", "--keep-ids"][..],
        &["--format", "bulla", "--role", "editor"],
        &["--format", "keycloak", "--hash-config", "users.json"],
        &["--format", "okta"],
        &[],
    ] {
        let finished = folder
            .bulla(&[&["user", "import", "users.json"], flags].concat())
            .run();
        assert_eq!(finished.code, 2, "{finished:?}");
        assert!(!folder.exists("bulla-data"), "{flags:?}");
    }
}
