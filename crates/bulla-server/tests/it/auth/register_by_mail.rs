//! `POST /auth/register` where an address must be proven, and `POST /auth/verify`

use axum::http::StatusCode;
use bulla_core::authentication::MailedLogin;
use serde_json::{Value, json};

use crate::app::{PASSWORD, SignedIn, TestApp};

async fn app() -> TestApp {
    TestApp::by_mail(MailedLogin::Link).await
}

fn ada() -> Value {
    json!({"email": "ada@example.com", "username": "ada", "password": PASSWORD, "name": "Ada"})
}

impl TestApp {
    async fn ask_to_register(&self, body: Value) -> String {
        let call = self.post("/auth/register", body);
        call.await_status(StatusCode::ACCEPTED).await.text
    }
}

#[tokio::test]
async fn the_link_makes_the_account_and_opens_its_session() {
    let app = app().await;
    app.ask_to_register(ada()).await;
    let token = app.link().await;
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/auth/login", login)
        .await_refusal(401, "credentials_invalid")
        .await;
    let answer = app.post("/auth/verify", json!({"token": token}));
    let answer = answer.await_status(StatusCode::OK).await;
    assert_eq!(answer.json()["user"]["username"], "ada");
    app.assert_accepted(&SignedIn::from(&answer).access).await;
    app.login("ada").await;
}

#[tokio::test]
async fn an_address_with_an_account_is_answered_as_one_without() {
    let app = app().await;
    let free = app.ask_to_register(ada()).await;
    let token = app.link().await;
    app.post("/auth/verify", json!({"token": token}))
        .await_status(StatusCode::OK)
        .await;
    let hashed = app.hasher.hashed();
    let again = json!({"email": "ADA@example.com", "password": PASSWORD});
    let taken = app.ask_to_register(again).await;
    assert_eq!(taken, free);
    assert_eq!(app.hasher.hashed(), hashed + 1);
    // The owner is told, and can choose another password by the same letter.
    let token = app.link().await;
    let new = json!({"token": token, "new_password": "a better password by far"});
    app.post("/auth/password/reset", new)
        .await_status(StatusCode::NO_CONTENT)
        .await;
}

#[tokio::test]
async fn whoever_follows_the_link_can_choose_the_password() {
    const NEW: &str = "eight sealed tablets";
    let app = app().await;
    app.ask_to_register(ada()).await;
    let token = app.link().await;
    let verify = |password: &str| {
        let body = json!({"token": token, "password": password});
        app.post("/auth/verify", body)
    };
    let weak = verify("password123").await_refusal(422, "password_refused");
    assert_eq!(weak.await.json()["field"], "password");
    let long = verify(&"x".repeat(1025)).await_refusal(422, "field_invalid");
    assert_eq!(long.await.json()["field"], "password");
    verify(NEW).await_status(StatusCode::OK).await;
    let login = |password: &str| {
        let body = json!({"email": "ada@example.com", "password": password});
        app.post("/auth/login", body)
    };
    let registered_with = login(PASSWORD).await_refusal(401, "credentials_invalid");
    registered_with.await;
    login(NEW).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused_at_once() {
    let app = app().await;
    let nameless = json!({"username": "ada", "password": PASSWORD});
    let answer = app.post("/auth/register", nameless);
    let answer = answer.await_refusal(422, "field_invalid").await;
    assert_eq!(answer.json()["field"], "email");
    let weak = json!({"email": "ada@example.com", "password": "password123"});
    app.post("/auth/register", weak)
        .await_refusal(422, "password_refused")
        .await;
    let mut admin = ada();
    admin["role"] = json!("admin");
    app.post("/auth/register", admin)
        .await_refusal(422, "field_unknown")
        .await;
    assert_eq!(app.letters().await, []);
    app.ask_to_register(ada()).await;
    assert_eq!(app.letters().await.len(), 1);
}

#[tokio::test]
async fn an_address_gets_five_letters_in_an_hour_whether_it_has_an_account_or_not() {
    let app = app().await;
    for _ in 0..7 {
        app.ask_to_register(ada()).await;
    }
    assert_eq!(app.letters().await.len(), 5);
    for _ in 0..7 {
        app.post(
            "/auth/password/forgot",
            json!({"email": "nobody@example.com"}),
        )
        .await_status(StatusCode::ACCEPTED)
        .await;
    }
    let bob = json!({"email": "bob@example.com", "password": PASSWORD});
    app.ask_to_register(bob).await;
    assert_eq!(app.letters().await.len(), 1);
    app.clock.advance(std::time::Duration::from_secs(12 * 60));
    app.ask_to_register(ada()).await;
    assert_eq!(app.letters().await.len(), 1);
}
