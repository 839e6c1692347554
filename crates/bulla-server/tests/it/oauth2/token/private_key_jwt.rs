//! Clients that prove themselves by a signature (RFC 7523).

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_guard::abuse::Offence;
use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{KeyId, SigningKey},
    jwt,
};
use serde_json::{Value, json};

use super::CLIENT_CREDENTIALS;
use crate::app::{Answer, Door, JWT_BEARER, KeyedClient, TestApp, claims, public_keys};

async fn ask(app: &TestApp, assertion: &str) -> Answer {
    ask_with(app, assertion, &[]).await
}

async fn ask_with(app: &TestApp, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let pairs = [
        CLIENT_CREDENTIALS,
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    let pairs = [&pairs[..], more].concat();
    app.form("/oauth2/token", &pairs).send().await
}

fn is_accepted(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::OK => true,
        _ => {
            answer.assert_unproven_in_form();
            false
        }
    }
}

/// Good claims of another `jti` each time, with one member that is another, or is not there.
fn with(app: &TestApp, client: &KeyedClient, member: &str, value: Option<Value>) -> Value {
    app.clock.advance(Duration::from_millis(1));
    let mut claims = client.claims(app);
    match value {
        Some(value) => claims[member] = value,
        None => drop(claims.as_object_mut().unwrap().remove(member)),
    }
    claims
}

#[tokio::test]
async fn a_client_proves_itself_by_its_signature() {
    let app = TestApp::start().await;
    for (name, algorithm) in [
        ("a", Algorithm::Es256),
        ("b", Algorithm::Ps256),
        ("c", Algorithm::EdDsa),
    ] {
        let client = app.keyed_client(name, algorithm).await;
        app.clock.advance(Duration::from_millis(1));
        let answer = ask(&app, &client.sign(&client.claims(&app))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(claims(&token)["sub"], client.id.as_str());
        assert!(app.verify(&token).is_ok());
    }
}

#[tokio::test]
async fn whatever_libraries_write_is_accepted() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::EdDsa).await;
    let good = || with(&app, &client, "foo", Some(json!(1)));
    for typ in ["JWT", "jwt", "client-authentication+jwt"] {
        let assertion = client.sign_as(typ, &good());
        assert!(is_accepted(&ask(&app, &assertion).await), "{typ}");
    }
    let untyped = client.sign_untyped(&good());
    assert!(is_accepted(&ask(&app, &untyped).await));
    let now = app.clock_seconds();
    for (member, value) in [
        ("aud", json!("https://api.example.com/oauth2/token")),
        ("aud", json!(["https://api.example.com"])),
        ("exp", json!(now + 3600)),
        ("exp", json!(now + 1)),
        ("nbf", json!(now + 20)),
        ("iat", json!(now + 20)),
        ("jti", json!("x".repeat(255))),
    ] {
        let claims = with(&app, &client, member, Some(value));
        let answer = ask(&app, &client.sign(&claims)).await;
        assert!(is_accepted(&answer), "{claims}");
    }
    let named = [("client_id", client.id.as_str())];
    let named = ask_with(&app, &client.sign(&good()), &named).await;
    assert!(is_accepted(&named));
}

#[tokio::test]
async fn what_does_not_hold_proves_nothing_and_says_why_to_whoever_has_signed_it() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    for (member, value, words) in wrong_claims(app.clock_seconds()) {
        let assertion = client.sign(&with(&app, &client, member, value));
        let answer = ask(&app, &assertion).await;
        answer.assert_unproven_in_form();
        assert_eq!(answer.offence, None, "{member}");
        let description = answer.json()["error_description"].take();
        let description = description.as_str().unwrap().to_owned();
        assert!(description.contains(words), "{member}: {description}");
    }
    let control = client.sign(&with(&app, &client, "foo", Some(json!(1))));
    assert!(is_accepted(&ask(&app, &control).await));
}

