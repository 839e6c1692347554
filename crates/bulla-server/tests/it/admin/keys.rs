//! `/admin/keys`

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::UnverifiedJwt,
};
use bulla_server::admin::{AdminKey, AdminKeys};
use serde_json::{Value, json};

use crate::app::{ACCESS, Answer, Door, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);
const MILLISECOND: Duration = Duration::from_millis(1);

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../../../bulla-jose/tests/it/jwk/pem/", $name))
    };
}

async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    // No two keys begin to sign in the same millisecond.
    app.clock.advance(MILLISECOND);
    let call = app.call_at(Door::Local, Method::POST, path);
    call.json(body).send().await
}

async fn import(app: &TestApp, body: Value) -> Answer {
    post(app, "/admin/keys", body).await
}

async fn rotate(app: &TestApp, now: bool) -> Answer {
    post(app, "/admin/keys/rotate", json!({"now": now})).await
}

async fn revoke(app: &TestApp, kid: &str) -> Answer {
    let path = format!("/admin/keys/{kid}/revoke");
    app.call_at(Door::Local, Method::POST, &path).send().await
}

async fn list(app: &TestApp) -> AdminKeys {
    let call = app.call_at(Door::Local, Method::GET, "/admin/keys");
    let text = call.await_status(StatusCode::OK).await.text;
    serde_json::from_str(&text).unwrap()
}

/// The first key in this state.
async fn the(app: &TestApp, state: &str) -> AdminKey {
    let mut keys = list(app).await.keys.into_iter();
    keys.find(|key| key.state == state).unwrap()
}

/// The algorithm and the key of a token.
fn signed_by(token: &str) -> (String, String) {
    let token = UnverifiedJwt::decode(token).unwrap();
    let header = token.header();
    let kid = header.key_id().unwrap().to_owned();
    (header.algorithm().to_owned(), kid)
}

async fn published(app: &TestApp) -> Value {
    let answer = app
        .get("/.well-known/jwks.json")
        .await_status(StatusCode::OK);
    answer.await.json()
}

#[tokio::test]
async fn keys_are_listed_with_all_that_is_known_of_their_lives() {
    let app = TestApp::start().await;
    app.register("ada").await;
    app.clock.advance(DAY);
    let before = list(&app).await;
    assert_eq!(before.algorithm, "ES256");
    assert_eq!(
        before.rotates_at.as_deref(),
        Some("2026-01-31T00:00:00.000Z")
    );
    let answer = rotate(&app, false).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let keys: AdminKeys = serde_json::from_str(&answer.text).unwrap();
    let states: Vec<_> = keys.keys.iter().map(|key| key.state.as_str()).collect();
    assert_eq!(states, ["next", "active", "retiring"]);
    let expected = AdminKey {
        kid: before.keys[1].kid.clone(),
        algorithm: "ES256".to_owned(),
        state: "retiring".to_owned(),
        created_at: "2026-01-01T00:00:00.000Z".to_owned(),
        signs_from: Some("2026-01-01T00:00:00.000Z".to_owned()),
        retires_at: Some("2026-01-02T00:17:00.001Z".to_owned()),
        removed_at: None,
    };
    assert_eq!(keys.keys[2], expected);
    assert_eq!(keys.keys[1].kid, before.keys[0].kid);
    app.clock.advance(Duration::from_secs(17 * 60));
    let retired = the(&app, "retired").await;
    assert_eq!((retired.kid, retired.retires_at), (expected.kid, None));
    assert_eq!(
        retired.removed_at.as_deref(),
        Some("2026-01-02T00:17:00.001Z")
    );
}

#[tokio::test]
async fn a_young_key_is_not_promoted_unless_it_is_said() {
    let app = TestApp::start().await;
    let refused = rotate(&app, false).await;
    refused.assert_problem(422, "field_invalid");
    refused.assert_says("2026-01-02T00:00:00.000Z");
    assert_eq!(refused.json()["field"], "now");
    let without_body = app.call_at(Door::Local, Method::POST, "/admin/keys/rotate");
    without_body.await_refusal(422, "field_invalid").await;
    let next = the(&app, "next").await.kid;
    assert_eq!(rotate(&app, true).await.status, StatusCode::OK);
    assert_eq!(signed_by(&app.register("ada").await.access).1, next);
}

