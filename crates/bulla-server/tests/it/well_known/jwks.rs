//! `GET /.well-known/jwks.json`

use axum::http::{StatusCode, header};
use bulla_jose::{jwa::Algorithm, jwt::UnverifiedJwt};

use crate::app::TestApp;

const PATH: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn the_active_and_the_next_key_are_published_and_nothing_private() {
    let app = TestApp::start().await;
    let answer = app.get(PATH).await_status(StatusCode::OK).await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "public, max-age=300");
    assert_eq!(
        answer.header(header::CONTENT_TYPE),
        "application/jwk-set+json"
    );
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert_eq!(
            (&key["alg"], &key["kty"], &key["crv"]),
            (&"ES256".into(), &"EC".into(), &"P-256".into())
        );
        assert!(key["d"].is_null() && key["k"].is_null());
    }
    let ada = app.register("ada").await;
    let token = UnverifiedJwt::decode(&ada.access).unwrap();
    let signer = token.header().key_id().unwrap().to_string();
    assert!(keys.iter().any(|key| key["kid"] == signer.as_str()));
}

#[tokio::test]
async fn shared_secrets_are_never_published() {
    let app = TestApp::with_algorithm(Algorithm::Hs256).await;
    let answer = app.get(PATH).await_status(StatusCode::OK).await;
    assert_eq!(answer.json(), serde_json::json!({"keys": []}));
    let ada = app.register("ada").await;
    app.assert_accepted(&ada.access).await;
}
