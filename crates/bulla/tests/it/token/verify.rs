//! `bulla token verify`.

use serde_json::{Value, json};

use crate::harness::{
    Folder,
    folder::{Finished, Invocation},
    tokens::{AUDIENCE, ISSUER, SharedSecret},
};

const END: u64 = 2_000_000_000;
/// What makes a token good.
const KNOWN: [&str; 6] = [
    "--jwks",
    "keys.json",
    "--issuer",
    ISSUER,
    "--audience",
    AUDIENCE,
];

#[test]
fn a_good_token_shows_its_claims() {
    let (folder, secret) = prepared();
    let claims = secret.claims(END);
    let finished = verify(&folder, &["--now", "1999999999"])
        .stdin(secret.sign(&claims))
        .run();
    assert_eq!(finished.code, 0, "{finished:?}");
    assert_eq!(
        lines(&finished),
        [json!({ "valid": true, "claims": claims })]
    );
}

#[test]
fn an_access_token_that_no_gateway_takes_is_not_valid() {
    let (folder, secret) = prepared();
    let verdict = |typ: &str, claim: &str, value: Value| {
        let mut claims = secret.claims(END);
        claims[claim] = value;
        let token = secret.sign_as(typ, &claims);
        let flags = ["--now", "1", "--typ", typ];
        let finished = verify(&folder, &flags).stdin(token.clone()).run();
        let code = lines(&finished)[0]["code"].clone();
        let explained = folder
            .bulla(&[&["token", "explain", &token, "--json"], &KNOWN[..], &flags].concat())
            .run();
        assert_eq!(
            explained.code, finished.code,
            "explain says the same of {claim}"
        );
        let explained: Value = serde_json::from_str(&explained.stdout).unwrap();
        assert_eq!(explained["code"], code, "explain says the same of {claim}");
        code
    };
    for (claim, value) in [
        ("sub", json!("")),
        ("roles", json!("admin")),
        ("scope", json!(["a"])),
        ("plan", json!(1)),
        ("sid", json!(7)),
        ("epoch", json!("3")),
        ("anon", json!("false")),
        ("client_id", json!(["a"])),
    ] {
        let refused = json!("token_claim_invalid");
        assert_eq!(verdict("at+jwt", claim, value.clone()), refused, "{claim}");
        assert_eq!(
            verdict("application/AT+JWT", claim, value.clone()),
            refused,
            "{claim}"
        );
        assert_eq!(
            verdict("JWT", claim, value),
            Value::Null,
            "{claim}: of other tokens nobody said so"
        );
    }
    for claim in ["plan", "roles", "sid"] {
        assert_eq!(verdict("at+jwt", claim, Value::Null), Value::Null);
    }
}

#[test]
fn it_expires_to_the_second_plus_leeway() {
    let (folder, secret) = prepared();
    let token = secret.sign(&secret.claims(END));
    let code = |flags: &[&str]| {
        let finished = verify(&folder, flags).stdin(token.clone()).run();
        (finished.code, lines(&finished)[0]["code"].clone())
    };
    let expired = (1, json!("token_expired"));
    assert_eq!(code(&["--now", "1999999999"]), (0, Value::Null));
    assert_eq!(code(&["--now", "2000000000"]), expired);
    assert_eq!(
        code(&["--now", "2000000004", "--leeway", "5s"]),
        (0, Value::Null)
    );
    assert_eq!(code(&["--now", "2000000005", "--leeway", "5s"]), expired);
}

#[test]
fn a_batch_gives_a_verdict_a_line_in_order() {
    let (folder, secret) = prepared();
    let good = secret.sign(&secret.claims(END));
    let plain = secret.sign_as("JWT", &secret.claims(END));
    let mut input = format!("{good}\n{good}\r\n\n{plain}\n").into_bytes();
    input.extend(b"\xff\xfe\n");
    input.extend(good.as_bytes());
    let finished = verify(&folder, &["--now", "1", "--batch"])
        .stdin(input)
        .run();
    assert_eq!(finished.code, 1);
    let verdicts: Vec<Value> = lines(&finished)
        .into_iter()
        .map(|line| {
            if line["valid"] == true {
                json!("good")
            } else {
                line["code"].clone()
            }
        })
        .collect();
    let expected = [
        "good",
        "token_malformed",
        "token_malformed",
        "token_type_mismatch",
        "token_malformed",
        "good",
    ];
    assert_eq!(verdicts, expected);
}

#[test]
fn without_batch_all_of_standard_input_is_one_token() {
    let (folder, secret) = prepared();
    let good = secret.sign(&secret.claims(END));
    let one = verify(&folder, &["--now", "1"])
        .stdin(format!("{good}\n"))
        .run();
    assert_eq!((one.code, lines(&one).len()), (0, 1));
    let two = verify(&folder, &["--now", "1"])
        .stdin(format!("{good}\n{good}\n"))
        .run();
    assert_eq!(
        (two.code, lines(&two)[0]["code"].clone()),
        (1, json!("token_malformed"))
    );
}

#[test]
fn types_and_algorithms_are_those_that_were_said() {
    let (folder, secret) = prepared();
    let plain = secret.sign_as("JWT", &secret.claims(END));
    let check = |flags: &[&str]| {
        let finished = verify(&folder, flags).stdin(plain.clone()).run();
        lines(&finished)[0]["code"].clone()
    };
    assert_eq!(check(&["--now", "1"]), "token_type_mismatch");
    assert_eq!(check(&["--now", "1", "--typ", "JWT"]), Value::Null);
    let refused = check(&["--now", "1", "--typ", "JWT", "--algorithms", "RS256,ES256"]);
    assert_eq!(refused, "token_algorithm_refused");
    assert_eq!(
        check(&["--now", "1", "--typ", "JWT", "--algorithms", "HS256"]),
        Value::Null
    );
}

#[test]
fn a_bad_key_set_is_exit_code_2() {
    let (folder, _) = prepared();
    folder.write("broken.json", "[]");
    for keys in [
        "broken.json",
        "missing.json",
        "http://127.0.0.1:1/keys.json",
    ] {
        let finished = folder
            .bulla(&[
                "token",
                "verify",
                "--jwks",
                keys,
                "--issuer",
                "i",
                "--audience",
                "a",
            ])
            .stdin("token")
            .run();
        assert_eq!(finished.code, 2, "{finished:?}");
        assert!(
            finished.stderr.contains(keys) && finished.stdout.is_empty(),
            "{finished:?}"
        );
    }
}

fn prepared() -> (Folder, SharedSecret) {
    let (folder, secret) = (Folder::new(), SharedSecret::new());
    folder.write("keys.json", secret.jwk_set());
    (folder, secret)
}

fn verify(folder: &Folder, flags: &[&str]) -> Invocation {
    folder.bulla(&[&["token", "verify"], &KNOWN[..], flags].concat())
}

fn lines(finished: &Finished) -> Vec<Value> {
    finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
