//! Visitors without an account, through the gateway.

mod limit;
mod page;
mod upgrade;

use bulla_core::anonymous::puzzle::Puzzle;
use serde_json::{Value, json};

use crate::harness::{Answer, Folder, Http, server::ServerBuilder, session};

/// Gets a challenge, solves it and returns what redeems it.
#[track_caller]
fn solved(http: Http) -> Value {
    let answer = http.get("/auth/challenge").send().expect(200);
    let challenge = answer["challenge"].as_str().unwrap();
    let bits = u32::try_from(answer["difficulty"].as_u64().unwrap()).unwrap();
    let solve = |index| Puzzle::new(challenge, index).solve(bits).get();
    let nonces: Vec<u64> = (0..16).map(solve).collect();
    json!({"challenge": challenge, "nonces": nonces})
}

fn redeem(http: Http, solved: &Value) -> Answer {
    http.post("/auth/anonymous").json(solved).send()
}

/// A new visitor's token.
#[track_caller]
fn visit(http: Http) -> String {
    let answer = redeem(http, &solved(http)).expect(200);
    answer["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_visitor_reaches_what_asks_for_any_token_and_nothing_else() {
    let folder = Folder::new();
    let server = folder.server().start();
    let contact = server
        .public
        .post("/contact")
        .json(&json!({"message": "hello"}));
    let refused = contact.send();
    refused.expect_problem(401, "token_missing");
    assert_eq!(refused.json()["challenge"], "/auth/challenge");
    let refused = server.public.get("/api/profile").send();
    refused.expect_problem(401, "token_missing");
    assert_eq!(refused.json()["challenge"], Value::Null);

    let token = visit(server.public);
    let answer = session::contact(server.public, &token).expect(200);
    assert_eq!(answer["anonymous"], true);
    for path in ["/api/profile", "/api/orders", "/api/admin", "/auth/me"] {
        let answer = server.public.get(path).bearer(&token).send();
        answer.expect_problem(403, "sign_in_required");
    }
}

#[test]
fn one_challenge_is_one_token_at_two_issuers_of_one_master_key() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let with_key =
        |folder: &Folder| -> ServerBuilder { folder.server().env("BULLA_MASTER_KEY", key) };
    let (folders, stranger) = ([Folder::new(), Folder::new()], Folder::new());
    let servers = folders.each_ref().map(|folder| with_key(folder).start());
    let stranger = stranger.server().start();
    let solved = solved(servers[0].public);
    let [first, second] = servers.each_ref().map(|server| {
        let answer = redeem(server.public, &solved).expect(200);
        session::contact(server.public, answer["access_token"].as_str().unwrap()).expect(200);
        claims(&answer)
    });
    for claim in ["jti", "sub", "iat", "exp"] {
        assert_eq!(first[claim], second[claim], "{claim}");
    }
    redeem(stranger.public, &solved).expect_problem(401, "challenge_invalid");
}

#[test]
fn they_are_not_welcome_where_it_says_so() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__ANONYMOUS__ENABLED", "false")
        .start();
    let public = server.public;
    public
        .get("/auth/challenge")
        .send()
        .expect_problem(404, "not_found");
    let contact = public.post("/contact").json(&json!({"message": "hello"}));
    let refused = contact.send();
    refused.expect_problem(401, "token_missing");
    assert_eq!(refused.json()["challenge"], Value::Null);
}

/// What the token of a session answer says.
fn claims(answer: &Value) -> Value {
    let payload = answer["access_token"].as_str().unwrap().split('.').nth(1);
    let bytes = bulla_jose::base64url::decode(payload.unwrap().as_bytes());
    serde_json::from_slice(&bytes.unwrap()).unwrap()
}
