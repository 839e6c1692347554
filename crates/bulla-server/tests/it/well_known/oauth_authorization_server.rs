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
    let algorithms = [
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "Ed25519",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ML-DSA-44",
        "ML-DSA-65",
        "ML-DSA-87",
    ];
    let expected = json!({
        "issuer": "https://api.example.com",
        "jwks_uri": "https://api.example.com/.well-known/jwks.json",
        "token_endpoint": "https://api.example.com/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": "https://api.example.com/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": "https://api.example.com/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "service_documentation": "https://api.example.com/openapi.json",
    });
    assert_eq!(answer.json(), expected);
}
