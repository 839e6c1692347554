//! The clock is the runtime's, and stopped: it moves only where a test says so.

use std::{sync::mpsc, time::Duration};

use bulla_guard::{
    client::Cidr,
    keys::remote::{FetchError, FetchStatus, JwkSetUrl, RemoteKeySet, RemoteSettings, fetch},
    problem::Code,
    verifier::Verifier,
};
use bulla_jose::{base64url, jwa::Algorithm, jwk::SigningKey};
use serde_json::{Value, json};
use tokio::time::advance;

use super::server::{Answer, KeyServer};
use crate::issuer::{Issuer, NOW, claims, verifier};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// While this lives, the stopped clock does not jump ahead to the next timer when all wait for the
/// network: tokio holds it as long as a blocking task runs.
pub(super) struct ClockHeld(
    #[expect(dead_code, reason = "dropping it ends the task")] mpsc::Sender<()>,
);

pub(super) fn hold_clock() -> ClockHeld {
    let (release, released) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || released.recv());
    ClockHeld(release)
}

pub(super) fn key_set(issuers: &[&Issuer]) -> Answer {
    let keys: Vec<Value> = issuers
        .iter()
        .map(|issuer| issuer.key.verifying_key().public_jwk().unwrap())
        .collect();
    Answer::Body(json!({ "keys": keys }).to_string().into_bytes())
}

pub(super) fn settings(server: &KeyServer) -> RemoteSettings {
    settings_for(&server.url())
}

/// With the loopback addresses listed, where the servers of tests are.
pub(super) fn settings_for(url: &str) -> RemoteSettings {
    let url = JwkSetUrl::parse(url).unwrap();
    RemoteSettings {
        addresses: Cidr::LOOPBACK.to_vec(),
        ..RemoteSettings::new(url, &[Algorithm::Es256])
    }
}

pub(super) async fn wait_for(
    remote: &RemoteKeySet,
    reached: impl FnMut(&FetchStatus) -> bool,
) -> FetchStatus {
    remote.status().wait_for(reached).await.unwrap().clone()
}

/// A key set that has been fetched once.
pub(super) async fn fetched(settings: &RemoteSettings) -> (RemoteKeySet, Verifier) {
    let remote = RemoteKeySet::start(settings).unwrap();
    wait_for(&remote, |status| status.succeeded == 1).await;
    let verifier = verifier(remote.keys().clone());
    (remote, verifier)
}

pub(super) fn verdict(verifier: &Verifier, issuer: &Issuer) -> Result<(), Code> {
    let verdict = verifier.verify(&issuer.sign(&claims()), NOW);
    verdict.map(drop).map_err(|refusal| refusal.code)
}

