//! A token in the client's own name.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use bulla_guard::access::{Access, AccessPolicy};
use serde_json::{Value, json};

use super::{CLIENT_CREDENTIALS, ask};
use crate::app::{Door, TestApp, claims};

#[tokio::test]
async fn a_client_gets_a_token_in_its_own_name() {
    let app = TestApp::start().await;
    let client = app
        .client("billing", &["orders:write", "orders:read"])
        .await;
    let answer = ask(&app, &client, &[CLIENT_CREDENTIALS])
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    let expected = json!({"access_token": token, "token_type": "Bearer", "expires_in": 900,
        "scope": "orders:read orders:write"});
    assert_eq!(body, expected);
    let now = app.clock_seconds();
    let mut told = claims(token);
    let token_id = told["jti"].take();
    assert_eq!(token_id.as_str().unwrap().len(), 22);
    let expected = json!({"iss": "https://api.example.com", "sub": client.id, "aud": "api", "client_id": client.id,
        "iat": now, "exp": now + 900, "jti": null, "epoch": 0, "scope": "orders:read orders:write"});
    assert_eq!(told, expected);

    let verified = app.verify(token).unwrap();
    let mut policy = AccessPolicy::new(Access::Authenticated);
    policy.scopes = vec!["orders:read".to_owned()];
    policy.authorize(Some(&verified)).unwrap();
    policy.scopes.push("orders:delete".to_owned());
    policy.authorize(Some(&verified)).unwrap_err();
}

#[tokio::test]
async fn a_client_without_scopes_gets_a_token_without_any() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let answer = ask(&app, &client, &[CLIENT_CREDENTIALS]);
    let body = answer.await_status(StatusCode::OK).await.json();
    assert_eq!(body.get("scope"), None);
    assert_eq!(claims(body["access_token"].as_str().unwrap())["scope"], "");
}

#[tokio::test]
async fn a_client_may_ask_for_some_of_its_scopes_and_for_no_others() {
    let app = TestApp::start().await;
    let client = app.client("billing", &["a", "b"]).await;
    for (scope, granted) in [("b", "b"), ("b a", "a b"), (" a  b ", "a b"), ("a a", "a")] {
        let answer = ask(&app, &client, &[CLIENT_CREDENTIALS, ("scope", scope)]);
        let body = answer.await_status(StatusCode::OK).await.json();
        assert_eq!(body["scope"], granted, "{scope}");
    }
    let many: String = (0..33).map(|number| format!("s{number} ")).collect();
    for scope in ["c", "a c", "A", "a\tb", "a\"", "ä", &many] {
        let answer = ask(&app, &client, &[CLIENT_CREDENTIALS, ("scope", scope)]);
        answer.send().await.assert_oauth(400, "invalid_scope");
    }
}

#[tokio::test]
async fn a_token_is_for_one_of_the_clients_audiences() {
    let app = TestApp::start().await;
    let ledger = "https://ledger.example.com";
    let with_own = json!({"name": "billing", "audiences": [ledger, "api"]});
    let (own, everybodys) = (app.client_with(with_own).await, app.client("b", &[]).await);
    let audience = async |client, pairs: &[(&str, &str)]| {
        let pairs = [&[CLIENT_CREDENTIALS], pairs].concat();
        let answer = ask(&app, client, &pairs).send().await;
        match answer.status {
            StatusCode::OK => claims(answer.json()["access_token"].as_str().unwrap())["aud"].take(),
            _ => {
                answer.assert_oauth(400, "invalid_target");
                Value::Null
            }
        }
    };
    assert_eq!(audience(&own, &[]).await, ledger);
    assert_eq!(audience(&own, &[("audience", "api")]).await, "api");
    assert_eq!(audience(&own, &[("resource", "api")]).await, "api");
    assert_eq!(audience(&own, &[("resource", ledger)]).await, ledger);
    assert_eq!(audience(&own, &[("audience", "other")]).await, Value::Null);
    assert_eq!(audience(&everybodys, &[]).await, "api");
    assert_eq!(audience(&everybodys, &[("audience", "api")]).await, "api");
    let refused = audience(&everybodys, &[("audience", ledger)]).await;
    assert_eq!(refused, Value::Null);
    let both = [CLIENT_CREDENTIALS, ("audience", "api"), ("resource", "api")];
    let both = ask(&app, &own, &both).send().await;
    both.assert_oauth(400, "invalid_request");
}

