//! `bulla token verify`.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use serde_json::{Value, json};

use crate::harness::{
    Folder,
    folder::{Finished, Invocation, command},
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
fn a_line_that_is_too_long_says_how_long_it_is_and_the_next_is_judged() {
    let (folder, secret) = prepared();
    let good = secret.sign(&secret.claims(END));
    let long = "\u{fffd}".repeat(100_000);
    let input = format!("{long}\n{good}\n").into_bytes();
    let broken = [&vec![0xff; 16_384][..], b"\n", &input].concat();
    let finished = verify(&folder, &["--now", "1", "--batch"])
        .stdin(broken)
        .run();
    let lines = lines(&finished);
    let detail = |at: usize| lines[at]["detail"].as_str().unwrap();
    assert!(!detail(0).contains("bytes"), "not too long: {}", detail(0));
    assert!(detail(1).contains("300000 bytes are more than 16384"));
    assert_eq!(lines[2]["valid"], true);
}

#[test]
fn input_or_output_that_fails_is_exit_code_2() {
    let (folder, secret) = prepared();
    let good = folder.write("token", secret.sign(&secret.claims(END)));
    let flags = ["--issuer", ISSUER, "--audience", AUDIENCE, "--now", "1"];
    let code = |verb: &str, input: &Path, output: &str| {
        let status = command(folder.path())
            .args(["token", verb, "--jwks", "keys.json"])
            .args(flags)
            .stdin(File::open(input).unwrap())
            .stdout(File::options().write(true).open(output).unwrap())
            .stderr(Stdio::null())
            .status();
        status.unwrap().code()
    };
    for verb in ["verify", "explain"] {
        assert_eq!(code(verb, &good, "/dev/null"), Some(0), "the control");
        assert_eq!(code(verb, folder.path(), "/dev/null"), Some(2), "{verb}");
        assert_eq!(code(verb, &good, "/dev/full"), Some(2), "{verb}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let (folder, secret) = prepared();
    let good = secret.sign(&secret.claims(END));
    let tokens = folder.write("tokens", format!("{good}\n").repeat(2_000));
    let mut child = command(folder.path())
        .args(["token", "verify", "--jwks", "keys.json", "--batch"])
        .args(["--issuer", ISSUER, "--audience", AUDIENCE, "--now", "1"])
        .stdin(File::open(tokens).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut first).unwrap();
    drop(output);
    let finished = child.wait_with_output().unwrap();
    assert!(first.contains("\"valid\":true"), "{first}");
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    assert!(finished.stderr.is_empty(), "{finished:?}");
}

#[test]
fn a_key_that_is_not_used_is_named() {
    let (folder, secret) = prepared();
    let good = secret
        .jwk_set()
        .replace("]}", ",{\"kty\":\"PQC\",\"kid\":\"new\"}]}");
    folder.write("keys.json", good);
    let finished = verify(&folder, &["--now", "1"])
        .stdin(secret.sign(&secret.claims(END)))
        .succeed();
    let named = r#"key 1 (new) is not used: the key type "PQC" is not supported"#;
    assert!(finished.stderr.contains(named), "{finished:?}");
    assert_eq!(lines(&finished)[0]["valid"], true);
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
