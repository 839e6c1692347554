//! New tokens for a refresh token.

use axum::http::StatusCode;
use bulla_guard::abuse::Offence;
use serde_json::json;

use super::ask;
use crate::app::{Answer, SETTLE, TestApp, claims};

async fn exchange(app: &TestApp, token: &str) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", "bulla"),
        ("refresh_token", token),
    ];
    app.form("/oauth2/token", &pairs).send().await
}

#[tokio::test]
async fn a_session_goes_on_as_it_does_by_its_own_route() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(SETTLE);
    let first = exchange(&app, &ada.refresh).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    let body = first.json();
    let (access, refresh) = (&body["access_token"], &body["refresh_token"]);
    let expected = json!({"access_token": access, "token_type": "Bearer", "expires_in": 900, "refresh_token": refresh});
    assert_eq!(body, expected);
    let refresh = refresh.as_str().unwrap();
    assert_ne!(refresh, ada.refresh);
    let told = claims(access.as_str().unwrap());
    assert_eq!(
        (&told["sid"], &told["client_id"]),
        (&json!(ada.session), &json!("bulla"))
    );
    app.assert_accepted(access.as_str().unwrap()).await;
    // The same again: a reply may have been lost.
    let again = exchange(&app, &ada.refresh).await;
    assert_eq!(again.json()["refresh_token"], refresh);
    app.clock.advance(SETTLE);
    assert_eq!(app.refresh(refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_good_for_nothing_is_an_invalid_grant() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    let forged = exchange(&app, &format!("{}A", ada.refresh)).await;
    forged.assert_oauth(400, "invalid_grant");
    assert_eq!(forged.offence, Some(Offence::ForgedToken));
    let mut newest = ada.refresh.clone();
    for _ in 0..2 {
        app.clock.advance(SETTLE);
        let answer = exchange(&app, &newest).await.json();
        newest = answer["refresh_token"].as_str().unwrap().to_owned();
    }
    let stolen = exchange(&app, &ada.refresh).await;
    stolen.assert_oauth(400, "invalid_grant");
    assert_eq!(stolen.offence, None);
    exchange(&app, &newest)
        .await
        .assert_oauth(400, "invalid_grant");
    let control = exchange(&app, &bob.refresh).await;
    assert_eq!(control.status, StatusCode::OK);
}

#[tokio::test]
async fn it_belongs_to_the_built_in_client_alone() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let client = app.client("billing", &[]).await;
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", ada.refresh.as_str()),
    ];
    let theirs = ask(&app, &client, &pairs).send().await;
    theirs.assert_oauth(400, "invalid_grant");
    let scoped = [&pairs[..], &[("client_id", "bulla"), ("scope", "a")]].concat();
    let scoped = app.form("/oauth2/token", &scoped).send().await;
    scoped.assert_oauth(400, "invalid_scope");
    assert_eq!(exchange(&app, &ada.refresh).await.status, StatusCode::OK);
}