/// A claim each that is wrong, and what is said of it.
fn wrong_claims(now: i64) -> Vec<(&'static str, Option<Value>, &'static str)> {
    let other = "https://other.example.com";
    let own = "https://api.example.com";
    let revoke = "https://api.example.com/oauth2/revoke";
    vec![
        ("sub", Some(json!("cli_another")), "iss and sub"),
        ("sub", None, "iss and sub"),
        ("aud", None, "aud"),
        ("aud", Some(json!(other)), "aud"),
        ("aud", Some(json!([])), "aud"),
        ("aud", Some(json!([own, other])), "aud"),
        ("aud", Some(json!(revoke)), "aud"),
        ("exp", None, "exp of the assertion is missing"),
        ("exp", Some(json!("soon")), "is not a number"),
        ("exp", Some(json!(1e18)), "is not a time"),
        ("aud", Some(json!(7)), "aud of the assertion must be"),
        ("sub", Some(json!(7)), "is not a string"),
        ("exp", Some(json!(now - 31)), "expired"),
        ("exp", Some(json!(now + 3700)), "more than 3600 seconds"),
        ("nbf", Some(json!(now + 60)), "nbf"),
        ("jti", None, "jti"),
        ("jti", Some(json!("")), "jti"),
        ("jti", Some(json!("x".repeat(256))), "jti"),
        ("iss", None, "missing or no text"),
        ("iss", Some(json!(7)), "missing or no text"),
        ("jti", Some(json!(7)), "is not a string"),
    ]
}

#[tokio::test]
async fn a_header_and_a_size_that_are_not_taken_are_named() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    for typ in ["at+jwt", "logout+jwt", ""] {
        let claims = with(&app, &client, "foo", Some(json!(1)));
        let answer = ask(&app, &client.sign_as(typ, &claims)).await;
        answer.assert_unproven_in_form();
        assert!(answer.text.contains("typ of the assertion must be JWT"));
    }
    for (crit, words) in [
        ("[\"x\"]", "crit in its header"),
        ("[]", "the header's `crit` is not a list"),
    ] {
        let header = format!("{{\"alg\":\"ES256\",\"x\":1,\"crit\":{crit}}}");
        let signed = client.sign(&with(&app, &client, "foo", Some(json!(1))));
        let (_, rest) = signed.split_once('.').unwrap();
        let assertion = format!("{}.{rest}", base64url::encode(header.as_bytes()));
        let answer = ask(&app, &assertion).await;
        answer.assert_unproven_in_form();
        assert!(answer.text.contains(words), "{}", answer.text);
    }
    let claims = with(&app, &client, "foo", Some(json!(1)));
    let too_long = format!("{}{}", client.sign(&claims), "A".repeat(16 * 1024));
    let answer = ask(&app, &too_long).await;
    answer.assert_unproven_in_form();
    let words = "bytes are more than 16384";
    assert!(answer.text.contains(words), "{}", answer.text);
    let control = client.sign(&with(&app, &client, "foo", Some(json!(1))));
    assert!(is_accepted(&ask(&app, &control).await));
}

#[tokio::test]
async fn a_forged_assertion_is_a_guess_and_all_of_them_are_answered_alike() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    let by_secret = app.client("b", &[]).await;
    let claims = with(&app, &client, "foo", Some(json!(1)));
    let good = client.sign(&claims);
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    // The public key for a secret, under the key's own ID.
    let public = client.key().verifying_key().public_jwk().unwrap();
    let confused = confused(
        public.to_string().as_bytes(),
        client.key().key_id(),
        &claims,
    );
    let unsigned = base64url::encode(br#"{"alg":"none"}"#);
    let unsigned = format!("{unsigned}.{}.", good.split('.').nth(1).unwrap());
    let mut nobodys = claims.clone();
    (nobodys["iss"], nobodys["sub"]) = (json!("cli_nobody"), json!("cli_nobody"));
    let mut anothers = claims.clone();
    let other = json!(by_secret.id);
    (anothers["iss"], anothers["sub"]) = (other.clone(), other);
    let mut answers = Vec::new();
    for assertion in [
        jwt::sign(&stranger, "JWT", &claims).unwrap(),
        confused,
        unsigned,
        client.sign(&nobodys),
        client.sign(&anothers),
    ] {
        let answer = ask(&app, &assertion).await;
        answer.assert_unproven_in_form();
        assert_eq!(answer.offence, Some(Offence::FailedLogin), "{assertion}");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(is_accepted(&ask(&app, &good).await));
}

/// The claims under HS256, with these bytes for the secret.
fn confused(secret: &[u8], key_id: &KeyId, claims: &Value) -> String {
    let secret = json!({"kty": "oct", "alg": "HS256", "kid": key_id.as_str(), "k": base64url::encode(secret)});
    let key = SigningKey::from_jwk(secret.to_string().as_bytes()).unwrap();
    jwt::sign(&key, "JWT", claims).unwrap()
}

#[tokio::test]
async fn an_assertion_is_good_once_after_a_restart_too() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    let assertion = client.sign(&client.claims(&app));
    assert!(is_accepted(&ask(&app, &assertion).await));
    let again = ask(&app, &assertion).await;
    again.assert_unproven_in_form();
    assert!(again.text.contains("used before"), "{}", again.text);
    assert_eq!(again.offence, None);
    let app = app.restart().await;
    assert!(!is_accepted(&ask(&app, &assertion).await));
    // Whatever else is different in it.
    let mut claims = client.claims(&app);
    claims["exp"] = json!(app.clock_seconds() + 600);
    assert!(!is_accepted(&ask(&app, &client.sign(&claims)).await));
    app.clock.advance(Duration::from_secs(90));
    app.issuer.tidy().await.unwrap();
    assert!(!is_accepted(&ask(&app, &assertion).await), "it is over");
    assert!(is_accepted(
        &ask(&app, &client.sign(&client.claims(&app))).await
    ));
}

