//! Who may administrate.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{ACCESS, Door, TestApp, tampered};

#[tokio::test]
async fn over_the_network_it_takes_the_role_admin() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    let editor = app
        .user_with_roles("ed", &["editor", "administrator"])
        .await;
    let list = || app.call_at(Door::Admin, Method::GET, "/admin/users");
    list().await_refusal(401, "token_missing").await;
    let refused = list()
        .bearer(&editor.access)
        .await_refusal(403, "role_required")
        .await;
    assert!(
        refused
            .header("www-authenticate")
            .contains("insufficient_scope")
    );
    let forged = tampered(&admin.access);
    list()
        .bearer(&forged)
        .await_refusal(401, "token_signature_invalid")
        .await;
    list()
        .bearer(&admin.access)
        .await_status(StatusCode::OK)
        .await;
    app.clock.advance(ACCESS);
    list()
        .bearer(&admin.access)
        .await_refusal(401, "token_expired")
        .await;
}

#[tokio::test]
async fn every_operation_asks_for_it() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let document: Value = serde_json::from_str(&bulla_server::admin::openapi_document()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{who}", &ada.id).replace("{id}", &ada.session);
        let path = path.replace("{prefix}", "192.0.2.1");
        for method in operations.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let call = || {
                app.call_at(Door::Admin, method.clone(), &path)
                    .json(json!({}))
            };
            call().await_refusal(401, "token_missing").await;
            call()
                .bearer(&ada.access)
                .await_refusal(403, "role_required")
                .await;
        }
    }
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn over_the_socket_it_takes_no_token() {
    let app = TestApp::start().await;
    let call = app.call_at(Door::Local, Method::GET, "/admin/users");
    call.await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn the_public_router_has_none_of_it() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    for path in ["/admin/users", "/healthz", "/readyz", "/metrics"] {
        app.get(path)
            .bearer(&admin.access)
            .await_refusal(404, "not_found")
            .await;
    }
}
