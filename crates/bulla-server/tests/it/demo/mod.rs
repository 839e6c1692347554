//! The demo service, told by headers who is asking, as the gateway tells it.

mod abuse;
mod client;
mod encrypted;
mod session;

use axum::http::{Method, StatusCode};
use bulla_guard::access::Access;
use bulla_server::demo;
use serde_json::json;

use crate::app::{Call, Door, TestApp, claims};

fn call<'a>(app: &'a TestApp, method: Method, path: &str, subject: &str) -> Call<'a> {
    app.call_at(Door::Demo, method, path)
        .header("x-bulla-subject", subject)
}

#[tokio::test]
async fn contact_takes_a_message() {
    let app = TestApp::start().await;
    let contact = || call(&app, Method::POST, "/contact", "usr_a");
    let answer = contact()
        .json(json!({"message": "hello"}))
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.json()["status"], "accepted");
    assert_eq!(
        (&answer.json()["from"], &answer.json()["anonymous"]),
        (&json!("usr_a"), &json!(false))
    );
    let anonymous = contact()
        .header("x-bulla-anonymous", "true")
        .json(json!({"message": "hello"}));
    assert_eq!(anonymous.send().await.json()["anonymous"], true);
    contact()
        .json(json!({"message": ""}))
        .await_refusal(422, "field_invalid")
        .await;
    contact()
        .json(json!({"text": "hello"}))
        .await_refusal(422, "field_unknown")
        .await;
    contact()
        .raw("text/plain", "hello")
        .await_refusal(415, "content_type_unsupported")
        .await;
}

#[tokio::test]
async fn the_profile_is_what_the_gateway_says() {
    let app = TestApp::start().await;
    let call = call(&app, Method::GET, "/api/profile", "usr_a")
        .header("x-bulla-claim-email", "ada@example.com")
        .header("x-bulla-roles", "admin,editor")
        .header("x-bulla-plan", "pro");
    let profile = call.await_status(StatusCode::OK).await.json();
    assert_eq!(profile["id"], "usr_a");
    assert_eq!(profile["email"], "ada@example.com");
    assert_eq!(profile["roles"], json!(["admin", "editor"]));
    assert_eq!(profile["plan"], "pro");
    assert!(
        profile["message"]
            .as_str()
            .unwrap()
            .contains("ada@example.com")
    );
}

#[tokio::test]
async fn without_a_subject_nobody_gets_in() {
    let app = TestApp::start().await;
    for (method, path) in [
        (Method::GET, "/api/profile"),
        (Method::GET, "/api/orders"),
        (Method::GET, "/api/admin"),
        (Method::DELETE, "/api/users/usr_a"),
    ] {
        let call = app.call_at(Door::Demo, method, path);
        call.await_refusal(401, "token_missing").await;
    }
}

#[tokio::test]
async fn orders_are_placed_and_seen_by_their_owner_only() {
    let app = TestApp::start().await;
    let items = json!([{"sku": "clay", "count": 2}, "seal", 3]);
    let place = call(&app, Method::POST, "/api/orders", "usr_a").json(json!({"items": items}));
    let order = place.await_status(StatusCode::CREATED).await.json()["order"].clone();
    assert_eq!(
        (&order["user_id"], &order["items"]),
        (&json!("usr_a"), &items)
    );
    assert_eq!(order["created_at"], "2026-01-01T00:00:00.000Z");
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap());
    let shown = call(&app, Method::GET, &path, "usr_a")
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(shown.json()["order"], order);
    call(&app, Method::GET, &path, "usr_b")
        .await_refusal(404, "not_found")
        .await;
    call(&app, Method::GET, "/api/orders/ord_x", "usr_a")
        .await_refusal(404, "not_found")
        .await;
    let wrong = call(&app, Method::POST, "/api/orders", "usr_a").json(json!({"items": "clay"}));
    wrong.await_refusal(422, "field_invalid").await;
}

#[tokio::test]
async fn an_administrator_really_deletes() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    let greeting = call(&app, Method::GET, "/api/admin", "usr_root");
    greeting.await_status(StatusCode::OK).await;
    let path = format!("/api/users/{}", ada.id);
    let answer = call(&app, Method::DELETE, &path, "usr_root")
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.json()["message"], format!("User {} deleted", ada.id));
    app.assert_refused(&ada.access, "token_revoked").await;
    app.assert_accepted(&bob.access).await;
    call(&app, Method::DELETE, &path, "usr_root")
        .await_refusal(404, "not_found")
        .await;
}

#[tokio::test]
async fn a_token_for_elsewhere_is_whole_and_no_good_here() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let call = call(&app, Method::POST, "/demo/elsewhere", &ada.id);
    let answer = call.await_status(StatusCode::OK).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let (mine, elsewhere) = (claims(&ada.access), claims(token));
    assert_eq!(
        (&elsewhere["sub"], &elsewhere["iss"]),
        (&mine["sub"], &mine["iss"])
    );
    assert_eq!(elsewhere["aud"], json!("not-api"));
    app.assert_refused(token, "token_audience_mismatch").await;
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn every_rule_is_of_a_path_that_is_answered_and_public_is_only_what_asks_itself() {
    let app = TestApp::start().await;
    for rule in demo::rules() {
        let path = rule.path.replace("{id}", "x");
        // No route has this method: only a path that is there can say so.
        let call = app.call_at(Door::Demo, Method::TRACE, &path);
        assert_eq!(call.send().await.status, StatusCode::METHOD_NOT_ALLOWED);
        let by_token = ["limited", "elsewhere", "client", "reports"];
        let by_token = by_token.iter().any(|name| path.ends_with(name));
        let asks_itself = path.starts_with("/demo/") && !by_token;
        assert_eq!(rule.policy.is_public(), asks_itself, "{path}");
        assert_eq!(rule.limited, path == "/demo/limited", "{path}");
    }
    let nowhere = app.call_at(Door::Demo, Method::TRACE, "/api/nowhere");
    assert_eq!(nowhere.send().await.status, StatusCode::NOT_FOUND);
}

#[test]
fn only_administrators_may_do_what_is_theirs() {
    let asks = |path: &str| {
        let rule = demo::rules().find(|rule| rule.path == path).unwrap();
        (rule.policy.access, rule.policy.roles)
    };
    let admin = vec!["admin".to_owned()];
    assert_eq!(asks("/contact"), (Access::Anonymous, Vec::new()));
    assert_eq!(
        asks("/api/orders/{id}"),
        (Access::Authenticated, Vec::new())
    );
    assert_eq!(asks("/api/admin"), (Access::Authenticated, admin.clone()));
    assert_eq!(asks("/api/users/{id}"), (Access::Authenticated, admin));
}

#[tokio::test]
async fn what_somebody_orders_again_and_again_has_an_end() {
    let app = TestApp::start().await;
    let items: Vec<_> = (0..8000).map(|_| json!({"": 0})).collect();
    let mut newest = String::new();
    for _ in 0..20 {
        let place = call(&app, Method::POST, "/api/orders", "usr_a").json(json!({"items": items}));
        let order = place.await_status(StatusCode::CREATED).await.json()["order"].clone();
        newest = order["id"].as_str().unwrap().to_owned();
    }
    let list = call(&app, Method::GET, "/api/orders", "usr_a");
    let answer = list.await_status(StatusCode::OK).await;
    assert!(answer.text.len() < 600 << 10, "{}", answer.text.len());
    let orders = answer.json()["orders"].clone();
    assert_eq!(orders[0]["id"], newest.as_str());
    assert_eq!(orders[0]["items"].as_array().unwrap().len(), items.len());
}
