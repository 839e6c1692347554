//! `POST /auth/logout`

use std::{
    future::{Future, poll_fn},
    task::Poll,
};

use axum::http::{Method, StatusCode};
use bulla_core::{administration::Administrator, ids::SessionId, store::SessionStore};
use bulla_jose::{jwk::KeyId, jwt::UnverifiedJwt};
use serde_json::json;

use crate::app::{ACCESS, Call, SETTLE, TestApp, tampered};

const LOCAL: Administrator = Administrator {
    account: None,
    address: None,
};

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
async fn an_access_token_does_whose_key_has_retired_and_none_of_a_key_that_is_revoked() {
    let app = TestApp::start().await;
    let keys = app.issuer.keys();
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    keys.rotate(true, &LOCAL).await.unwrap();
    app.clock.advance(ACCESS * 2);
    keys.keep().await.unwrap();
    let signer = UnverifiedJwt::decode(&ada.access).unwrap();
    let signer = KeyId::new(signer.header().key_id().unwrap()).unwrap();
    let key = keys.read().await.unwrap().find(&signer).unwrap().clone();
    assert!(!key.is_live());
    let forged = tampered(&ada.access);
    let refused = logout(&app).bearer(&forged).send().await;
    refused.assert_problem(401, "token_signature_invalid");
    let ended = logout(&app).bearer(&ada.access);
    ended.await_status(StatusCode::NO_CONTENT).await;
    let refused = app.refresh(&ada.refresh).await;
    refused.assert_problem(401, "session_revoked");

    keys.revoke(&signer, &LOCAL).await.unwrap();
    let refused = logout(&app).bearer(&bob.access).send().await;
    refused.assert_problem(401, "token_revoked");
    assert_eq!(app.refresh(&bob.refresh).await.status, StatusCode::OK);
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

/// Polls the request as often as that, each time once there is news; `None` if it came to its end.
async fn abandoned_after<F: Future>(steps: usize, request: F) -> Option<()> {
    let mut request = Box::pin(request);
    let mut taken = 0;
    poll_fn(|context| {
        taken += 1;
        match request.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending if taken == steps => Poll::Ready(Some(())),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_client_that_hangs_up_has_logged_out_or_has_not() {
    let app = TestApp::start().await;
    let mut logged_out = 0;
    // A logout waits twice: for the session, and for the commit. Who hangs up the second time has
    // logged out, unless the commit was faster than one poll.
    for round in 0..100 {
        let ada = app.register(&format!("ada{round}")).await;
        let request = logout(&app).bearer(&ada.access).send();
        let abandoned = abandoned_after(1 + round % 2, request).await;
        // Whatever was begun is over once the writer has done what comes after it.
        app.store.settle(&[], SETTLE).await.unwrap();
        let id = SessionId::parse(&ada.session).unwrap();
        let (session, _) = app.store.session(id).await.unwrap().unwrap();
        if session.ended.is_some() {
            app.assert_refused(&ada.access, "token_revoked").await;
            logged_out += usize::from(abandoned.is_some());
        } else {
            app.assert_accepted(&ada.access).await;
        }
    }
    assert!(logged_out > 0, "nobody hung up during a commit");
}
