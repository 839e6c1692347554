//! A token that its holder cannot read.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Call, Door, TestApp, tampered};

fn post<'a>(app: &'a TestApp, path: &str, token: &str) -> Call<'a> {
    let call = app.call_at(Door::Demo, Method::POST, path);
    call.json(json!({"token": token}))
}

async fn wrapped(app: &TestApp, token: &str) -> String {
    let answer = post(app, "/demo/encrypted/wrap", token);
    let answer = answer.await_status(StatusCode::OK).await.json();
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn its_holder_reads_the_outer_header_and_the_service_all_of_it() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let token = wrapped(&app, &ada.access).await;
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 5);
    let decoded = |part: &str| bulla_jose::base64url::decode(part.as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&decoded(parts[0])).unwrap();
    assert_eq!(
        (&header["alg"], &header["enc"], &header["cty"]),
        (&json!("ECDH-ES+A256KW"), &json!("A256GCM"), &json!("JWT"))
    );
    for part in parts {
        assert!(!String::from_utf8_lossy(&decoded(part)).contains("usr_"));
    }
    let read = post(&app, "/demo/encrypted/read", &token);
    let read = read.await_status(StatusCode::OK).await.json();
    assert_eq!(read["user"]["id"], ada.id.as_str());
    assert_ne!(
        token,
        wrapped(&app, &ada.access).await,
        "each has a key of its own"
    );
}

#[tokio::test]
async fn only_what_holds_is_wrapped() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let wrap = |token: &str| post(&app, "/demo/encrypted/wrap", token);
    wrap(&tampered(&ada.access))
        .await_refusal(401, "token_signature_invalid")
        .await;
    wrap("").await_refusal(401, "token_malformed").await;
    wrap(&ada.access).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_was_altered_or_is_none_is_not_read() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let token = wrapped(&app, &ada.access).await;
    let read = |token: &str| post(&app, "/demo/encrypted/read", token);
    let at = token.rfind('.').unwrap() - 10;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    let altered = format!("{}{other}{}", &token[..at], &token[at + 1..]);
    read(&altered)
        .await_refusal(401, "token_signature_invalid")
        .await;
    read(&ada.access)
        .await_refusal(401, "token_malformed")
        .await;
    // Made for another service.
    let other = TestApp::start().await;
    let elsewhere = wrapped(&other, &other.register("ada").await.access).await;
    read(&elsewhere)
        .await_refusal(401, "token_key_unknown")
        .await;
    read(&token).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_is_in_it_can_still_be_taken_back() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let token = wrapped(&app, &ada.access).await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    let read = post(&app, "/demo/encrypted/read", &token);
    read.await_refusal(401, "token_revoked").await;
}
