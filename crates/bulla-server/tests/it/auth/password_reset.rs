//! `POST /auth/password/forgot` and `POST /auth/password/reset`

use axum::http::StatusCode;
use serde_json::json;

use crate::app::{PASSWORD, TestApp};

const NEW: &str = "a better password by far";

impl TestApp {
    async fn forget(&self, email: &str) -> String {
        let call = self.post("/auth/password/forgot", json!({"email": email}));
        call.await_status(StatusCode::ACCEPTED).await.text
    }
}

#[tokio::test]
async fn the_link_replaces_the_password_and_ends_what_came_before() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.forget("ada@example.com").await;
    let body = json!({"token": app.link().await, "new_password": NEW});
    app.post("/auth/password/reset", body)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    let old = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/auth/login", old)
        .await_refusal(401, "credentials_invalid")
        .await;
    let new = json!({"email": "ada@example.com", "password": NEW});
    app.post("/auth/login", new)
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn an_address_without_an_account_is_answered_as_one_with() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let known = app.forget("ada@example.com").await;
    assert_eq!(app.letters().await.len(), 1);
    let unknown = app.forget("nobody@example.com").await;
    assert_eq!(known, unknown);
    assert_eq!(app.letters().await, []);
}

#[tokio::test]
async fn what_is_no_address_or_no_body_is_422() {
    let app = TestApp::start().await;
    for email in [
        "",
        "ada",
        "a\r\nBcc: eve@example.com@b",
        "a\0@b",
        "\u{1b}[31m@b",
    ] {
        app.post("/auth/password/forgot", json!({"email": email}))
            .await_refusal(422, "field_invalid")
            .await;
    }
    for body in [json!({}), json!({"email": 7}), json!({"email": ["a@b"]})] {
        app.post("/auth/password/forgot", body)
            .await_refusal(422, "field_invalid")
            .await;
    }
    let more = json!({"email": "ada@example.com", "roles": ["admin"]});
    app.post("/auth/password/forgot", more)
        .await_refusal(422, "field_unknown")
        .await;
    app.forget("ada@example.com").await;
}
