//! `bulla token explain`: every check in its order.

use bulla_jose::jwt::UnixTime;
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

/// As [`explain`], in the words that a person reads.
fn in_words(token: &str, now: u64) -> String {
    let folder = Folder::new();
    folder.write("keys.json", SharedSecret::new().jwk_set());
    let now = now.to_string();
    let arguments = [
        "token",
        "explain",
        token,
        "--jwks",
        "keys.json",
        "--now",
        &now,
    ];
    let expected = ["--issuer", ISSUER, "--audience", AUDIENCE];
    folder
        .bulla(&[&arguments[..], &expected].concat())
        .run()
        .stdout
}

/// With another signature of the same length.
fn altered(token: &str) -> String {
    let (start, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{start}.{first}{}", &signature[1..])
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
    assert_eq!(checks(&explained, "passed").len(), 12);
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
fn of_a_token_without_a_time_to_be_good_only_what_is_so_now_is_said() {
    let secret = SharedSecret::new();
    let check = |not_before: u64, expiry: u64, now: u64, failed: &[&str]| {
        let mut claims = secret.claims(expiry);
        claims["nbf"] = not_before.into();
        let token = secret.sign(&claims);
        let (explained, _) = explain(&Folder::new(), &token, AUDIENCE, now);
        assert_eq!(checks(&explained, "failed"), failed, "{explained}");
        let said = explained.to_string();
        assert_eq!(said.matches(", now is ").count(), failed.len(), "{said}");
        let today = UnixTime::from_seconds(now).to_string();
        assert_eq!(said.matches(&today).count(), failed.len(), "{said}");
    };
    check(500, 2_000, 999, &[]);
    check(1_500, 2_000, 999, &["not before"]);
    check(2_500, 2_000, 999, &["not before"]);
    check(2_000, 2_000, 999, &["not before"]);
    check(2_500, 2_000, 2_200, &["not before", "expiry"]);
    check(2_000, 2_000, 3_999, &["expiry"]);
}

#[test]
fn a_key_of_the_set_that_cannot_be_used_is_named() {
    let (folder, secret) = (Folder::new(), SharedSecret::new());
    let set = secret.jwk_set();
    let mut keys: Value = serde_json::from_str(&set).unwrap();
    let mut other = keys["keys"][0].clone();
    other["kid"] = "other".into();
    keys["keys"][0]["use"] = "enc".into();
    let said = |keys: &Value| {
        folder.write("keys.json", keys.to_string());
        let token = secret.sign(&secret.claims(EXPIRY));
        let arguments = ["token", "explain", &token, "--jwks", "keys.json"];
        let expected = ["--issuer", ISSUER, "--audience", AUDIENCE, "--now", "1"];
        folder.bulla(&[&arguments[..], &expected].concat()).run()
    };
    let unknown = serde_json::json!({ "keys": [other] });
    assert!(said(&unknown).stdout.contains("fetch the set again"));
    keys["keys"]
        .as_array_mut()
        .unwrap()
        .push(unknown["keys"][0].clone());
    let unused = said(&keys);
    assert!(
        unused
            .stdout
            .contains(r#"cannot be used: the key is for the use "enc""#),
        "{unused:?}"
    );
}

#[test]
fn of_an_altered_token_no_claim_is_looked_at() {
    let secret = SharedSecret::new();
    let token = secret.sign(&secret.claims(EXPIRY));
    let (explained, code) = explain(&Folder::new(), &altered(&token), "another", EXPIRY);
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
        "principal",
    ];
    assert_eq!(checks(&explained, "not_reached"), unread);
}

#[test]
fn a_token_of_no_access_token_s_claims_is_refused_for_them_alone() {
    let secret = SharedSecret::new();
    let mut claims = secret.claims(EXPIRY);
    claims["roles"] = "admin".into();
    let (explained, code) = explain(&Folder::new(), &secret.sign(&claims), AUDIENCE, 1);
    assert_eq!(
        (code, &explained["code"]),
        (1, &Value::from("token_claim_invalid"))
    );
    assert_eq!(checks(&explained, "passed").len(), 11);
    assert_eq!(checks(&explained, "failed"), ["principal"]);
}

#[test]
fn a_person_reads_what_passed_what_failed_and_what_to_do() {
    let secret = SharedSecret::new();
    let good = secret.sign(&secret.claims(EXPIRY));
    let text = in_words(&good, EXPIRY - 12);
    assert!(
        text.contains("ok    issuer      https://login.example\n"),
        "{text}"
    );
    assert!(
        text.contains("ok    expiry      2027-01-15T08:00:00Z, in 12 s\n"),
        "{text}"
    );
    assert!(text.ends_with("\nThe token is good.\n"), "{text}");

    let text = in_words(&altered(&good), EXPIRY - 12);
    assert!(text.contains("FAIL  signature   "), "{text}");
    assert!(
        text.contains("(token_signature_invalid)\n      altered after signing"),
        "{text}"
    );
    assert!(text.contains("\n-     issuer\n"), "{text}");
    assert!(
        text.ends_with("\nThe token is refused, and rightly so.\n"),
        "{text}"
    );
}

#[test]
fn a_key_that_the_set_does_not_have_is_called_that() {
    let header = bulla_jose::base64url::encode(br#"{"alg":"HS256","typ":"at+jwt","kid":"other"}"#);
    let good = SharedSecret::new().sign(&SharedSecret::new().claims(EXPIRY));
    let (_, rest) = good.split_once('.').unwrap();
    let text = in_words(&format!("{header}.{rest}"), 1);
    let expected = "FAIL  key         no key with the ID \"other\" is known (token_key_unknown)\n      \
        signed by a key that this set does not have: rotated, or another issuer?";
    assert!(text.contains(expected), "{text}");
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
