//! Signing keys that change under the eyes of users.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::harness::{Folder, Http, Session, poll};

/// How often the keys are rotated, unless `BULLA_TEST_ROUNDS` says how often.
const ROTATIONS: usize = 30;
/// How often the server is killed, unless `BULLA_TEST_ROUNDS` says how often.
const KILLS: usize = 8;

const RSA: &str = include_str!("../../../../bulla-jose/tests/it/jwk/pem/rsa-2048.pem");
const PUBLIC: &str = include_str!("../../../../bulla-jose/tests/it/jwk/pem/p256-public.pem");

fn rounds(usual: usize) -> usize {
    let asked = std::env::var("BULLA_TEST_ROUNDS").ok();
    asked.map_or(usual, |rounds| rounds.parse().unwrap())
}

fn keys(folder: &Folder) -> Value {
    folder.bulla(&["keys", "list", "--json"]).json()
}

/// The IDs of the keys that are in this state.
fn in_state(keys: &Value, state: &str) -> Vec<String> {
    let all = keys["keys"].as_array().unwrap().iter();
    let found = all.filter(|key| key["state"] == state);
    found
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn active(folder: &Folder) -> String {
    let [kid] = <[_; 1]>::try_from(in_state(&keys(folder), "active")).unwrap();
    kid
}

/// The key that signed it.
fn signer(folder: &Folder, session: &Session) -> String {
    let inspect = ["token", "inspect", &session.access_token, "--json"];
    let seen = folder.bulla(&inspect).json();
    seen["header"]["kid"].as_str().unwrap().to_owned()
}

fn profile(http: Http, session: &Session) -> u16 {
    let request = http.get("/api/profile").bearer(&session.access_token);
    request.send().status
}

#[test]
fn rotations_under_load_refuse_nobody() {
    let folder = Folder::new();
    let server = folder.server().env("BULLA__LIMITS__ADDRESS", "off").start();
    let http = server.public;
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let signers = Mutex::new(BTreeSet::new());
    thread::scope(|scope| {
        for number in 0..4 {
            let (over, answered, signers, folder) = (&over, &answered, &signers, &folder);
            scope.spawn(move || {
                let mut session = Session::register(http, &format!("user{number}@example.com"));
                while !over.load(Ordering::Relaxed) {
                    for _ in 0..10 {
                        assert_eq!(profile(http, &session), 200);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    session = session.refreshed(http);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                signers.lock().unwrap().insert(signer(folder, &session));
            });
        }
        let _ending = poll::Ending(&over);
        for _ in 0..rounds(ROTATIONS) {
            let before = answered.load(Ordering::Relaxed);
            folder
                .bulla(&["keys", "rotate", "--now", "--json"])
                .succeed();
            poll::until("requests under the new key", || {
                (answered.load(Ordering::Relaxed) > before).then_some(())
            });
        }
    });
    let keys = keys(&folder);
    assert_eq!(in_state(&keys, "active").len(), 1);
    assert_eq!(in_state(&keys, "next").len(), 1);
    assert_eq!(in_state(&keys, "retiring").len(), rounds(ROTATIONS));
    let known = [in_state(&keys, "active"), in_state(&keys, "retiring")].concat();
    let signers = signers.into_inner().unwrap();
    assert!(signers.iter().all(|kid| known.contains(kid)), "{signers:?}");
}

#[test]
fn killed_between_any_two_steps_one_key_signs_and_nothing_is_lost() {
    let folder = Folder::new();
    let start = || {
        // No session ends because another one is opened in each round.
        let server = folder.server().fixed_issuer();
        server.env("BULLA__SESSION__MAX_PER_USER", "10000").start()
    };
    let first = start();
    let early = Session::register(first.public, "ada@example.com");
    let root = folder.bulla(&[
        "user",
        "add",
        "root@example.com",
        "--role",
        "admin",
        "--json",
    ]);
    let root = root.json();
    let password = root["password"].as_str().unwrap();
    first.kill();
    for round in 0..rounds(KILLS) {
        let server = start();
        let body = json!({ "email": "root@example.com", "password": password });
        let login = server
            .admin
            .post("/auth/login")
            .json(&body)
            .send()
            .expect(200);
        let token = login["access_token"].as_str().unwrap();
        let (admin, done) = (server.admin, AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                // Until it is killed.
                loop {
                    let rotate = admin.post("/admin/keys/rotate").bearer(token);
                    match rotate.json(&json!({ "now": true })).try_send() {
                        Ok(answer) => assert_eq!(answer.status, 200, "{answer:?}"),
                        Err(_) => break,
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
            poll::until("rotations", || {
                (done.load(Ordering::Relaxed) > round % 5).then_some(())
            });
            server.kill();
        });
        let server = start();
        let keys = keys(&folder);
        assert_eq!(in_state(&keys, "active").len(), 1, "{keys}");
        assert_eq!(in_state(&keys, "next").len(), 1, "{keys}");
        assert_eq!(profile(server.public, &early), 200);
        let late = Session::login(server.public, "ada@example.com");
        assert_eq!(profile(server.public, &late), 200);
        assert_eq!(signer(&folder, &late), active(&folder));
        server.kill();
    }
}

#[test]
fn keys_rotate_by_themselves_when_it_is_time() {
    let folder = Folder::new();
    let server = folder.server().env("BULLA__KEYS__ROTATE_EVERY", "2s");
    let server = server.env("BULLA__KEYS__PUBLISH_AHEAD", "1s").start();
    let session = Session::register(server.public, "ada@example.com");
    let first = signer(&folder, &session);
    let third = poll::until("two rotations", || {
        let session = session.refreshed(server.public);
        let keys = keys(&folder);
        (in_state(&keys, "retiring").len() >= 2).then_some(session)
    });
    assert_ne!(signer(&folder, &third), first);
    for session in [&session, &third] {
        assert_eq!(profile(server.public, session), 200);
    }
}

#[test]
fn a_young_key_is_refused_in_words_of_the_command_line() {
    let folder = Folder::new();
    let _server = folder.server().start();
    let expected = "cannot rotate the signing keys: --now: without it the next key signs from ";
    folder.bulla(&["keys", "rotate"]).refused(&[expected]);
    let refused = folder.bulla(&["keys", "rotate", "--json"]);
    refused.refused(&["field_invalid", expected]);
    folder.bulla(&["keys", "rotate", "--now"]).succeed();
}

#[test]
fn another_algorithm_in_the_configuration_is_a_start_like_any_other() {
    let folder = Folder::new();
    let start = |algorithm| {
        let server = folder.server().fixed_issuer();
        server.env("BULLA__TOKENS__ALGORITHM", algorithm).start()
    };
    let server = start("ES256");
    let old = Session::register(server.public, "ada@example.com");
    server.stop();
    let server = start("PS256");
    assert_eq!(profile(server.public, &old), 200);
    let still = Session::login(server.public, "ada@example.com");
    assert_eq!(signer(&folder, &still), signer(&folder, &old));
    let rotated = folder.bulla(&["keys", "rotate", "--now", "--json"]).json();
    let new = old.refreshed(server.public);
    assert_eq!(in_state(&rotated, "active"), [signer(&folder, &new)]);
    assert_eq!(rotated["algorithm"], "PS256");
    for session in [&old, &still, &new] {
        assert_eq!(profile(server.public, session), 200);
    }
    // A command without the environment of the server changes nothing.
    server.stop();
    assert_eq!(keys(&folder)["algorithm"], "PS256");
}

#[test]
fn a_key_whose_tokens_fit_no_cookie_is_refused_at_the_start_where_cookies_are_handed_out() {
    let folder = Folder::new();
    let first = folder.server().env("BULLA__TOKENS__ALGORITHM", "ML-DSA-65");
    first.start().stop();
    let refused = folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0");
    refused.refused(&[
        "the active signing key is for ML-DSA-65",
        "cookies.enabled = false",
    ]);
    let without = folder
        .server()
        .env("BULLA__COOKIES__ENABLED", "false")
        .start();
    let session = Session::register(without.public, "ada@example.com");
    assert_eq!(profile(without.public, &session), 200);
}

#[test]
fn a_revoked_key_is_refused_at_the_next_request_and_after_kill_9() {
    let folder = Folder::new();
    let server = folder.server().fixed_issuer().start();
    let session = Session::register(server.public, "ada@example.com");
    assert_eq!(profile(server.public, &session), 200);
    let bad = signer(&folder, &session);
    folder
        .bulla(&["keys", "revoke", "unknown"])
        .refused(&["no such signing key"]);
    let keys = folder.bulla(&["keys", "revoke", &bad, "--json"]).json();
    assert_eq!(in_state(&keys, "revoked"), [bad]);
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    let fresh = session.refreshed(server.public);
    assert_eq!(profile(server.public, &fresh), 200);
    server.kill();
    let server = folder.server().fixed_issuer().start();
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    assert_eq!(profile(server.public, &fresh), 200);
}

#[test]
fn a_key_of_ones_own_is_imported_from_wherever_it_is() {
    let secret = "a secret of thirty-two bytes or more";
    let folder = Folder::new();
    folder.write("rsa.pem", RSA);
    folder.write("secret.txt", format!("{secret}\n"));
    folder.write("public.pem", PUBLIC);
    let import = |arguments: &[&str]| folder.bulla(&[&["keys", "import"], arguments].concat());
    // Before the first start.
    import(&["rsa.pem", "--now"]).succeed();
    let server = folder.server().fixed_issuer().start();
    let session = Session::register(server.public, "ada@example.com");
    let by = |kid: &str, arguments: &[&str]| {
        let keys = import(arguments).env("JWT_SECRET", secret).json();
        assert_eq!(in_state(&keys, "active"), [kid.to_owned()]);
        let session = session.refreshed(server.public);
        assert_eq!(signer(&folder, &session), kid);
        assert_eq!(profile(server.public, &session), 200);
    };
    let hs256 = ["--algorithm", "HS256", "--now", "--json", "--kid"];
    by("file", &[&["secret.txt"], &hs256[..], &["file"]].concat());
    by(
        "env",
        &[&["--env", "JWT_SECRET"], &hs256[..], &["env"]].concat(),
    );
    let generated = folder.bulla(&[
        "keys",
        "generate",
        "--algorithm",
        "Ed25519",
        "--out",
        "new.pem",
        "--json",
    ]);
    let kid = generated.json()["kid"].as_str().unwrap().to_owned();
    let piped = import(&["-", "--now", "--json"]).stdin(folder.read("new.pem"));
    assert_eq!(in_state(&piped.json(), "active"), [kid]);
    assert_eq!(profile(server.public, &session), 200, "by the first key");

    import(&["public.pem"]).refused(&["public.pem", "a public key where a private one is needed"]);
    import(&["rsa.pem"]).refused(&["there is a signing key of this ID, which is retiring"]);
    import(&["nothing.pem"]).refused(&["nothing.pem cannot be read"]);
    import(&["--env", "NOTHING"]).refused(&["there is no text in $NOTHING"]);
    import(&["-"])
        .stdin("x".repeat(100_000))
        .refused(&["it has more than 48 KiB"]);
    import(&["-"]).stdin([0xff; 40]).refused(&["not text"]);
    import(&["-", "--algorithm", "HS256"])
        .stdin("short")
        .refused(&["32 bytes or more, this one has 5"]);
    assert_eq!(import(&[]).run().code, 2);
    assert_eq!(import(&["rsa.pem", "--env", "X"]).run().code, 2);
    let log = server.stop();
    assert!(
        !log.contains(secret) && !log.contains("PRIVATE KEY"),
        "{log}"
    );
}