#[tokio::test]
async fn a_client_may_have_a_lifetime_of_its_own() {
    let app = TestApp::start().await;
    for (name, seconds) in [("short", 60), ("long", 3600)] {
        let client = json!({"name": name, "access_lifetime": seconds});
        let client = app.client_with(client).await;
        let answer = ask(&app, &client, &[CLIENT_CREDENTIALS]);
        let body = answer.await_status(StatusCode::OK).await.json();
        assert_eq!(body["expires_in"], seconds);
        let token = body["access_token"].as_str().unwrap().to_owned();
        app.clock.advance(Duration::from_secs(seconds - 1));
        assert!(app.verify(&token).is_ok());
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(
            app.verify(&token).unwrap_err().code.as_str(),
            "token_expired"
        );
    }
}

#[tokio::test]
async fn a_disabled_client_is_out_at_once_and_comes_back_without_its_old_tokens() {
    let app = TestApp::start().await;
    let (client, other) = (app.client("a", &["x"]).await, app.client("b", &[]).await);
    let (before, others) = (
        app.client_token(&client).await,
        app.client_token(&other).await,
    );
    assert!(app.verify(&before).is_ok());
    app.change_client(&client, json!({"disabled": true})).await;
    let code = |token: &str| app.verify(token).map_err(|refusal| refusal.code.as_str());
    assert_eq!(code(&before).unwrap_err(), "token_revoked");
    let refused = ask(&app, &client, &[CLIENT_CREDENTIALS]).send().await;
    refused.assert_oauth(401, "invalid_client");
    app.change_client(&client, json!({"disabled": false})).await;
    let after = app.client_token(&client).await;
    assert!(code(&after).is_ok() && code(&others).is_ok());
    assert_eq!(code(&before).unwrap_err(), "token_revoked");
}

#[tokio::test]
async fn what_a_client_may_no_longer_do_its_tokens_do_not_do_either() {
    let app = TestApp::start().await;
    let wanted = json!({"name": "a", "scopes": ["x", "y"], "audiences": ["api", "b"]});
    let client = app.client_with(wanted).await;
    for (change, revokes) in [
        (json!({"name": "c", "access_lifetime": 60}), false),
        (
            json!({"scopes": ["x", "y", "z"], "audiences": ["api", "b", "c"]}),
            false,
        ),
        (json!({"scopes": ["x", "y", "z"]}), false),
        (json!({"scopes": ["x", "y"]}), true),
        (json!({"audiences": ["api", "c"]}), true),
    ] {
        let token = app.client_token(&client).await;
        app.change_client(&client, change.clone()).await;
        assert_eq!(app.verify(&token).is_err(), revokes, "{change}");
    }
    assert!(app.verify(&app.client_token(&client).await).is_ok());
}

#[tokio::test]
async fn a_removed_client_is_gone_and_its_tokens_are_dead_after_a_restart_too() {
    let app = TestApp::start().await;
    let (client, other) = (app.client("a", &[]).await, app.client("b", &[]).await);
    let (dead, alive) = (
        app.client_token(&client).await,
        app.client_token(&other).await,
    );
    let path = format!("/admin/clients/{}", client.id);
    let remove = app.call_at(Door::Local, Method::DELETE, &path);
    remove.await_status(StatusCode::NO_CONTENT).await;
    let refused = ask(&app, &client, &[CLIENT_CREDENTIALS]).send().await;
    refused.assert_oauth(401, "invalid_client");
    assert_eq!(
        app.verify(&dead).unwrap_err().code.as_str(),
        "token_revoked"
    );
    let app = app.restart().await;
    assert_eq!(
        app.verify(&dead).unwrap_err().code.as_str(),
        "token_revoked"
    );
    assert!(app.verify(&alive).is_ok());
}

#[tokio::test]
async fn a_clients_token_is_nobodys_account() {
    let app = TestApp::start().await;
    let client = app.client("billing", &["admin"]).await;
    let token = app.client_token(&client).await;
    for (door, method, path, code) in [
        (Door::Public, Method::GET, "/auth/me", "sign_in_required"),
        (
            Door::Public,
            Method::GET,
            "/auth/sessions",
            "sign_in_required",
        ),
        (
            Door::Public,
            Method::DELETE,
            "/auth/sessions",
            "sign_in_required",
        ),
        (
            Door::Public,
            Method::POST,
            "/auth/logout",
            "sign_in_required",
        ),
        (Door::Admin, Method::GET, "/admin/clients", "role_required"),
    ] {
        let call = app.call_at(door, method, path).bearer(&token);
        call.await_refusal(403, code).await;
    }
}
