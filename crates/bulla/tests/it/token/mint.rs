//! `bulla keys generate` and `bulla token mint`, and that `bulla token verify` accepts what they make.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Folder;

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
            "--algorithm",
            algorithm,
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
