//! `bulla keys generate` and `bulla token mint`, and that `bulla token verify` accepts what they make.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Folder, folder::Invocation};

const CLAIMS: [&str; 6] = ["--issuer", "I", "--audience", "A", "--subject", "S"];

#[test]
fn a_minted_token_is_good_for_the_set_that_was_made_with_its_key() {
    for algorithm in ["ES256", "HS256", "PS384", "Ed25519", "ML-DSA-44"] {
        let folder = Folder::new();
        let generate = [
            "keys",
            "generate",
            "--algorithm",
            algorithm,
            "--out",
            "key",
            "--jwks",
            "set.json",
            "--json",
        ];
        let made = folder.bulla(&generate).json();
        assert_eq!(made["algorithm"], algorithm);
        let mut mint = vec![
            "token",
            "mint",
            "--key",
            "key",
            "--claim",
            "roles=[\"admin\"]",
        ];
        mint.extend(CLAIMS);
        let token = folder.bulla(&mint).succeed().stdout;
        let verify = [
            "token",
            "verify",
            "--jwks",
            "set.json",
            "--issuer",
            "I",
            "--audience",
            "A",
        ];
        let verdict = folder.bulla(&verify).stdin(token).json();
        assert_eq!(verdict["claims"]["sub"], "S", "{algorithm}");
        assert_eq!(verdict["claims"]["roles"][0], "admin", "{algorithm}");
        for file in ["key", "set.json"] {
            let mode = folder
                .path()
                .join(file)
                .metadata()
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{algorithm} {file}");
        }
    }
}

#[test]
fn a_key_file_is_never_overwritten() {
    let folder = Folder::new();
    folder.write("key", "mine");
    let generate = ["keys", "generate", "--out", "key"];
    folder.bulla(&generate).refused(&["key exists already"]);
    assert_eq!(folder.read("key"), b"mine");
}

#[test]
fn where_the_set_cannot_be_written_no_key_stays_behind() {
    let folder = Folder::new();
    folder.write("set.json", "mine");
    let generate = ["keys", "generate", "--out", "key", "--jwks"];
    let generate = |set| folder.bulla(&[&generate[..], &[set]].concat());
    generate("set.json").refused(&["set.json exists already"]);
    assert!(!folder.exists("key"));
    assert_eq!(folder.read("set.json"), b"mine");
    generate("other.json").succeed();
    assert!(folder.exists("key"));
}

fn mint(folder: &Folder, flags: &[&str]) -> Invocation {
    folder.bulla(&[&["token", "mint"][..], flags, &CLAIMS[..]].concat())
}

#[test]
fn a_key_signs_with_no_other_algorithm_than_its_file_names() {
    let folder = Folder::new();
    let generate = ["keys", "generate", "--algorithm", "Ed25519", "--out", "key"];
    folder.bulla(&generate).succeed();
    let with = |algorithm| mint(&folder, &["--key", "key", "--algorithm", algorithm]);
    with("Ed25519").succeed();
    with("EdDSA").refused(&["key is a key for Ed25519, not for EdDSA"]);
    // Without the line it is any Ed25519 key, for the name that all know.
    let text = String::from_utf8(folder.read("key")).unwrap();
    let pem = text.strip_prefix("Algorithm: Ed25519\n").unwrap();
    folder.write("key", pem);
    with("EdDSA").succeed();
}

#[test]
fn what_a_jwk_does_not_state_is_what_the_flags_say() {
    let folder = Folder::new();
    let jwk = serde_json::json!({ "kty": "oct", "k": "a".repeat(85) + "A" });
    folder.write("key", jwk.to_string());
    mint(&folder, &["--key", "key", "--algorithm", "HS512"]).refused(&["`kid` is missing"]);
    let flags = ["--key", "key", "--algorithm", "HS512", "--kid", "k1"];
    let token = mint(&folder, &flags).succeed().stdout;
    let header = token.split('.').next().unwrap();
    let header = bulla_jose::base64url::decode(header.as_bytes()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["alg"], "HS512");
    assert_eq!(header["kid"], "k1");
}

#[test]
fn claims_that_nobody_would_take_are_refused() {
    let folder = Folder::new();
    folder
        .bulla(&["keys", "generate", "--out", "key"])
        .succeed();
    let with = |claim: &str| mint(&folder, &["--key", "key", "--claim", claim]);
    with(r#"x={"a":1,"b":2}"#).succeed();
    let twice = with(r#"x={"a":1,"a":2}"#).run();
    assert_eq!(twice.code, 2, "{twice:?}");
    assert!(
        twice.stderr.contains("a member name occurs twice"),
        "{twice:?}"
    );
    with(&format!("x={}", "x".repeat(10_000))).succeed();
    with(&format!("x={}", "x".repeat(12_500))).refused(&["longer than the 16384"]);
}

#[test]
fn a_key_for_another_algorithm_and_no_key_at_all_are_refused() {
    let folder = Folder::new();
    folder
        .bulla(&["keys", "generate", "--out", "key"])
        .succeed();
    let mint = |key, algorithm| {
        let mut mint = vec!["token", "mint", "--key", key, "--algorithm", algorithm];
        mint.extend(CLAIMS);
        folder.bulla(&mint)
    };
    mint("key", "ES256").succeed();
    mint("key", "RS256").refused(&["key holds no key to sign with"]);
    folder.write("text", "no key");
    mint("text", "ES256").refused(&["text holds no key to sign with"]);
}