#[tokio::test]
async fn a_revoked_key_takes_its_tokens_with_it_and_nobodys_session() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let bad = signed_by(&ada.access).1;
    let answer = revoke(&app, &bad).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    app.assert_refused(&ada.access, "token_revoked").await;
    assert!(!published(&app).await.to_string().contains(&bad));
    let again = app.refresh(&ada.refresh).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    let fresh = again.json()["access_token"].as_str().unwrap().to_owned();
    assert_ne!(signed_by(&fresh).1, bad);
    app.assert_accepted(&fresh).await;
    let app = app.restart().await;
    app.assert_refused(&ada.access, "token_revoked").await;
    app.clock.advance(ACCESS * 2);
    app.assert_refused(&ada.access, "token_revoked").await;
    revoke(&app, "unknown")
        .await
        .assert_problem(404, "not_found");
    assert_eq!(
        revoke(&app, &bad).await.status,
        StatusCode::OK,
        "once is enough"
    );
}

#[tokio::test]
async fn a_gateway_with_older_keys_refuses_a_revoked_one_by_its_record() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let keys = app.issuer.verifier().keys();
    let older = keys.load().keys.clone();
    revoke(&app, &signed_by(&ada.access).1).await;
    keys.replace(older);
    assert_eq!(
        app.verify(&ada.access).unwrap_err().code.as_str(),
        "token_revoked"
    );
}

