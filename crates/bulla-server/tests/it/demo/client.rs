//! A service of somebody's, that asks for tokens in its own name.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_guard::access::Access;
use bulla_server::demo;

use super::call;
use crate::app::{Client, Door, SignedIn, TestApp, claims};

async fn made(app: &TestApp, owner: &SignedIn) -> Client {
    let call = call(app, Method::POST, "/demo/client", &owner.id);
    let made = call.await_status(StatusCode::CREATED).await.json();
    assert_eq!(made["scope"], "orders:read reports:read");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Client {
        id: text("client_id"),
        secret: text("client_secret"),
    }
}

#[tokio::test]
async fn it_gets_tokens_until_its_owner_removes_it() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let client = made(&app, &ada).await;
    let token = app.client_token(&client).await;
    assert_eq!(claims(&token)["sub"], client.id.as_str());
    app.verify(&token).unwrap();
    let remove = || call(&app, Method::DELETE, "/demo/client", &ada.id);
    remove().await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(
        app.verify(&token).unwrap_err().code.as_str(),
        "token_revoked"
    );
    remove().await_refusal(404, "not_found").await;
}

#[tokio::test]
async fn everybody_has_one_and_nobody_anothers() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada").await, app.register("bob").await);
    let (first, other) = (made(&app, &ada).await, made(&app, &bob).await);
    let second = made(&app, &ada).await;
    let grant = [("grant_type", "client_credentials")];
    let replaced = app.form("/oauth2/token", &grant);
    let replaced = replaced.basic(&first.id, &first.secret).send().await;
    replaced.assert_oauth(401, "invalid_client");
    app.client_token(&second).await;
    call(&app, Method::DELETE, "/demo/client", &bob.id)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.client_token(&second).await;
    let gone = app.form("/oauth2/token", &grant);
    let gone = gone.basic(&other.id, &other.secret).send().await;
    gone.assert_oauth(401, "invalid_client");
}

#[tokio::test]
async fn it_goes_after_an_hour_and_no_other_does() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let others = app.client("billing", &["reports:read"]).await;
    let client = made(&app, &ada).await;
    app.clock.advance(Duration::from_secs(60 * 60 - 1));
    assert_eq!(demo::tidy(&app.issuer).await.unwrap(), 0);
    let token = app.client_token(&client).await;
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(demo::tidy(&app.issuer).await.unwrap(), 1);
    assert_eq!(
        app.verify(&token).unwrap_err().code.as_str(),
        "token_revoked"
    );
    app.client_token(&others).await;
}

#[tokio::test]
async fn a_client_makes_no_clients() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let client = made(&app, &ada).await;
    for who in [client.id.as_str(), "anon_x", "not an id"] {
        let call = call(&app, Method::POST, "/demo/client", who);
        call.await_refusal(403, "sign_in_required").await;
    }
}

#[tokio::test]
async fn reports_are_for_whoever_has_the_scope() {
    let app = TestApp::start().await;
    let rule = demo::rules()
        .find(|rule| rule.path == "/demo/reports")
        .unwrap();
    assert_eq!(rule.policy.access, Access::Authenticated);
    assert_eq!(rule.policy.scopes, ["reports:read"]);
    let report = app.call_at(Door::Demo, Method::GET, "/demo/reports");
    let report = report.header("x-bulla-subject", "cli_x");
    let report = report.await_status(StatusCode::OK).await;
    assert!(report.text.contains("cli_x"));
}
