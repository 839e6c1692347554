//! `POST /auth/register`

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::app::{PASSWORD, TestApp};

#[tokio::test]
async fn it_answers_the_session_of_the_contract() {
    let app = TestApp::start().await;
    let body = json!({
        "email": "Ada@Example.com", "username": "ada", "password": PASSWORD, "name": "Ada",
    });
    let answer = app
        .post("/auth/register", body)
        .await_status(StatusCode::CREATED)
        .await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let session = answer.json();
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_in"], 900);
    assert!(
        session["refresh_token"]
            .as_str()
            .unwrap()
            .starts_with("brt_")
    );
    assert!(session["session"]["id"].is_string());
    let id = &session["user"]["id"];
    assert!(id.as_str().unwrap().starts_with("usr_"));
    let user = json!({
        "id": id, "email": "Ada@Example.com", "username": "ada", "name": "Ada", "roles": [],
        "plan": "free",
    });
    assert_eq!(session["user"], user);
    app.assert_accepted(session["access_token"].as_str().unwrap())
        .await;
}

#[tokio::test]
async fn what_is_left_out_is_null() {
    let app = TestApp::start().await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let answer = app
        .post("/auth/register", body)
        .await_status(StatusCode::CREATED)
        .await;
    let user = &answer.json()["user"];
    assert!(user["email"].is_null() && user["name"].is_null(), "{user}");
}

#[tokio::test]
async fn a_taken_name_is_409_however_it_is_written() {
    let app = TestApp::start().await;
    let first = json!({"email": "ada@example.com", "username": "ada", "password": PASSWORD});
    app.post("/auth/register", first)
        .await_status(StatusCode::CREATED)
        .await;
    let email = json!({"email": "ADA@example.COM", "password": PASSWORD});
    app.post("/auth/register", email)
        .await_refusal(409, "email_taken")
        .await;
    let username = json!({"username": "Ada", "password": PASSWORD});
    app.post("/auth/register", username)
        .await_refusal(409, "username_taken")
        .await;
    let other = json!({"email": "bob@example.com", "username": "bob", "password": PASSWORD});
    app.post("/auth/register", other)
        .await_status(StatusCode::CREATED)
        .await;
}

#[tokio::test]
async fn one_of_two_names_is_needed() {
    let app = TestApp::start().await;
    let body = json!({"password": PASSWORD});
    app.post("/auth/register", body)
        .await_refusal(422, "field_invalid")
        .await;
}

#[tokio::test]
async fn a_name_that_cannot_be_is_422_and_named() {
    let app = TestApp::start().await;
    for (field, value) in [("email", "ada"), ("username", "a b"), ("name", "\u{7}")] {
        let mut body = json!({"email": "ada@example.com", "username": "ada", "password": PASSWORD});
        body[field] = json!(value);
        let answer = app
            .post("/auth/register", body)
            .await_refusal(422, "field_invalid")
            .await;
        assert_eq!(answer.json()["field"], field);
    }
}

#[tokio::test]
async fn a_weak_password_is_refused_and_not_repeated() {
    let app = TestApp::start().await;
    for weak in ["sealed", "password123", "ada@example.com"] {
        let body = json!({"email": "ada@example.com", "password": weak});
        let answer = app
            .post("/auth/register", body)
            .await_refusal(422, "password_refused")
            .await;
        assert_eq!(answer.json()["field"], "password");
        assert!(!answer.text.contains(&format!("\"{weak}\"")));
    }
    let endless = json!({"email": "ada@example.com", "password": "a".repeat(1025)});
    app.post("/auth/register", endless)
        .await_refusal(422, "field_invalid")
        .await;
    app.register("ada").await;
}

#[tokio::test]
async fn too_many_hashes_at_once_are_503() {
    let app = TestApp::start().await;
    app.hasher.set_overloaded(true);
    let body = json!({"username": "ada", "password": PASSWORD});
    app.post("/auth/register", body.clone())
        .await_refusal(503, "overloaded")
        .await;
    app.hasher.set_overloaded(false);
    app.post("/auth/register", body)
        .await_status(StatusCode::CREATED)
        .await;
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_503_and_nothing_is_claimed() {
    let app = TestApp::start().await;
    app.store.close();
    let body = json!({"username": "ada", "password": PASSWORD});
    app.post("/auth/register", body)
        .await_refusal(503, "store_unavailable")
        .await
        .assert_says("it is not known whether");
}
