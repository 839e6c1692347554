//! Administrators sign in at the admin listener itself.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Door, PASSWORD, SignedIn, TestApp};

#[tokio::test]
async fn an_administrator_comes_and_goes_at_the_admin_listener() {
    let app = TestApp::start().await;
    app.user_with_roles("root", &["admin"]).await;
    let post = |path: &str, body: Value| app.call_at(Door::Admin, Method::POST, path).json(body);
    let login = json!({"email": "root@example.com", "password": PASSWORD});
    let answer = post("/auth/login", login)
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let session = SignedIn::from(&answer);
    let list = |token: &str| {
        let call = app.call_at(Door::Admin, Method::GET, "/admin/users");
        call.bearer(token)
    };
    list(&session.access).await_status(StatusCode::OK).await;

    let refresh = json!({"refresh_token": session.refresh});
    let answer = post("/auth/refresh", refresh).await_status(StatusCode::OK);
    let session = SignedIn::from(&answer.await);
    list(&session.access).await_status(StatusCode::OK).await;

    let logout = json!({"refresh_token": session.refresh});
    post("/auth/logout", logout)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    list(&session.access)
        .await_refusal(401, "token_revoked")
        .await;
}

#[tokio::test]
async fn nobody_else_gets_in_and_nothing_else_of_users_is_served_there() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let post = |path: &str, body: Value| app.call_at(Door::Admin, Method::POST, path).json(body);
    let wrong = json!({"email": "ada@example.com", "password": "something else entirely"});
    post("/auth/login", wrong)
        .await_refusal(401, "credentials_invalid")
        .await;
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = post("/auth/login", right)
        .await_status(StatusCode::OK)
        .await;
    let list = app.call_at(Door::Admin, Method::GET, "/admin/users");
    list.bearer(&SignedIn::from(&answer).access)
        .await_refusal(403, "role_required")
        .await;
    let body = json!({"email": "eve@example.com", "password": PASSWORD});
    post("/auth/register", body)
        .await_refusal(404, "not_found")
        .await;
    let me = app.call_at(Door::Admin, Method::GET, "/auth/me");
    me.bearer(&ada.access).await_refusal(404, "not_found").await;
    let local = app.call_at(Door::Local, Method::POST, "/auth/login");
    local.json(json!({})).await_refusal(404, "not_found").await;
}

#[tokio::test]
async fn the_description_is_for_everybody() {
    let app = TestApp::start().await;
    let call = app.call_at(Door::Admin, Method::GET, "/admin/openapi.json");
    let document = call.await_status(StatusCode::OK).await.json();
    let paths = document["paths"].as_object().unwrap();
    for path in ["/admin/users", "/admin/sessions/{id}", "/admin/audit"] {
        assert!(paths.contains_key(path), "{path}");
    }
}
