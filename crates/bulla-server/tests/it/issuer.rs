//! The issuer as a whole: what outlives a restart, and what is tidied away.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::app::{ACCESS, Door, PASSWORD, TestApp};

#[tokio::test]
async fn sessions_and_tokens_outlive_a_restart() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let app = app.restart().await;
    app.assert_accepted(&ada.access).await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
    app.login("ada").await;
}

#[tokio::test]
async fn what_was_revoked_stays_revoked_after_a_restart() {
    let app = TestApp::start().await;
    let logged_out = app.register("ada").await;
    let demoted = app.user_with_roles("bob", &["admin"]).await;
    let deleted = app.register("eve").await;
    let kept = app.register("zoe").await;
    let logout = app
        .call(Method::POST, "/auth/logout")
        .bearer(&logged_out.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    let path = format!("/admin/users/{}", demoted.id);
    let demote = app
        .call_at(Door::Local, Method::PATCH, &path)
        .json(json!({"roles": []}));
    demote.await_status(StatusCode::OK).await;
    let path = format!("/admin/users/{}", deleted.id);
    let delete = app.call_at(Door::Local, Method::DELETE, &path);
    delete.await_status(StatusCode::NO_CONTENT).await;

    let app = app.restart().await;
    for user in [&logged_out, &demoted, &deleted] {
        app.assert_refused(&user.access, "token_revoked").await;
    }
    app.assert_accepted(&kept.access).await;
}

#[tokio::test]
async fn tidying_forgets_what_can_hit_nothing_any_more() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(app.issuer.tidy().await.unwrap(), 0);
    assert_eq!(app.issuer.revocations().len(), 1);

    app.clock.advance(ACCESS * 2);
    assert_eq!(app.issuer.tidy().await.unwrap(), 1);
    assert!(app.issuer.revocations().is_empty());

    app.clock.advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(app.issuer.tidy().await.unwrap(), 1);
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "refresh_invalid");
}

#[tokio::test]
async fn the_21st_session_ends_the_first() {
    let app = TestApp::start().await;
    let first = app.register("ada").await;
    let mut last = app.login("ada").await;
    for _ in 0..18 {
        app.clock.advance(Duration::from_millis(1));
        last = app.login("ada").await;
    }
    app.assert_accepted(&first.access).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/auth/login", body)
        .await_status(StatusCode::OK)
        .await;
    app.assert_refused(&first.access, "token_revoked").await;
    app.assert_accepted(&last.access).await;
}
