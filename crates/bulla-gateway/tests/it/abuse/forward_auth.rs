//! Requests that another proxy asks about.

use super::{ADDRESS, Judging, OTHER, session};
use crate::support::{Answer, tampered_token};

async fn ask(judging: &Judging, address: &str, uri: &str, token: &str) -> Answer {
    let headers = format!(
        "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: {uri}\r\nX-Forwarded-For: {address}\r\n\
         Authorization: Bearer {token}\r\n"
    );
    judging.gateway.get("/forward-auth", &headers).await
}

#[tokio::test]
async fn the_client_that_a_question_is_about_is_judged() {
    let judging = Judging::start().await;
    for _ in 0..60 {
        ask(&judging, ADDRESS, "/api", &tampered_token()).await;
    }
    let challenged = ask(&judging, ADDRESS, "/api", &tampered_token()).await;
    assert_eq!(
        challenged.header("x-bulla-code"),
        Some("challenge_required")
    );
    for _ in 0..340 {
        ask(&judging, ADDRESS, "/api", &tampered_token()).await;
    }
    let banned = ask(&judging, ADDRESS, "/api", &session("tok_1")).await;
    assert_eq!(
        (banned.status, banned.header("x-bulla-code")),
        (403, Some("address_banned"))
    );
    let other = ask(&judging, OTHER, "/api", &session("tok_1")).await;
    assert_eq!(other.status, 200, "the control");
    assert_eq!(judging.score("127.0.0.1"), 0, "the proxy is not");
}

#[tokio::test]
async fn a_session_that_was_there_before_goes_on() {
    let judging = Judging::start().await;
    let known = session("tok_1");
    assert_eq!(ask(&judging, ADDRESS, "/api", &known).await.status, 200);
    judging.offend(400, ADDRESS);
    assert_eq!(ask(&judging, ADDRESS, "/api", &known).await.status, 200);
}
