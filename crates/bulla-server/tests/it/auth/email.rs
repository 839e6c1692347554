//! `POST /auth/email` and `POST /auth/email/confirm`

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, token};

fn wish(email: &str) -> Value {
    json!({"email": email, "current_password": PASSWORD})
}

#[tokio::test]
async fn the_link_changes_the_address_and_the_old_one_hears_of_it() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.post("/auth/email", wish("ada@new.example"))
        .bearer(&ada.access)
        .await_status(StatusCode::ACCEPTED)
        .await;
    let letters = app.letters().await;
    let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["ada@new.example", "ada@example.com"]);
    let body = json!({"token": token(&letters[0])});
    app.post("/auth/email/confirm", body)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    let refreshed = app.refresh(&ada.refresh).await.json();
    assert_eq!(refreshed["user"]["email"], "ada@new.example");
}

#[tokio::test]
async fn whether_another_account_has_the_address_is_not_said() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.register("bob").await;
    let ask = async |email: &str| {
        let call = app.post("/auth/email", wish(email)).bearer(&ada.access);
        call.await_status(StatusCode::ACCEPTED).await.text
    };
    assert_eq!(ask("bob@example.com").await, ask("free@example.com").await);
}

#[tokio::test]
async fn it_takes_a_session_and_the_password() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.post("/auth/email", wish("ada@new.example"))
        .await_refusal(401, "token_missing")
        .await;
    let wrong = json!({"email": "ada@new.example", "current_password": "another password"});
    app.post("/auth/email", wrong)
        .bearer(&ada.access)
        .await_refusal(401, "credentials_invalid")
        .await;
    assert_eq!(app.letters().await, []);
}

#[tokio::test]
async fn an_account_asks_five_times_in_an_hour_whatever_the_addresses() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let ask = async |number: u32| {
        app.post("/auth/email", wish(&format!("ada{number}@new.example")))
            .bearer(&ada.access)
            .await_status(StatusCode::ACCEPTED)
            .await;
        app.letters().await.len()
    };
    for number in 0..5 {
        assert_eq!(ask(number).await, 2, "one to each address");
    }
    for number in 5..10 {
        assert_eq!(ask(number).await, 0);
    }
    app.clock.advance(Duration::from_secs(12 * 60));
    let again = app.refresh(&ada.refresh).await.json();
    app.post("/auth/email", wish("ada10@new.example"))
        .bearer(again["access_token"].as_str().unwrap())
        .await_status(StatusCode::ACCEPTED)
        .await;
    assert_eq!(app.letters().await.len(), 2, "the control");
}

#[tokio::test]
async fn nobody_uses_up_the_letter_that_warns_the_old_address() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for _ in 0..6 {
        let forgot = json!({"email": "ada@example.com"});
        app.post("/auth/password/forgot", forgot)
            .at_address("198.51.100.1")
            .await_status(StatusCode::ACCEPTED)
            .await;
    }
    assert_eq!(app.letters().await.len(), 5);
    app.post("/auth/email", wish("ada@new.example"))
        .bearer(&ada.access)
        .await_status(StatusCode::ACCEPTED)
        .await;
    let letters = app.letters().await;
    assert_eq!(letters[1].to.as_str(), "ada@example.com");
}
