//! Signing keys that change while the issuer runs.

use std::time::Duration;

use axum::http::StatusCode;
use bulla_jose::{jwa::Algorithm, jwt::UnverifiedJwt};

use crate::app::{ACCESS, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The IDs in the JWK set.
async fn published(app: &TestApp) -> Vec<String> {
    let answer = app
        .get("/.well-known/jwks.json")
        .await_status(StatusCode::OK);
    let set = answer.await.json();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn header(token: &str) -> (String, String) {
    let token = UnverifiedJwt::decode(token).unwrap();
    let header = token.header();
    (
        header.algorithm().to_owned(),
        header.key_id().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn a_rotation_is_seen_by_everybody_and_costs_nobody_a_token() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let first = published(&app).await;
    app.clock.advance(30 * DAY);
    let bob = app.register("bob").await;
    let second = published(&app).await;
    let (old, new) = (header(&ada.access).1, header(&bob.access).1);
    assert_ne!(new, old);
    assert!(first.contains(&new), "published before it signs");
    assert_eq!(second.len(), 3);
    app.assert_accepted(&bob.access).await;

    // A tab that was left open is late, and no forger.
    app.assert_refused(&ada.access, "token_expired").await;
    app.clock.advance(ACCESS + Duration::from_secs(120));
    assert!(!published(&app).await.contains(&old));
    app.assert_refused(&ada.access, "token_expired").await;
    assert_eq!(app.refresh(&bob.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_algorithm_in_the_configuration_is_published_first() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let app = app
        .restart_with(|settings| settings.algorithm = Algorithm::Rs256)
        .await;
    app.clock.advance(Duration::from_millis(1));
    app.issuer.keys().want(Algorithm::Rs256).await.unwrap();
    app.assert_accepted(&ada.access).await;
    assert_eq!(header(&app.login("ada").await.access).0, "ES256");
    assert_eq!(published(&app).await.len(), 2);
    app.clock.advance(DAY);
    let ada = app.login("ada").await;
    assert_eq!(header(&ada.access).0, "RS256");
    app.assert_accepted(&ada.access).await;
}

#[tokio::test]
async fn a_store_that_fails_for_a_minute_ends_signing_and_nothing_else() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(Duration::from_secs(9));
    let solved = app.solved().await;
    app.store.close();
    app.clock.advance(Duration::from_secs(50));
    app.redeem(&solved).await_status(StatusCode::OK).await;
    app.clock.advance(Duration::from_secs(1));
    let refused = app.redeem(&solved);
    refused.await_refusal(503, "keys_unavailable").await;
    assert!(app.verify(&ada.access).is_ok());
}