/// Shows the verifier that many tokens, each with a key ID of its own that nobody knows.
fn flood_with_unknown_keys(verifier: &Verifier, tokens: usize) {
    let token = Issuer::new().sign(&claims());
    let (_, rest) = token.split_once('.').unwrap();
    for number in 0..tokens {
        let header = json!({"typ": "at+jwt", "alg": "ES256", "kid": format!("random {number}")});
        let header = base64url::encode(header.to_string().as_bytes());
        let refusal = verifier
            .verify(&format!("{header}.{rest}"), NOW)
            .unwrap_err();
        assert_eq!(refusal.code, Code::TokenKeyUnknown);
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_yet_it_is_503_and_then_the_keys_are_there() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(Answer::Silence);
    let remote = RemoteKeySet::start(&settings(&server)).unwrap();
    let verifier = verifier(remote.keys().clone());
    server.has_begun(1).await;
    assert_eq!(verdict(&verifier, &issuer), Err(Code::KeysUnavailable));

    server.answer_with(key_set(&[&issuer]));
    advance(10 * SECOND).await;
    let status = wait_for(&remote, |status| status.failed == 1).await;
    assert_eq!(
        status.error.as_deref(),
        Some("the JWK set did not arrive within 10 s")
    );
    let status = wait_for(&remote, |status| status.succeeded == 1).await;
    assert_eq!(status.error, None);
    assert_eq!(verdict(&verifier, &issuer), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_unknown_keys_are_one_fetch_after_the_cooldown() {
    let _held = hold_clock();
    let (old, new) = (Issuer::new(), Issuer::new());
    let server = KeyServer::start(key_set(&[&old]));
    let (remote, verifier) = fetched(&settings(&server)).await;
    let first = remote.status().borrow().succeeded_at.unwrap();

    server.answer_with(key_set(&[&old, &new]));
    assert_eq!(verdict(&verifier, &new), Err(Code::TokenKeyUnknown));
    flood_with_unknown_keys(&verifier, 10_000);
    advance(29 * SECOND).await;
    flood_with_unknown_keys(&verifier, 10);
    advance(SECOND).await;
    let status = wait_for(&remote, |status| status.succeeded == 2).await;
    assert_eq!(status.succeeded_at.unwrap() - first, 30 * SECOND);
    assert_eq!(verdict(&verifier, &new), Ok(()));
    assert_eq!(verdict(&verifier, &old), Ok(()));

    flood_with_unknown_keys(&verifier, 10_000);
    advance(29 * SECOND).await;
    flood_with_unknown_keys(&verifier, 10);
    advance(SECOND).await;
    let status = wait_for(&remote, |status| status.succeeded == 3).await;
    assert_eq!(status.succeeded_at.unwrap() - first, 60 * SECOND);
    assert_eq!(server.begun(), 3);
}

#[tokio::test(start_paused = true)]
async fn known_keys_cause_no_fetch_before_their_turn() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(key_set(&[&issuer]));
    let (remote, verifier) = fetched(&settings(&server)).await;
    let first = remote.status().borrow().succeeded_at.unwrap();
    assert_eq!(verdict(&verifier, &issuer), Ok(()));
    assert_eq!(
        verifier.verify("x", NOW).unwrap_err().code,
        Code::TokenMalformed
    );

    advance(299 * SECOND).await;
    advance(SECOND).await;
    let status = wait_for(&remote, |status| status.succeeded == 2).await;
    assert_eq!(status.succeeded_at.unwrap() - first, 300 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn one_fetch_at_a_time_however_slow_it_is() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(key_set(&[&issuer]));
    let settings = RemoteSettings {
        refresh_every: SECOND,
        missed_key_cooldown: Duration::ZERO,
        ..settings(&server)
    };
    let (remote, verifier) = fetched(&settings).await;

    server.answer_with(Answer::Silence);
    flood_with_unknown_keys(&verifier, 10);
    server.has_begun(2).await;
    for _ in 0..9 {
        flood_with_unknown_keys(&verifier, 10);
        advance(SECOND).await;
    }
    assert_eq!(server.begun(), 2);

    server.answer_with(key_set(&[&issuer]));
    advance(SECOND).await;
    wait_for(&remote, |status| {
        status.failed == 1 && status.succeeded == 2
    })
    .await;
    assert_eq!(server.begun(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_outage_keeps_the_old_keys_and_ends_by_itself() {
    let _held = hold_clock();
    let (old, new) = (Issuer::new(), Issuer::new());
    let server = KeyServer::start(key_set(&[&old]));
    let (remote, verifier) = fetched(&settings(&server)).await;

    server.answer_with(Answer::Head("500 Internal Server Error\r\n"));
    advance(300 * SECOND).await;
    let status = wait_for(&remote, |status| status.failed == 1).await;
    let expected = "the server of the JWK set answered 500 Internal Server Error";
    assert_eq!(status.error.as_deref(), Some(expected));
    assert_eq!(verdict(&verifier, &old), Ok(()));

    server.answer_with(Answer::Body(b"not json".to_vec()));
    advance(SECOND).await;
    wait_for(&remote, |status| status.failed == 2).await;
    assert_eq!(verdict(&verifier, &old), Ok(()));

    server.answer_with(key_set(&[&new]));
    advance(2 * SECOND).await;
    wait_for(&remote, |status| status.succeeded == 2).await;
    assert_eq!(verdict(&verifier, &new), Ok(()));
    assert_eq!(verdict(&verifier, &old), Err(Code::TokenExpired));
}

#[tokio::test(start_paused = true)]
async fn a_set_without_a_usable_key_keeps_the_old_keys() {
    let _held = hold_clock();
    let (old, new) = (Issuer::new(), Issuer::new());
    let server = KeyServer::start(key_set(&[&old]));
    let (remote, verifier) = fetched(&settings(&server)).await;

    server.answer_with(key_set(&[]));
    advance(300 * SECOND).await;
    let status = wait_for(&remote, |status| status.failed == 1).await;
    let expected = "the JWK set has no key that can be used (0 skipped)";
    assert_eq!(status.error.as_deref(), Some(expected));
    assert_eq!(verdict(&verifier, &old), Ok(()));

    let skipped = json!({"keys": [{"kty": "future"}]}).to_string();
    server.answer_with(Answer::Body(skipped.into_bytes()));
    advance(SECOND).await;
    let status = wait_for(&remote, |status| status.failed == 2).await;
    let expected = "the JWK set has no key that can be used (1 skipped)";
    assert_eq!(status.error.as_deref(), Some(expected));
    assert_eq!(verdict(&verifier, &old), Ok(()));

    server.answer_with(key_set(&[&new]));
    advance(2 * SECOND).await;
    let status = wait_for(&remote, |status| status.succeeded == 2).await;
    assert_eq!(status.error, None);
    assert_eq!(verdict(&verifier, &old), Err(Code::TokenExpired));
}

#[tokio::test(start_paused = true)]
async fn the_same_answer_again_leaves_the_epoch_alone() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(key_set(&[&issuer]));
    let (remote, _) = fetched(&settings(&server)).await;
    let epoch = remote.keys().load().epoch;

    advance(300 * SECOND).await;
    wait_for(&remote, |status| status.succeeded == 2).await;
    assert_eq!(remote.keys().load().epoch, epoch);

    server.answer_with(key_set(&[&issuer, &Issuer::new()]));
    advance(300 * SECOND).await;
    wait_for(&remote, |status| status.succeeded == 3).await;
    assert!(remote.keys().load().epoch > epoch);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_set_ends_its_task_and_leaves_its_keys() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let server = KeyServer::start(key_set(&[&issuer]));
    let (remote, verifier) = fetched(&settings(&server)).await;
    let mut status = remote.status();
    status.mark_unchanged();
    drop(remote);
    assert!(status.changed().await.is_err(), "nobody reports any more");
    assert_eq!(verdict(&verifier, &issuer), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_answer_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let _held = hold_clock();
    let Answer::Body(body) = key_set(&[&Issuer::new()]) else {
        unreachable!("a set is a body")
    };
    let server = KeyServer::start(Answer::Body(body.clone()));
    let at_limit = RemoteSettings {
        max_bytes: body.len(),
        ..settings(&server)
    };
    assert_eq!(fetch(&at_limit).await.unwrap().keys().len(), 1);

    let below = RemoteSettings {
        max_bytes: body.len() - 1,
        ..at_limit
    };
    let refused = fetch(&below).await.unwrap_err();
    assert!(matches!(refused, FetchError::TooLarge(limit) if limit == body.len() - 1));
}

#[tokio::test(start_paused = true)]
async fn a_bad_key_and_a_secret_one_are_skipped_and_the_others_serve() {
    let _held = hold_clock();
    let issuer = Issuer::new();
    let secret = SigningKey::generate(Algorithm::Hs256)
        .unwrap()
        .private_bytes()
        .unwrap();
    let keys = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "bad", "x": "AA", "y": "AA"},
        {"kty": "oct", "alg": "HS256", "kid": "secret", "k": base64url::encode(&secret)},
        issuer.key.verifying_key().public_jwk().unwrap(),
        {"kty": "future"},
    ]});
    let server = KeyServer::start(Answer::Body(keys.to_string().into_bytes()));
    let (remote, verifier) = fetched(&settings(&server)).await;
    assert_eq!(verdict(&verifier, &issuer), Ok(()));
    assert_eq!(remote.keys().load().keys.keys().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    let _held = hold_clock();
    let target = KeyServer::start(key_set(&[&Issuer::new()]));
    assert!(fetch(&settings(&target)).await.is_ok());
    let head: &'static str =
        Box::leak(format!("302 Found\r\nLocation: {}\r\n", target.url()).into_boxed_str());
    let server = KeyServer::start(Answer::Head(head));
    let refused = fetch(&settings(&server)).await.unwrap_err();
    assert!(
        matches!(refused, FetchError::Status(status) if status == 302),
        "{refused}"
    );
    assert_eq!(target.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_listening_is_unreachable_and_says_why() {
    let _held = hold_clock();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let settings = settings_for(&format!("http://127.0.0.1:{port}/keys"));
    let refused = fetch(&settings).await.unwrap_err();
    assert!(matches!(&refused, FetchError::Unreachable(_)), "{refused}");
    assert!(refused.to_string().contains("refused"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_https_url_is_never_answered_in_the_clear() {
    let _held = hold_clock();
    let server = KeyServer::start(key_set(&[&Issuer::new()]));
    assert!(fetch(&settings(&server)).await.is_ok());
    let settings = settings_for(&server.url().replace("http:", "https:"));
    let refused = fetch(&settings).await.unwrap_err();
    let expected = matches!(
        refused,
        FetchError::Unreachable(_) | FetchError::NoRootCertificates(_)
    );
    assert!(expected, "{refused}");
}
