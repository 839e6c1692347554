//! `POST /oauth2/introspect`

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::app::{ACCESS, Client, Door, IDLE, SETTLE, TestApp, claims, foreign, tampered};

/// What the client is told of the token.
async fn ask(app: &TestApp, client: &Client, token: &str) -> Value {
    let call = app.form("/oauth2/introspect", &[("token", token)]);
    let call = call.basic(&client.id, &client.secret);
    let answer = call.await_status(StatusCode::OK).await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    answer.json()
}

fn inactive() -> Value {
    json!({"active": false})
}

#[tokio::test]
async fn an_access_token_that_holds_is_told_with_its_claims() {
    let app = TestApp::start().await;
    let (api, client) = (app.client("api", &[]).await, app.client("b", &["x"]).await);
    let ada = app.register("ada").await;
    let tokens = [ada.access, app.client_token(&client).await];
    for token in &tokens {
        let mut expected = claims(token);
        if expected["scope"] == "" {
            expected.as_object_mut().unwrap().remove("scope");
        }
        expected["active"] = json!(true);
        expected["token_type"] = json!("Bearer");
        assert_eq!(ask(&app, &api, token).await, expected);
        // Asking changes nothing.
        assert_eq!(ask(&app, &api, token).await, expected);
    }
    app.clock.advance(ACCESS);
    for token in &tokens {
        assert_eq!(ask(&app, &api, token).await, inactive());
    }
    let scoped = app.client_token(&client).await;
    assert_eq!(ask(&app, &api, &scoped).await["scope"], "x");
}

#[tokio::test]
async fn what_does_not_hold_is_inactive_and_nothing_else_is_told() {
    let app = TestApp::start().await;
    let api = app.client("api", &[]).await;
    let ada = app.register("ada").await;
    let foreign = foreign::token(&ada.id, &ada.session, app.issuer.unix_time());
    for token in [
        "x",
        "a.b.c",
        "brt_",
        &tampered(&ada.access),
        &format!("{}A", ada.refresh),
        &foreign,
    ] {
        assert_eq!(ask(&app, &api, token).await, inactive(), "{token}");
    }
    let logout = app.post("/auth/logout", json!({"refresh_token": ada.refresh}));
    logout.await_status(StatusCode::NO_CONTENT).await;
    for token in [&ada.access, &ada.refresh] {
        assert_eq!(ask(&app, &api, token).await, inactive());
    }
}

#[tokio::test]
async fn a_client_is_told_of_tokens_for_its_audiences_alone() {
    let app = TestApp::start().await;
    let ledger = json!({"name": "ledger", "audiences": ["ledger"]});
    let both = json!({"name": "both", "audiences": ["ledger", "api"]});
    let (api, ledger, both) = (
        app.client("api", &[]).await,
        app.client_with(ledger).await,
        app.client_with(both).await,
    );
    let ada = app.register("ada").await;
    let for_ledger = app.client_token(&ledger).await;
    for (token, of_api, of_ledger) in [
        (&ada.access, true, false),
        (&ada.refresh, true, false),
        (&for_ledger, false, true),
    ] {
        let mut told = Vec::new();
        for client in [&api, &ledger, &both] {
            told.push(ask(&app, client, token).await["active"] == true);
        }
        assert_eq!(told, [of_api, of_ledger, true]);
    }
    // Of another audience, too, what was revoked is.
    app.change_client(&ledger, json!({"disabled": true})).await;
    assert_eq!(ask(&app, &both, &for_ledger).await, inactive());
}

#[tokio::test]
async fn a_refresh_token_is_told_while_it_would_be_exchanged_and_is_not_used_by_that() {
    let app = TestApp::start().await;
    let api = app.client("api", &[]).await;
    let ada = app.register("ada").await;
    let ends = app.clock_seconds() + i64::try_from(IDLE.as_secs()).unwrap();
    let expected = json!({"active": true, "client_id": "bulla", "sub": ada.id, "sid": ada.session, "exp": ends});
    for _ in 0..2 {
        assert_eq!(ask(&app, &api, &ada.refresh).await, expected);
    }
    let mut newest = ada.refresh.clone();
    for _ in 0..2 {
        app.clock.advance(SETTLE);
        let refreshed = app.refresh(&newest).await.json();
        newest = refreshed["refresh_token"].as_str().unwrap().to_owned();
    }
    // A stolen one: nobody is told so, and nothing ends.
    assert_eq!(ask(&app, &api, &ada.refresh).await, inactive());
    assert_eq!(ask(&app, &api, &newest).await["active"], true);
    app.clock.advance(IDLE);
    assert_eq!(ask(&app, &api, &newest).await, inactive());
}

#[tokio::test]
async fn the_session_of_a_disabled_account_is_inactive() {
    let app = TestApp::start().await;
    let api = app.client("api", &[]).await;
    let ada = app.register("ada").await;
    let path = format!("/admin/users/{}/disable", ada.id);
    let disable = app.call_at(Door::Local, Method::POST, &path);
    disable.await_status(StatusCode::OK).await;
    for token in [&ada.access, &ada.refresh] {
        assert_eq!(ask(&app, &api, token).await, inactive());
    }
}

#[tokio::test]
async fn a_custom_claim_does_not_say_what_a_token_is_worth() {
    let app = TestApp::start().await;
    let api = app.client("api", &[]).await;
    let ada = app.register("ada").await;
    let path = format!("/admin/users/{}", ada.id);
    let claims = json!({"claims": {"active": false, "token_type": "magic", "team": 7}});
    let edit = app.call_at(Door::Local, Method::PATCH, &path).json(claims);
    edit.await_status(StatusCode::OK).await;
    app.clock.advance(Duration::from_secs(1));
    let token = app.login("ada").await.access;
    let told = ask(&app, &api, &token).await;
    let told = (&told["active"], &told["token_type"], &told["team"]);
    assert_eq!(told, (&json!(true), &json!("Bearer"), &json!(7)));
}

#[tokio::test]
async fn whoever_asks_must_prove_who_it_is() {
    let app = TestApp::start().await;
    let client = app.client("api", &[]).await;
    let ada = app.register("ada").await;
    let token = ("token", ada.access.as_str());
    for pairs in [
        &[token][..],
        &[token, ("client_id", "bulla")],
        &[token, ("client_id", &client.id)],
    ] {
        let answer = app.form("/oauth2/introspect", pairs).send().await;
        answer.assert_oauth(401, "invalid_client");
    }
    let (id, secret) = (
        ("client_id", client.id.as_str()),
        ("client_secret", "bcs_wrong"),
    );
    let wrong = app.form("/oauth2/introspect", &[token, id, secret]);
    wrong.send().await.assert_unproven_in_form();
    let nothing = app.form("/oauth2/introspect", &[]);
    let nothing = nothing.basic(&client.id, &client.secret).send().await;
    nothing.assert_oauth(400, "invalid_request");
    let hinted = [
        token,
        ("token_type_hint", "refresh_token"),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
    ];
    let hinted = app.form("/oauth2/introspect", &hinted).send().await;
    assert_eq!(hinted.json()["active"], true);
}