#[tokio::test]
async fn what_was_refused_is_not_used() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    let mut claims = client.claims(&app);
    claims["aud"] = json!("https://other.example.com");
    assert!(!is_accepted(&ask(&app, &client.sign(&claims)).await));
    assert!(is_accepted(
        &ask(&app, &client.sign(&client.claims(&app))).await
    ));
}

#[tokio::test]
async fn two_ways_at_once_and_other_kinds_are_refused() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    let assertion = client.sign(&client.claims(&app));
    for more in [[("client_secret", "bcs_x")], [("client_id", "cli_another")]] {
        let answer = ask_with(&app, &assertion, &more).await;
        answer.assert_oauth(400, "invalid_request");
    }
    let basic = [
        CLIENT_CREDENTIALS,
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
    ];
    let basic = app.form("/oauth2/token", &basic).basic(&client.id, "bcs_x");
    basic.send().await.assert_oauth(400, "invalid_request");
    let untold = [CLIENT_CREDENTIALS, ("client_assertion", &assertion)];
    let untold = app.form("/oauth2/token", &untold).send().await;
    untold.assert_oauth(400, "invalid_request");
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let saml = [
        CLIENT_CREDENTIALS,
        ("client_assertion_type", saml),
        ("client_assertion", &assertion),
    ];
    let saml = app.form("/oauth2/token", &saml).send().await;
    saml.assert_unproven_in_form();
    let endless = "a".repeat(17 * 1024);
    let endless = ask(&app, &format!("{endless}.b.c")).await;
    endless.assert_unproven_in_form();
    assert!(is_accepted(&ask(&app, &assertion).await));
}

#[tokio::test]
async fn keys_are_replaced_and_each_client_has_one_way_to_prove_itself() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    let call = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
    let answer = call.basic(&client.id, "").send().await;
    answer.assert_oauth(401, "invalid_client");
    let next = SigningKey::generate(Algorithm::Ed25519).unwrap();
    let sign = |key: &SigningKey| {
        let claims = with(&app, &client, "foo", Some(json!(1)));
        jwt::sign(key, "JWT", &claims).unwrap()
    };
    let change = async |keys: &[&SigningKey]| {
        let path = format!("/admin/clients/{}", client.id);
        let call = app.call_at(Door::Local, Method::PATCH, &path);
        let call = call.json(json!({"public_keys": public_keys(keys)}));
        call.await_status(StatusCode::OK).await;
    };
    for (keys, old, new) in [
        (&[client.key()][..], true, false),
        (&[client.key(), &next], true, true),
        (&[&next], false, true),
    ] {
        change(keys).await;
        let accepted = [
            is_accepted(&ask(&app, &sign(client.key())).await),
            is_accepted(&ask(&app, &sign(&next)).await),
        ];
        assert_eq!(accepted, [old, new]);
    }
}

#[tokio::test]
async fn a_disabled_clients_signature_proves_nothing() {
    let app = TestApp::start().await;
    let client = app.keyed_client("a", Algorithm::Es256).await;
    let assertion = client.sign(&client.claims(&app));
    let path = format!("/admin/clients/{}", client.id);
    for (disabled, accepted) in [(true, false), (false, true)] {
        let call = app.call_at(Door::Local, Method::PATCH, &path);
        let call = call.json(json!({"disabled": disabled}));
        call.await_status(StatusCode::OK).await;
        assert_eq!(is_accepted(&ask(&app, &assertion).await), accepted);
    }
}
