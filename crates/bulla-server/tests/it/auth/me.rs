//! `GET`, `PATCH` and `DELETE /auth/me`, and `GET /auth/me/export`

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{ACCESS, Door, PASSWORD, TestApp, tampered};

#[tokio::test]
async fn it_is_the_account() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let answer = app
        .get("/auth/me")
        .bearer(&ada.access)
        .await_status(StatusCode::OK)
        .await;
    let expected = json!({
        "id": ada.id, "email": "ada@example.com", "username": null, "name": null, "roles": [],
        "plan": "free",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn without_a_good_token_it_is_nobodys() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let missing = app
        .get("/auth/me")
        .await_refusal(401, "token_missing")
        .await;
    assert!(!missing.header("www-authenticate").contains("error="));
    let basic = app.get("/auth/me").header("authorization", "Basic YTpi");
    basic.await_refusal(401, "token_missing").await;
    let twice = app.get("/auth/me").bearer(&ada.access).bearer(&ada.access);
    twice.await_refusal(401, "token_malformed").await;
    let garbage = app.get("/auth/me").bearer("garbage");
    let garbage = garbage.await_refusal(401, "token_malformed").await;
    assert!(
        garbage
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
    app.assert_refused(&tampered(&ada.access), "token_signature_invalid")
        .await;
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn a_token_ends_to_the_second() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(ACCESS - Duration::from_millis(1));
    app.assert_accepted(&ada.access).await;
    app.clock.advance(Duration::from_millis(1));
    app.assert_refused(&ada.access, "token_expired").await;
}

#[tokio::test]
async fn a_name_can_be_given_and_forgotten() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for name in [json!("Ada, Countess"), Value::Null] {
        let call = app.call(Method::PATCH, "/auth/me").bearer(&ada.access);
        let answer = call
            .json(json!({"name": name}))
            .await_status(StatusCode::OK)
            .await;
        assert_eq!(answer.json()["name"], name);
        let shown = app.get("/auth/me").bearer(&ada.access).send().await;
        assert_eq!(shown.json()["name"], name);
    }
}

#[tokio::test]
async fn nothing_else_can_be_changed() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let patch = |body: Value| {
        app.call(Method::PATCH, "/auth/me")
            .bearer(&ada.access)
            .json(body)
    };
    patch(json!({"name": "Ada", "roles": ["admin"]}))
        .await_refusal(422, "field_unknown")
        .await;
    patch(json!({})).await_refusal(422, "field_invalid").await;
    patch(json!({"name": "a\nb"}))
        .await_refusal(422, "field_invalid")
        .await;
    let nobody = app
        .call(Method::PATCH, "/auth/me")
        .json(json!({"name": "Ada"}));
    nobody.await_refusal(401, "token_missing").await;
    let shown = app.get("/auth/me").bearer(&ada.access).send().await;
    assert!(shown.json()["name"].is_null());
}

#[tokio::test]
async fn what_is_stored_and_cannot_be_read_is_an_error_of_the_server() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let damage = "UPDATE accounts SET roles = 'none'";
    assert_eq!(app.database().execute(damage, []).unwrap(), 1);
    let refused = app.get("/auth/me").bearer(&ada.access);
    refused.await_refusal(500, "internal_error").await;
    let repair = "UPDATE accounts SET roles = '[]'";
    assert_eq!(app.database().execute(repair, []).unwrap(), 1);
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn whoever_knows_the_password_deletes_the_account() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let delete = |body| {
        let call = app.call(Method::DELETE, "/auth/me");
        call.bearer(&ada.access).json(body)
    };
    delete(json!({"current_password": "another password"}))
        .await_refusal(401, "credentials_invalid")
        .await;
    delete(json!({})).await_refusal(422, "field_invalid").await;
    app.assert_accepted(&ada.access).await;
    delete(json!({"current_password": PASSWORD}))
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    let refused = app.refresh(&ada.refresh).await;
    refused.assert_problem(401, "refresh_invalid");
    app.register("ada").await;
}

#[tokio::test]
async fn the_export_has_all_that_is_held_and_no_secrets() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.register("bob").await;
    app.login("ada").await;
    app.post("/auth/password/forgot", json!({"email": "ada@example.com"}))
        .await_status(StatusCode::ACCEPTED)
        .await;
    let token = app.link().await;
    let own = app.get("/auth/me/export").bearer(&ada.access);
    let own = own.await_status(StatusCode::OK).await;
    let export = own.json();
    assert_eq!(export["user"]["email"], "ada@example.com");
    assert_eq!(export["sessions"].as_array().unwrap().len(), 2);
    let kinds: Vec<_> = export["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["account_exported", "session_opened", "account_created"]
    );
    assert_eq!(export["links"][0]["purpose"], "reset_password");
    for secret in ["$fast$", PASSWORD, &token, "bob"] {
        assert!(!own.text.contains(secret), "{secret}");
    }
    let path = format!("/admin/users/{}/export", ada.id);
    let call = app.call_at(Door::Local, Method::GET, &path);
    let by_file_mode = call.await_status(StatusCode::OK).await.json();
    for part in ["user", "sessions", "links"] {
        assert_eq!(by_file_mode[part], export[part]);
    }
    let read = &by_file_mode["events"][0];
    assert_eq!(read["kind"], "account_exported");
    assert_eq!(read["actor"], "command_line");
    assert_eq!(by_file_mode["events"][1], export["events"][0]);
    app.call_at(Door::Local, Method::GET, "/admin/users/nobody/export")
        .await_refusal(404, "not_found")
        .await;
    app.call_at(Door::Admin, Method::GET, &path)
        .bearer(&ada.access)
        .await_refusal(403, "role_required")
        .await;
}
