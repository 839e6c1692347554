//! `GET /.well-known/oauth-authorization-server`

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn it_names_the_issuer_and_its_keys_and_nothing_that_does_not_work() {
    let app = TestApp::start().await;
    let path = "/.well-known/oauth-authorization-server";
    let answer = app.get(path).await_status(StatusCode::OK).await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "public, max-age=300");
    let expected = json!({
        "issuer": "https://api.example.com",
        "jwks_uri": "https://api.example.com/.well-known/jwks.json",
        "token_endpoint": "https://api.example.com/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint": "https://api.example.com/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint": "https://api.example.com/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "service_documentation": "https://api.example.com/openapi.json",
    });
    assert_eq!(answer.json(), expected);
}
