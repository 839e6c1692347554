//! `bulla token inspect`.

use serde_json::json;

use crate::harness::{Folder, tokens::SharedSecret};

#[test]
fn it_shows_header_and_claims_and_says_that_nothing_is_verified() {
    let (folder, secret) = (Folder::new(), SharedSecret::new());
    let claims = secret.claims(1);
    let token = secret.sign(&claims);
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    for token in [&token, &forged] {
        let seen = folder.bulla(&["token", "inspect", token, "--json"]).json();
        assert_eq!(seen["claims"], claims);
        assert_eq!(
            seen["header"],
            json!({ "typ": "at+jwt", "alg": "HS256", "kid": "test-key" })
        );
        assert_eq!(seen["verified"], false);
    }
    let text = folder
        .bulla(&["token", "inspect"])
        .stdin(format!("{token}\n"))
        .succeed()
        .stdout;
    assert!(
        text.contains("Not verified") && text.contains("user-1"),
        "{text}"
    );
}

#[test]
fn what_is_no_token_is_refused() {
    let folder = Folder::new();
    folder
        .bulla(&["token", "inspect", "not a token"])
        .refused(&["JWT"]);
}

#[test]
fn a_long_name_does_not_widen_every_line() {
    let (folder, secret) = (Folder::new(), SharedSecret::new());
    let mut claims = secret.claims(1);
    for at in 0..200 {
        claims[format!("claim-{at}")] = json!(at);
    }
    claims["x".repeat(5_000)] = json!(1);
    let token = secret.sign(&claims);
    let text = folder.bulla(&["token", "inspect", &token]).succeed().stdout;
    assert!(text.contains("claim-199") && text.contains(&"x".repeat(5_000)));
    assert!(text.len() < 2 * token.len(), "{}", text.len());
}

#[test]
fn times_are_said_in_words_and_nothing_in_a_token_can_steer_the_terminal() {
    let (folder, secret) = (Folder::new(), SharedSecret::new());
    let mut claims = secret.claims(1_800_000_000);
    claims["name"] = "\u{1b}[2J\u{202e}evil".into();
    claims["\u{1b}]0;x"] = json!(["\u{9b}31m"]);
    let token = secret.sign(&claims);
    let text = folder.bulla(&["token", "inspect", &token]).succeed().stdout;
    assert!(text.contains("2027-01-15T08:00:00Z"), "{text}");
    let visible = |character: char| character == '\n' || (' '..='~').contains(&character);
    assert!(text.chars().all(visible), "{text:?}");
    let json = folder.bulla(&["token", "inspect", &token, "--json"]);
    let json = json.succeed().stdout;
    assert!(json.chars().all(visible), "{json:?}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["claims"],
        claims
    );
}
