//! `POST /auth/logout`

use std::{
    future::Future,
    task::Poll,
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::app::{ACCESS, Call, TestApp, tampered};

fn logout(app: &TestApp) -> Call<'_> {
    app.call(Method::POST, "/auth/logout")
}

#[tokio::test]
async fn an_access_token_ends_its_session_and_no_other() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let elsewhere = app.login("ada").await;
    logout(&app)
        .bearer(&ada.access)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_revoked");
    app.assert_accepted(&elsewhere.access).await;
}

#[tokio::test]
async fn an_expired_access_token_does_too() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(ACCESS * 2);
    app.assert_refused(&ada.access, "token_expired").await;
    logout(&app)
        .bearer(&ada.access)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_revoked");
}

#[tokio::test]
async fn a_refresh_token_does_in_the_body_or_as_bearer() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let body = json!({"refresh_token": ada.refresh});
    logout(&app)
        .json(body)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;

    let bob = app.register("bob").await;
    logout(&app)
        .bearer(&bob.refresh)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&bob.access, "token_revoked").await;
}

#[tokio::test]
async fn the_second_time_is_as_good_as_the_first() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for _ in 0..2 {
        logout(&app)
            .bearer(&ada.access)
            .await_status(StatusCode::NO_CONTENT)
            .await;
        let body = json!({"refresh_token": ada.refresh});
        logout(&app)
            .json(body)
            .await_status(StatusCode::NO_CONTENT)
            .await;
    }
}

#[tokio::test]
async fn without_a_token_that_was_ours_nothing_ends() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    logout(&app).await_refusal(401, "token_missing").await;
    logout(&app)
        .json(json!({}))
        .await_refusal(401, "token_missing")
        .await;
    let forged = tampered(&ada.access);
    logout(&app)
        .bearer(&forged)
        .await_refusal(401, "token_signature_invalid")
        .await;
    let body = json!({"refresh_token": "brt_nothing"});
    logout(&app)
        .json(body)
        .await_refusal(401, "refresh_invalid")
        .await;
    app.assert_accepted(&ada.access).await;
    logout(&app)
        .bearer(&ada.access)
        .await_status(StatusCode::NO_CONTENT)
        .await;
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_it() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let mut abandoned = Box::pin(logout(&app).bearer(&ada.access).send());
    let begun = std::future::poll_fn(|context| Poll::Ready(abandoned.as_mut().poll(context))).await;
    assert!(begun.is_pending(), "nothing is left to be abandoned");
    drop(abandoned);
    let deadline = Instant::now() + Duration::from_secs(20);
    while app.me(&ada.access).await != (StatusCode::UNAUTHORIZED, "token_revoked".to_owned()) {
        assert!(
            Instant::now() < deadline,
            "the logout was abandoned with its request"
        );
    }
}
