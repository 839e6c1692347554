//! What is no acceptable request, whatever the route: each refusal next to what is accepted.

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use crate::app::{PASSWORD, TestApp};

const JSON: &str = "application/json";
const PATH: &str = "/auth/register";

fn valid() -> String {
    json!({"username": "ada", "password": PASSWORD}).to_string()
}

#[tokio::test]
async fn malformed_json_is_400() {
    let app = TestApp::start().await;
    for body in [
        "",
        "{",
        "{\"username\":\"ada\",}",
        "{\"username\":\"ada\"} x",
        "\u{feff}{}",
        "{\"username\":\"ada\",\"username\":\"bob\",\"password\":\"seven sealed tablets\"}",
        "{\"username\":\"ada\",\"\\u0075sername\":\"bob\",\"password\":\"seven sealed tablets\"}",
        "{\"username\":\"\\ud800\",\"password\":\"seven sealed tablets\"}",
    ] {
        let call = app.call(Method::POST, PATH).raw(JSON, body.to_owned());
        call.await_refusal(400, "request_malformed").await;
    }
    let call = app.call(Method::POST, PATH).raw(JSON, vec![0xff, 0xfe]);
    call.await_refusal(400, "request_malformed").await;
    app.call(Method::POST, PATH)
        .raw(JSON, valid())
        .await_status(StatusCode::CREATED)
        .await;
}

#[tokio::test]
async fn an_unknown_field_is_422_and_named() {
    let app = TestApp::start().await;
    for field in ["role", "roles", "Mode", "is_admin", "Password"] {
        let mut body = json!({"username": "ada", "password": PASSWORD});
        body[field] = json!("admin");
        let answer = app
            .post(PATH, body)
            .await_refusal(422, "field_unknown")
            .await;
        let problem = answer.json();
        assert_eq!(problem["field"], field);
        assert!(problem["detail"].as_str().unwrap().contains(field));
    }
    app.call(Method::POST, PATH)
        .raw(JSON, valid())
        .await_status(StatusCode::CREATED)
        .await;
}

#[tokio::test]
async fn a_wrong_type_or_a_missing_field_is_422_and_named() {
    let app = TestApp::start().await;
    for (body, field) in [
        (json!({"username": 7, "password": PASSWORD}), "username"),
        (json!({"username": "ada"}), "password"),
        (json!({"username": "ada", "password": null}), "password"),
        (
            json!({"username": "ada", "password": ["seven sealed tablets"]}),
            "password",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "expires_in": "60"}),
            "expires_in",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "expires_in": -1}),
            "expires_in",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "expires_in": 0}),
            "expires_in",
        ),
        (
            json!({"username": "ada", "password": PASSWORD, "name": {}}),
            "name",
        ),
    ] {
        let answer = app
            .post(PATH, body)
            .await_refusal(422, "field_invalid")
            .await;
        assert_eq!(answer.json()["field"], field, "{}", answer.text);
        assert!(!answer.text.contains(PASSWORD));
    }
    app.call(Method::POST, PATH)
        .raw(JSON, valid())
        .await_status(StatusCode::CREATED)
        .await;
}

#[tokio::test]
async fn what_is_no_object_is_422() {
    let app = TestApp::start().await;
    for body in [json!([]), json!("ada"), json!(null), json!(1)] {
        app.post(PATH, body)
            .await_refusal(422, "field_invalid")
            .await;
    }
}

#[tokio::test]
async fn another_content_type_is_415() {
    let app = TestApp::start().await;
    for other in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "",
    ] {
        let call = app.call(Method::POST, PATH).raw(other, valid());
        call.await_refusal(415, "content_type_unsupported").await;
    }
    let untyped = app.call(Method::POST, PATH).body(valid());
    untyped.await_refusal(415, "content_type_unsupported").await;
    let spelled = app
        .call(Method::POST, PATH)
        .raw("Application/JSON; charset=utf-8", valid());
    spelled.await_status(StatusCode::CREATED).await;
}

#[tokio::test]
async fn a_body_over_64_kib_is_413_and_one_of_64_kib_is_read() {
    let app = TestApp::start().await;
    let padded = |length: usize| {
        let body = valid();
        body.clone() + &" ".repeat(length - body.len())
    };
    let announced = app
        .call(Method::POST, PATH)
        .header(header::CONTENT_LENGTH, "65537");
    announced
        .raw(JSON, padded(65_537))
        .await_refusal(413, "body_too_large")
        .await;
    let unannounced = app.call(Method::POST, PATH).raw(JSON, padded(65_537));
    unannounced.await_refusal(413, "body_too_large").await;
    let call = app.call(Method::POST, PATH).raw(JSON, padded(65_536));
    call.await_status(StatusCode::CREATED).await;
}

#[tokio::test]
async fn another_method_is_405_and_says_which() {
    let app = TestApp::start().await;
    for (method, path, allowed) in [
        (Method::GET, "/auth/register", "POST"),
        (Method::PUT, "/auth/login", "POST"),
        (Method::PUT, "/auth/me", "DELETE,GET,HEAD,PATCH"),
        (Method::POST, "/.well-known/jwks.json", "GET,HEAD"),
        (Method::POST, "/auth/sessions", "DELETE,GET,HEAD"),
    ] {
        let answer = app
            .call(method, path)
            .await_refusal(405, "method_not_allowed")
            .await;
        let mut found: Vec<_> = answer
            .header(header::ALLOW)
            .split(',')
            .map(str::trim)
            .collect();
        found.sort_unstable();
        assert_eq!(found.join(","), allowed, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let app = TestApp::start().await;
    for path in [
        "/auth",
        "/auth/",
        "/auth/nothing",
        "/auth/login/",
        "/.well-known/openid-configuration",
        "/",
    ] {
        app.get(path).await_refusal(404, "not_found").await;
    }
    app.get("/.well-known/jwks.json")
        .await_status(StatusCode::OK)
        .await;
}
