//! `bulla token explain`: every check in its order.

use serde_json::Value;

use crate::harness::{
    Folder,
    tokens::{AUDIENCE, ISSUER, SharedSecret},
};

const EXPIRY: u64 = 1_800_000_000;

/// What it says of this token, and its exit code.
fn explain(folder: &Folder, token: &str, audience: &str, now: u64) -> (Value, i32) {
    folder.write("keys.json", SharedSecret::new().jwk_set());
    let now = now.to_string();
    let arguments = [
        "token",
        "explain",
        token,
        "--jwks",
        "keys.json",
        "--issuer",
        ISSUER,
        "--audience",
        audience,
        "--now",
        &now,
        "--json",
    ];
    let finished = folder.bulla(&arguments).run();
    (
        serde_json::from_str(&finished.stdout).unwrap(),
        finished.code,
    )
}

/// The checks that came out like this.
fn checks(explained: &Value, result: &str) -> Vec<String> {
    let checks = explained["checks"].as_array().unwrap();
    let found = checks.iter().filter(|check| check["result"] == result);
    found
        .map(|check| check["check"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_good_token_passes_every_check() {
    let secret = SharedSecret::new();
    let token = secret.sign(&secret.claims(EXPIRY));
    let (explained, code) = explain(&Folder::new(), &token, AUDIENCE, EXPIRY - 1);
    assert_eq!(
        (code, &explained["valid"]),
        (0, &Value::Bool(true)),
        "{explained}"
    );
    assert_eq!(checks(&explained, "passed").len(), 11);
}

#[test]
fn an_expired_token_says_since_when_and_what_to_do() {
    let secret = SharedSecret::new();
    let token = secret.sign(&secret.claims(EXPIRY));
    let (explained, code) = explain(&Folder::new(), &token, AUDIENCE, EXPIRY + 12);
    assert_eq!(
        (code, &explained["code"]),
        (1, &Value::from("token_expired"))
    );
    assert_eq!(checks(&explained, "failed"), ["expiry"]);
    let advice = &explained["checks"][10]["advice"];
    assert_eq!(advice, "expired 12 s ago: refresh, or log in again");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let secret = SharedSecret::new();
    let token = secret.sign_as("JWT", &secret.claims(EXPIRY));
    let (explained, code) = explain(&Folder::new(), &token, "another", EXPIRY);
    assert_eq!(
        (code, &explained["code"]),
        (1, &Value::from("token_type_mismatch"))
    );
    assert_eq!(checks(&explained, "failed"), ["type", "audience", "expiry"]);
}

#[test]
fn of_an_altered_token_no_claim_is_looked_at() {
    let secret = SharedSecret::new();
    let token = secret.sign(&secret.claims(EXPIRY));
    let (start, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let altered = format!("{start}.{first}{}", &signature[1..]);
    let (explained, code) = explain(&Folder::new(), &altered, "another", EXPIRY);
    assert_eq!(
        (code, &explained["code"]),
        (1, &Value::from("token_signature_invalid"))
    );
    let unread = [
        "type",
        "claims",
        "issuer",
        "audience",
        "not before",
        "expiry",
    ];
    assert_eq!(checks(&explained, "not_reached"), unread);
}

#[test]
fn a_key_set_that_cannot_be_read_is_exit_code_2() {
    let arguments = [
        "token",
        "explain",
        "x",
        "--jwks",
        "none.json",
        "--issuer",
        "I",
        "--audience",
        "A",
    ];
    assert_eq!(Folder::new().bulla(&arguments).run().code, 2);
}
