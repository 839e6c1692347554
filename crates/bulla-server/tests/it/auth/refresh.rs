//! `POST /auth/refresh`

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::app::{Answer, Door, IDLE, SETTLE, SignedIn, TestApp};

fn refreshed(answer: &Answer) -> SignedIn {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    SignedIn::from(answer)
}

#[tokio::test]
async fn within_the_settling_time_the_newest_comes_again() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for _ in 0..3 {
        let again = refreshed(&app.refresh(&ada.refresh).await);
        assert_eq!(again.refresh, ada.refresh);
        assert_eq!(again.session, ada.session);
        app.assert_accepted(&again.access).await;
    }
}

#[tokio::test]
async fn after_it_the_generation_moves_on() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(SETTLE);
    let second = refreshed(&app.refresh(&ada.refresh).await);
    assert_ne!(second.refresh, ada.refresh);
    assert_eq!(second.session, ada.session);
    app.assert_accepted(&second.access).await;
}

#[tokio::test]
async fn a_lost_reply_logs_nobody_out() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for _ in 0..3 {
        app.clock.advance(2 * SETTLE);
        // The reply never arrives: the client still holds its first token.
        refreshed(&app.refresh(&ada.refresh).await);
    }
    let last = refreshed(&app.refresh(&ada.refresh).await);
    app.assert_accepted(&last.access).await;
}

#[tokio::test]
async fn an_old_token_ends_the_session_of_both() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let other = app.login("ada").await;
    app.clock.advance(SETTLE);
    let second = refreshed(&app.refresh(&ada.refresh).await);
    app.clock.advance(SETTLE);
    let third = refreshed(&app.refresh(&second.refresh).await);
    app.assert_accepted(&third.access).await;

    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "refresh_reused");
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_revoked");
    app.refresh(&third.refresh)
        .await
        .assert_problem(401, "session_revoked");
    app.assert_refused(&third.access, "token_revoked").await;
    refreshed(&app.refresh(&other.refresh).await);
    app.assert_accepted(&other.access).await;
}

#[tokio::test]
async fn what_was_never_handed_out_is_invalid_and_ends_nothing() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let middle = ada.refresh.len() / 2;
    let forged = format!("{}A{}", &ada.refresh[..middle], &ada.refresh[middle + 1..]);
    let forged = if forged == ada.refresh {
        forged.replacen('A', "B", 1)
    } else {
        forged
    };
    for token in ["", "brt_", "nothing", forged.as_str(), ada.access.as_str()] {
        let answer = app.refresh(token).await;
        answer.assert_problem(401, "refresh_invalid");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"bulla\"");
    }
    refreshed(&app.refresh(&ada.refresh).await);
}

#[tokio::test]
async fn an_idle_session_has_expired() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(IDLE - Duration::from_secs(1));
    let second = refreshed(&app.refresh(&ada.refresh).await);
    app.clock.advance(IDLE);
    app.refresh(&second.refresh)
        .await
        .assert_problem(401, "session_expired");
}

#[tokio::test]
async fn refreshing_does_not_move_the_absolute_end() {
    let app = TestApp::start().await;
    let mut ada = app.register("ada").await;
    for _ in 0..2 {
        app.clock.advance(Duration::from_secs(13 * 24 * 3600));
        ada = refreshed(&app.refresh(&ada.refresh).await);
    }
    app.clock.advance(Duration::from_secs(5 * 24 * 3600));
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_expired");
}

#[tokio::test]
async fn a_session_that_was_ended_is_revoked() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_revoked");

    let bob = app.register("bob").await;
    let path = format!("/admin/users/{}/disable", bob.id);
    app.call_at(Door::Local, Method::POST, &path)
        .await_status(StatusCode::OK)
        .await;
    app.refresh(&bob.refresh)
        .await
        .assert_problem(401, "session_revoked");
}

#[tokio::test]
async fn roles_and_plan_are_read_anew() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let path = format!("/admin/users/{}", ada.id);
    let edit = json!({"roles": ["editor"], "plan": "pro"});
    let call = app.call_at(Door::Local, Method::PATCH, &path).json(edit);
    call.await_status(StatusCode::OK).await;
    let answer = app.refresh(&ada.refresh).await;
    let user = &answer.json()["user"];
    assert_eq!(
        (&user["roles"], &user["plan"]),
        (&json!(["editor"]), &json!("pro"))
    );
}

#[tokio::test]
async fn expires_in_shortens() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let body = json!({"refresh_token": ada.refresh, "expires_in": 5});
    let answer = app
        .post("/auth/refresh", body)
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.json()["expires_in"], 5);
    let access = SignedIn::from(&answer).access;
    app.clock.advance(Duration::from_secs(4));
    app.assert_accepted(&access).await;
    app.clock.advance(Duration::from_secs(1));
    app.assert_refused(&access, "token_expired").await;
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_503_and_the_token_may_be_sent_again() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.store.close();
    let refused = app.refresh(&ada.refresh).await;
    refused.assert_problem(503, "store_unavailable");
    refused.assert_says("safe to try again");
    let app = app.restart().await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
}
