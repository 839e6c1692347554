//! From Firebase Authentication.

use serde_json::json;

use super::{counts, exported, import, summary, user_of};
use crate::harness::Folder;

const JSON: &str = include_str!("exports/firebase.json");
const CSV: &str = include_str!("exports/firebase.csv");
const HASH_CONFIG: &str = include_str!("exports/firebase-hash-config.txt");
const FIREBASE: &[&str] = &["--format", "firebase"];
const WITH_HASHES: &[&str] = &[
    "--format",
    "firebase",
    "--hash-config",
    "hash.txt",
    "--role",
    "editor",
    "--claim",
    "team_id",
];

#[test]
fn json_and_csv_are_the_same_users_with_their_passwords() {
    let folders = [("users.json", JSON), ("users.csv", CSV)].map(|(name, text)| {
        let folder = Folder::new();
        folder.write("hash.txt", HASH_CONFIG);
        let finished = import(&folder, name, text, WITH_HASHES, 3);
        assert_eq!(counts(&finished), [4, 3, 0, 1], "{name}");
        // Whoever signed in by telephone alone has no name here.
        assert_eq!(summary(&finished)["reasons"], json!({"name_missing": 1}));
        assert_eq!(summary(&finished)["without_password"], 1);
        folder
    });
    assert_eq!(exported(&folders[0]), exported(&folders[1]));
    let server = folders[1].server().start();
    user_of(server.public, "user1@test.com", "user1password");
    // The password was typed with two characters for the ë there.
    let zoe = user_of(
        server.public,
        "zoe@example.com",
        "Zoe\u{308}'s old password",
    );
    assert_eq!(
        (&zoe["name"], &zoe["roles"]),
        (&json!("Doe, Zo\u{eb}"), &json!(["editor"]))
    );
    // And with one, once it is ours.
    user_of(server.public, "zoe@example.com", "Zo\u{eb}'s old password");
}

#[test]
fn without_the_parameters_nobody_with_a_password_is_taken() {
    let folder = Folder::new();
    let finished = import(&folder, "users.json", JSON, FIREBASE, 3);
    let reasons = json!({"hash_config_missing": 2, "name_missing": 1});
    assert_eq!(summary(&finished)["reasons"], reasons);
    folder.write("hash.txt", HASH_CONFIG.replace("mem_cost", "memory"));
    let refused = folder.bulla(&[
        "user",
        "import",
        "users.json",
        "--format",
        "firebase",
        "--hash-config",
        "hash.txt",
    ]);
    refused.refused(&["hash.txt is no hash_config", "mem_cost is missing"]);
}
