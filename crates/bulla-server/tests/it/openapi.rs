//! `GET /openapi.json`

use axum::http::{Method, StatusCode, header};
use serde_json::Value;

use crate::app::{Door, TestApp};

#[tokio::test]
async fn it_is_openapi_3_1_with_every_public_path() {
    let app = TestApp::start().await;
    let answer = app.get("/openapi.json").await_status(StatusCode::OK).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    paths.sort();
    let expected = [
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/auth/anonymous",
        "/auth/challenge",
        "/auth/email",
        "/auth/email/confirm",
        "/auth/link/{page}",
        "/auth/login",
        "/auth/login/mail",
        "/auth/login/mail/confirm",
        "/auth/logout",
        "/auth/me",
        "/auth/me/export",
        "/auth/password",
        "/auth/password/forgot",
        "/auth/password/reset",
        "/auth/refresh",
        "/auth/register",
        "/auth/sessions",
        "/auth/sessions/{id}",
        "/auth/upgrade",
        "/auth/verify",
        "/oauth2/introspect",
        "/oauth2/revoke",
        "/oauth2/token",
        "/openapi.json",
    ];
    assert_eq!(paths, expected);
    assert_eq!(answer.text, bulla_server::routes::openapi::document());
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    for document in [
        bulla_server::routes::openapi::document(),
        bulla_server::admin::openapi_document(),
    ] {
        let document: Value = serde_json::from_str(&document).unwrap();
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}

#[tokio::test]
async fn requests_are_described_as_closed() {
    let document: Value = serde_json::from_str(&bulla_server::routes::openapi::document()).unwrap();
    for name in [
        "RegisterRequest",
        "LoginRequest",
        "RefreshRequest",
        "RenameRequest",
        "RedeemRequest",
        "VerifyRequest",
        "ForgotRequest",
        "ResetRequest",
        "EmailRequest",
        "ConfirmEmailRequest",
        "LoginByMailRequest",
        "ConfirmLoginRequest",
        "DeleteRequest",
    ] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
    let schemes = &document["components"]["securitySchemes"];
    for (scheme, cookie) in [
        ("cookie", "__Host-bulla_access"),
        ("refresh_cookie", "__Host-bulla_refresh"),
    ] {
        assert_eq!(
            (&schemes[scheme]["in"], &schemes[scheme]["name"]),
            (&"cookie".into(), &cookie.into())
        );
    }
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}

#[tokio::test]
async fn every_described_operation_is_served() {
    let app = TestApp::start().await;
    for (door, document) in [
        (Door::Public, bulla_server::routes::openapi::document()),
        (Door::Local, bulla_server::admin::openapi_document()),
    ] {
        let document: Value = serde_json::from_str(&document).unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                let method: Method = method.to_uppercase().parse().unwrap();
                let answer = app.call_at(door, method.clone(), path).send().await;
                let unrouted = answer.status == StatusCode::METHOD_NOT_ALLOWED
                    || answer.text.contains("nothing is served under this path");
                assert!(!unrouted, "{method} {path}");
            }
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                references.push(reference.clone());
            }
            members
                .values()
                .for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
