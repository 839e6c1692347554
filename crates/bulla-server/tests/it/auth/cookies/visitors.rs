//! Visitors without an account, in cookie mode.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Jar, assert_by_cookie, set_cookies};
use crate::app::{Answer, PASSWORD, TestApp};

/// Redeems a challenge that takes no work.
async fn redeem(app: &TestApp, jar: &Jar, mode: &str) -> Answer {
    let challenge = app.get("/auth/challenge?level=0").send().await.json();
    let body = json!({"challenge": challenge["challenge"], "nonces": [], "mode": mode});
    let call = jar.post(app, "/auth/anonymous").json(body);
    call.await_status(StatusCode::OK).await
}

#[tokio::test]
async fn a_visitor_gets_one_cookie_that_lives_as_long_as_the_token() {
    let app = TestApp::start().await;
    let mut jar = Jar::default();
    let answer = redeem(&app, &jar, "cookie").await;
    let body = answer.json();
    assert_eq!(body.get("access_token"), None, "{body}");
    let lines = set_cookies(&answer);
    let expected = format!(
        "; Path=/; Max-Age={}; HttpOnly; SameSite=Lax; Secure",
        body["expires_in"]
    );
    assert!(
        lines.len() == 1 && lines[0].ends_with(&expected),
        "{lines:?}"
    );
    jar.keep(&answer);
    assert_eq!(jar.me(&app).await, (403, "sign_in_required".to_owned()));
}

#[tokio::test]
async fn the_visitor_stays_who_it_was_only_in_another_cookie() {
    let app = TestApp::start().await;
    let mut jar = Jar::default();
    let first = redeem(&app, &jar, "cookie").await;
    jar.keep(&first);
    let visitor = |answer: &Answer| answer.json()["user"]["id"].clone();
    let again = redeem(&app, &jar, "cookie").await;
    assert_eq!(visitor(&again), visitor(&first));
    let by_token = redeem(&app, &jar, "token").await;
    assert_ne!(visitor(&by_token), visitor(&first));
}

#[tokio::test]
async fn an_upgrade_by_cookie_opens_a_session_in_cookies() {
    let app = TestApp::start().await;
    let mut jar = Jar::default();
    let visit = redeem(&app, &jar, "cookie").await;
    jar.keep(&visit);
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let forged = app.call(Method::POST, "/auth/upgrade");
    let forged = forged.browser(jar.forged()).json(body.clone());
    forged.await_refusal(403, "csrf_refused").await;
    let mut readable: Value = body.clone();
    readable["mode"] = json!("token");
    let refused = jar.post(&app, "/auth/upgrade").json(readable);
    refused.await_refusal(422, "field_invalid").await;

    let call = jar.post(&app, "/auth/upgrade").json(body);
    let answer = call.await_status(StatusCode::CREATED).await;
    let user = assert_by_cookie(&answer)["user"].clone();
    assert_eq!(user["id"], visit.json()["user"]["id"]);
    let old = jar.clone();
    jar.keep(&answer);
    assert_eq!(jar.me(&app).await.0, 200);
    assert_eq!(old.me(&app).await, (401, "token_revoked".to_owned()));
}
