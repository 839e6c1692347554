//! `POST /auth/password`

use axum::http::StatusCode;
use serde_json::json;

use crate::app::{PASSWORD, SignedIn, TestApp};

const NEW: &str = "eight sealed tablets";

#[tokio::test]
async fn this_session_goes_on_and_all_others_end() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let elsewhere = app.login("ada").await;
    let bob = app.register("bob").await;
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let change = app.post("/auth/password", body).bearer(&ada.access);
    let changed = SignedIn::from(&change.await_status(StatusCode::OK).await);

    assert_eq!(changed.session, ada.session);
    app.assert_accepted(&changed.access).await;
    app.assert_refused(&ada.access, "token_revoked").await;
    app.assert_refused(&elsewhere.access, "token_revoked").await;
    app.refresh(&elsewhere.refresh)
        .await
        .assert_problem(401, "session_revoked");
    assert_eq!(app.refresh(&changed.refresh).await.status, StatusCode::OK);
    app.assert_accepted(&bob.access).await;

    let login = |password| json!({"email": "ada@example.com", "password": password});
    app.post("/auth/login", login(PASSWORD))
        .await_refusal(401, "credentials_invalid")
        .await;
    app.post("/auth/login", login(NEW))
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn the_current_password_is_needed_and_the_new_one_must_be_good() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        app.post("/auth/password", body).bearer(&ada.access)
    };
    change("another one", NEW)
        .await_refusal(401, "credentials_invalid")
        .await;
    let weak = change(PASSWORD, "short")
        .await_refusal(422, "password_refused")
        .await;
    assert_eq!(weak.json()["field"], "new_password");
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    app.post("/auth/password", body)
        .await_refusal(401, "token_missing")
        .await;
    app.assert_accepted(&ada.access).await;
    change(PASSWORD, NEW).await_status(StatusCode::OK).await;
}
