//! `/auth/sessions`

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::app::{PASSWORD, TestApp};

#[tokio::test]
async fn they_are_listed_with_their_device() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let phone = app
        .post("/auth/login", body)
        .header("user-agent", "phone/1".to_owned() + &"x".repeat(300));
    let phone = phone.await_status(StatusCode::OK).await.json();
    app.register("bob").await;
    let answer = app
        .get("/auth/sessions")
        .bearer(&ada.access)
        .await_status(StatusCode::OK)
        .await;
    let list = answer.json();
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let of = |id: &str| sessions.iter().find(|session| session["id"] == id).unwrap();
    let current = of(&ada.session);
    assert_eq!(current["current"], true);
    assert_eq!(current["address"], "192.0.2.7");
    assert!(current["user_agent"].is_null() && current["name"].is_null());
    assert_eq!(current["created_at"], "2026-01-01T00:00:00.000Z");
    assert_eq!(current["last_used_at"], "2026-01-01T00:00:00.000Z");
    // By its device, as long as its owner gave it no name.
    assert_eq!(
        of(phone["session"]["id"].as_str().unwrap())["name"],
        "phone"
    );
    let other = of(phone["session"]["id"].as_str().unwrap());
    assert_eq!(other["current"], false);
    assert_eq!(other["user_agent"].as_str().unwrap().len(), 256);
}

#[tokio::test]
async fn one_can_be_ended_and_only_ones_own() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let elsewhere = app.login("ada").await;
    let bob = app.register("bob").await;
    let end = |id: &str| {
        let path = format!("/auth/sessions/{id}");
        app.call(Method::DELETE, &path).bearer(&ada.access)
    };
    end(&bob.session).await_refusal(404, "not_found").await;
    end("nothing").await_refusal(404, "not_found").await;
    app.assert_accepted(&bob.access).await;
    end(&elsewhere.session)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&elsewhere.access, "token_revoked").await;
    end(&elsewhere.session)
        .await_refusal(404, "not_found")
        .await;
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn all_others_can_be_ended() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let others = [app.login("ada").await, app.login("ada").await];
    let bob = app.register("bob").await;
    let call = app
        .call(Method::DELETE, "/auth/sessions")
        .bearer(&ada.access);
    call.await_status(StatusCode::NO_CONTENT).await;
    for other in others {
        app.assert_refused(&other.access, "token_revoked").await;
    }
    app.assert_accepted(&ada.access).await;
    app.assert_accepted(&bob.access).await;
}

#[tokio::test]
async fn they_are_nobodys_without_a_token() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.get("/auth/sessions")
        .await_refusal(401, "token_missing")
        .await;
    app.call(Method::DELETE, "/auth/sessions")
        .await_refusal(401, "token_missing")
        .await;
    let path = format!("/auth/sessions/{}", ada.session);
    app.call(Method::DELETE, &path)
        .await_refusal(401, "token_missing")
        .await;
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn one_can_be_named_and_only_ones_own() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    let rename = |id: &str, body: serde_json::Value| {
        let path = format!("/auth/sessions/{id}");
        let call = app.call(Method::PATCH, &path).bearer(&ada.access);
        call.json(body)
    };
    let named = rename(&ada.session, json!({"name": "Küche"}))
        .await_status(StatusCode::OK)
        .await
        .json();
    assert_eq!(
        (&named["name"], &named["current"]),
        (&json!("Küche"), &json!(true))
    );
    let list = app.get("/auth/sessions").bearer(&ada.access);
    let list = list.await_status(StatusCode::OK).await.json();
    assert_eq!(list["sessions"], json!([named]));
    for id in [&bob.session, "nothing"] {
        rename(id, json!({"name": "mine"}))
            .await_refusal(404, "not_found")
            .await;
    }
    for (body, code) in [
        (json!({}), "field_invalid"),
        (json!({"name": ""}), "field_invalid"),
        (json!({"name": "\u{1b}[31m"}), "field_invalid"),
        (json!({"name": "x".repeat(201)}), "field_invalid"),
        (json!({"name": "x", "current": true}), "field_unknown"),
    ] {
        rename(&ada.session, body).await_refusal(422, code).await;
    }
    let unnamed = rename(&ada.session, json!({"name": null}));
    let unnamed = unnamed.await_status(StatusCode::OK).await.json();
    assert!(unnamed["name"].is_null());
}