#[tokio::test]
async fn keys_of_ones_own_sign_at_once() {
    let jwk = |bytes: usize| json!({"kty": "oct", "alg": "HS512", "kid": "s", "k": base64url::encode(&vec![7; bytes])});
    let secret = "a secret that has thirty-two bytes";
    for (body, algorithm) in [
        (json!({"key": pem!("p256.pem")}), "ES256"),
        (json!({"key": pem!("p256-sec1.pem")}), "ES256"),
        (
            json!({"key": pem!("p384.pem"), "algorithm": "ES384"}),
            "ES384",
        ),
        (json!({"key": pem!("rsa-2048.pem")}), "RS256"),
        (
            json!({"key": pem!("rsa-2048-pkcs1.pem"), "algorithm": "PS384"}),
            "PS384",
        ),
        (json!({"key": pem!("ed25519.pem"), "kid": "own"}), "EdDSA"),
        (json!({"key": secret, "algorithm": "HS256"}), "HS256"),
        (json!({"key": jwk(64).to_string()}), "HS512"),
    ] {
        let app = TestApp::start().await;
        let ada = app.register("ada").await;
        let mut body = body;
        body["now"] = json!(true);
        let answer = import(&app, body.clone()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let bob = app.register("bob").await;
        let (found, kid) = signed_by(&bob.access);
        assert_eq!(found, algorithm);
        if let Some(expected) = body["kid"].as_str() {
            assert_eq!(kid, expected);
        }
        app.assert_accepted(&bob.access).await;
        app.assert_accepted(&ada.access).await;
        let set = JwkSet::parse(published(&app).await.to_string().as_bytes(), &[]).unwrap();
        assert_eq!(
            set.keys().len(),
            if algorithm.starts_with("HS") { 2 } else { 3 }
        );
        let app = app.restart().await;
        app.assert_accepted(&bob.access).await;
        assert_eq!(signed_by(&app.login("ada").await.access).1, kid);
    }
}

#[tokio::test]
async fn a_key_of_ones_own_waits_for_the_rotation_unless_it_is_said() {
    let app = TestApp::start().await;
    let answer = import(&app, json!({"key": pem!("ed25519.pem"), "kid": "own"})).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(the(&app, "next").await.kid, "own");
    assert_eq!(signed_by(&app.register("ada").await.access).0, "ES256");
    assert!(published(&app).await.to_string().contains("\"own\""));
    app.clock.advance(DAY);
    rotate(&app, false).await;
    assert_eq!(signed_by(&app.login("ada").await.access).1, "own");
}

#[tokio::test]
async fn what_is_no_private_key_is_refused_and_says_why() {
    let app = TestApp::start().await;
    let before = list(&app).await;
    let public = SigningKey::generate(Algorithm::Es256).unwrap();
    let public = public.verifying_key().public_jwk().unwrap().to_string();
    let byte = |byte| base64url::encode(&[byte; 32]);
    let x25519 = json!({"kty": "OKP", "crv": "X25519", "x": byte(9), "d": byte(9)}).to_string();
    let own = |member: &str, value: Value| {
        let mut own = json!({
            "kty": "EC", "crv": "P-256", "d": byte(7),
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        own[member] = value;
        own.to_string()
    };
    let rsa = json!({"kty": "RSA", "n": byte(0xff), "e": "AQAB", "d": byte(9)}).to_string();
    let two = format!("{}{}", pem!("p256.pem"), pem!("p384.pem"));
    let text = "a secret that has thirty-two bytes";
    let cut = "-----BEGIN PRIVATE KEY-----\nAAAA";
    for (key, words) in [
        ("", "neither a PEM text nor a JWK"),
        (text, "neither a PEM text"),
        (cut, "not a PEM text with a private key"),
        ("{\"kty\":\"EC\"", "not a JSON object"),
        ("{}", "`kty` is missing"),
        (pem!("p256-public.pem"), "a public key where a private one"),
        (&public, "a public key where a private one is needed"),
        (pem!("p256-encrypted.pem"), "the PEM text is encrypted"),
        (pem!("p256-encrypted-sec1.pem"), "the PEM text is encrypted"),
        (&two, "more than one private key"),
        (pem!("rsa-1024.pem"), "of no kind that is supported"),
        (pem!("x25519.pem"), "of no kind that is supported"),
        (&x25519, "the curve \"X25519\" is not supported"),
        (
            &own("d", json!(byte(7))),
            "not a valid private key for ES256",
        ),
        (&own("d", json!("AAAA")), "`d` is not"),
        (&own("crv", json!("P-384")), "`x` is not"),
        (
            &own("kty", json!("future")),
            "the key type \"future\" is not supported",
        ),
        (&own("use", json!("enc")), "the key is for the use \"enc\""),
        (&rsa, "RSA keys have 2048 to 8192 bits, this one has 256"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "not a PEM text with a private key",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "a public key where a private one is needed",
        ),
    ] {
        refused(&app, json!({"key": key}), "key", words).await;
    }
    assert_eq!(list(&app).await, before);
    accepted(&app).await;
}

#[tokio::test]
async fn a_key_that_does_not_fit_its_algorithm_is_refused_and_says_why() {
    let app = TestApp::start().await;
    let before = list(&app).await;
    let ps256 = format!("Algorithm: PS256\n{}", pem!("rsa-2048.pem"));
    let (short384, short512) = ("x".repeat(47), "x".repeat(63));
    for (key, algorithm, field, words) in [
        (
            pem!("p384.pem"),
            "ES256",
            "key",
            "not a valid private key for ES256",
        ),
        (
            pem!("p256.pem"),
            "HS256",
            "key",
            "not a valid private key for HS256",
        ),
        (
            "short",
            "HS256",
            "key",
            "a secret of 32 bytes or more, this one has 5",
        ),
        (
            &short384,
            "HS384",
            "key",
            "needs a secret of 48 bytes or more",
        ),
        (
            &short512,
            "HS512",
            "key",
            "needs a secret of 64 bytes or more",
        ),
        (&ps256, "RS256", "algorithm", "for PS256"),
        (
            pem!("p256.pem"),
            "none",
            "algorithm",
            "not a signature algorithm",
        ),
    ] {
        refused(
            &app,
            json!({"key": key, "algorithm": algorithm}),
            field,
            words,
        )
        .await;
    }
    let short = json!({"kty": "oct", "kid": "s", "k": base64url::encode(&[7; 31])}).to_string();
    let words = "needs a secret of 32 bytes or more, this one has 31";
    refused(&app, json!({"key": short}), "key", words).await;
    assert_eq!(list(&app).await, before);
    accepted(&app).await;
}

#[tokio::test]
async fn a_key_id_that_is_none_or_in_use_is_refused() {
    let app = TestApp::start().await;
    let before = list(&app).await;
    for (kid, words) in [
        ("", "a key ID has 1 to 256 bytes"),
        ("a\nb", "no control characters"),
        (before.keys[1].kid.as_str(), "which is active"),
    ] {
        refused(
            &app,
            json!({"key": pem!("p256.pem"), "kid": kid}),
            "kid",
            words,
        )
        .await;
    }
    let unknown = import(&app, json!({"key": pem!("p256.pem"), "use": "sig"})).await;
    unknown.assert_problem(422, "field_unknown");
    assert_eq!(list(&app).await, before);
    accepted(&app).await;
}

/// Refused as the next key and as one that signs at once.
async fn refused(app: &TestApp, mut body: Value, field: &str, words: &str) {
    for now in [false, true] {
        body["now"] = json!(now);
        let refused = import(app, body.clone()).await;
        refused.assert_problem(422, "field_invalid");
        refused.assert_says(words);
        assert_eq!(refused.json()["field"], field, "{}", refused.text);
    }
}

/// The control.
async fn accepted(app: &TestApp) {
    let good = import(app, json!({"key": pem!("p256.pem")})).await;
    assert_eq!(good.status, StatusCode::CREATED, "{}", good.text);
}

#[tokio::test]
async fn a_key_whose_tokens_fit_no_cookie_is_refused_with_cookies() {
    let key = SigningKey::generate(Algorithm::MlDsa65).unwrap();
    let body = json!({"key": key.to_pem().unwrap().as_str(), "now": true});
    let app = TestApp::start().await;
    let refused = import(&app, body.clone()).await;
    refused.assert_problem(422, "field_invalid");
    refused.assert_says("do not fit a cookie");
    let app = app.restart_with(|settings| settings.cookies = None).await;
    let taken = import(&app, body).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    assert_eq!(signed_by(&app.register("ada").await.access).0, "ML-DSA-65");
}

#[tokio::test]
async fn whatever_is_done_to_keys_is_in_the_audit_log() {
    let app = TestApp::start().await;
    let root = app.user_with_roles("root", &["admin"]).await;
    app.clock.advance(MILLISECOND);
    let call = app.call_at(Door::Admin, Method::POST, "/admin/keys/rotate");
    let call = call.bearer(&root.access).json(json!({"now": true}));
    call.await_status(StatusCode::OK).await;
    import(&app, json!({"key": pem!("p256.pem"), "kid": "own"})).await;
    revoke(&app, "own").await;
    app.clock.advance(30 * DAY);
    app.register("ada").await;
    let call = app.call_at(Door::Local, Method::GET, "/admin/audit?signing_key=own");
    let events = call.await_status(StatusCode::OK).await.json();
    let of_own: Vec<_> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["kind"])
        .collect();
    assert_eq!(of_own, ["key_revoked", "key_imported"]);
    let call = app.call_at(Door::Local, Method::GET, "/admin/audit?kind=key_promoted");
    let events = call.await_status(StatusCode::OK).await.json();
    assert_eq!(events["events"][0]["actor"], "system");
    assert_eq!(events["events"][1]["actor"], "administrator");
    assert_eq!(events["events"][1]["actor_id"], root.id);
}

#[tokio::test]
async fn keys_are_for_administrators() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for (method, path) in [
        (Method::GET, "/admin/keys"),
        (Method::POST, "/admin/keys"),
        (Method::POST, "/admin/keys/rotate"),
        (Method::POST, "/admin/keys/a/revoke"),
    ] {
        let call = app.call_at(Door::Admin, method.clone(), path);
        call.await_refusal(401, "token_missing").await;
        let call = app.call_at(Door::Admin, method, path).bearer(&ada.access);
        call.await_refusal(403, "role_required").await;
    }
}
