//! Access tokens end to the second.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::harness::{
    Answer, Folder, Session, poll, session, tokens::SharedSecret, upstream::Upstream,
};

#[test]
fn a_token_is_good_until_its_last_second_and_expired_in_the_next() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let gateway = folder
        .gateway(&secret.gateway_flags(&folder, &upstream))
        .start();
    let expires_at = now() + 2;
    let token = secret.sign(&secret.claims(expires_at));

    let mut accepted = 0;
    let refused = poll::until("the token's end", || {
        let sent_at = now();
        let answer = gateway.public.get("/orders").bearer(&token).send();
        let answered_at = now();
        assert_in_time(&answer, sent_at, answered_at, expires_at);
        accepted += usize::from(answer.status == 200);
        (answer.status != 200).then_some(answer)
    });
    refused.expect_problem(401, "token_expired");
    assert!(accepted > 0, "the token never was accepted");
}

#[test]
fn a_shorter_life_that_was_asked_for_is_kept_to() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    let body = json!({
        "email": "ada@example.com", "password": session::PASSWORD, "expires_in": 2,
    });
    let answer = server
        .public
        .post("/auth/login")
        .json(&body)
        .send()
        .expect(200);
    assert_eq!(answer["expires_in"], 2);
    let session = Session::read(&answer);
    let expired = poll::until("the token's end", || {
        let answer = session.contact(server.public);
        (answer.status != 200).then_some(answer)
    });
    expired.expect_problem(401, "token_expired");
    session
        .refreshed(server.public)
        .contact(server.public)
        .expect(200);
}

/// What an answer must be, from the whole seconds between which it was made.
fn assert_in_time(answer: &Answer, sent_at: u64, answered_at: u64, expires_at: u64) {
    if answered_at < expires_at {
        assert_eq!(answer.status, 200, "too early: {answer:?}");
    }
    if sent_at >= expires_at {
        assert_eq!(answer.status, 401, "too late: {answer:?}");
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}
