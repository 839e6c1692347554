//! Who a client is, and how it proves it.

use axum::http::{StatusCode, header};
use bulla_guard::abuse::Offence;

use super::CLIENT_CREDENTIALS;
use crate::app::TestApp;

#[tokio::test]
async fn a_client_proves_itself_by_basic_or_in_the_form() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let (id, secret) = (client.id.as_str(), client.secret.as_str());
    let basic = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
    basic.basic(id, secret).await_status(StatusCode::OK).await;
    let named = app.form("/oauth2/token", &[CLIENT_CREDENTIALS, ("client_id", id)]);
    named.basic(id, secret).await_status(StatusCode::OK).await;
    let post = [
        CLIENT_CREDENTIALS,
        ("client_id", id),
        ("client_secret", secret),
    ];
    let post = app.form("/oauth2/token", &post);
    post.await_status(StatusCode::OK).await;
    // Encoded as in a form before that (RFC 6749 section 2.3.1), as libraries do to every `_`.
    let encoded = |text: &str| text.replace('_', "%5F").replace('-', "%2d");
    let basic = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
    let basic = basic.basic(&encoded(id), &encoded(secret));
    basic.await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn two_ways_at_once_are_refused() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let (id, secret) = (client.id.as_str(), client.secret.as_str());
    for pairs in [
        &[("client_id", id), ("client_secret", secret)][..],
        &[("client_secret", secret)],
        &[("client_id", "cli_another")],
    ] {
        let pairs = [&[CLIENT_CREDENTIALS], pairs].concat();
        let answer = app.form("/oauth2/token", &pairs).basic(id, secret).send();
        answer.await.assert_oauth(400, "invalid_request");
    }
    let twice = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
    let twice = twice.basic(id, secret).basic(id, secret).send().await;
    twice.assert_oauth(400, "invalid_request");
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_are_answered_alike() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let other = app.client("other", &[]).await;
    let mut answers = Vec::new();
    for (id, secret) in [
        (client.id.as_str(), other.secret.as_str()),
        (client.id.as_str(), &client.secret[..46]),
        (client.id.as_str(), ""),
        ("cli_AAAAAAAAAAAAAAAAAAAAAA", client.secret.as_str()),
        ("bulla", client.secret.as_str()),
        ("billing", client.secret.as_str()),
        ("", client.secret.as_str()),
        ("ä\0", client.secret.as_str()),
    ] {
        let call = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
        let answer = call.basic(id, secret).send().await;
        answer.assert_oauth(401, "invalid_client");
        assert_eq!(answer.offence, Some(Offence::FailedLogin), "{id} {secret}");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let pairs = [
        CLIENT_CREDENTIALS,
        ("client_id", &client.id),
        ("client_secret", &other.secret),
    ];
    let post = app.form("/oauth2/token", &pairs).send().await;
    post.assert_unproven_in_form();
    assert_eq!(post.text, answers[0]);
}

#[tokio::test]
async fn who_proves_nothing_is_refused_and_has_guessed_nothing() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let id = ("client_id", client.id.as_str());
    for pairs in [
        &[CLIENT_CREDENTIALS][..],
        &[CLIENT_CREDENTIALS, id],
        &[("grant_type", "refresh_token"), ("refresh_token", "x"), id],
    ] {
        let answer = app.form("/oauth2/token", pairs).send().await;
        answer.assert_oauth(401, "invalid_client");
        assert_eq!(answer.offence, None);
    }
    for value in [
        "Bearer abc",
        "Basic",
        "Basic !",
        "Basic YQ==",
        "Basic /w==",
        "",
    ] {
        let call = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
        let answer = call.header(header::AUTHORIZATION, value).send().await;
        answer.assert_oauth(401, "invalid_client");
        assert_eq!(answer.offence, None, "{value}");
    }
    let only_secret = [CLIENT_CREDENTIALS, ("client_secret", &client.secret)];
    let only_secret = app.form("/oauth2/token", &only_secret).send().await;
    only_secret.assert_oauth(400, "invalid_request");
    let public = [CLIENT_CREDENTIALS, ("client_id", "bulla")];
    let public = app.form("/oauth2/token", &public).send().await;
    public.assert_oauth(400, "unauthorized_client");
}

#[tokio::test]
async fn a_secret_is_nowhere_in_the_database() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let dump: Vec<u8> = app
        .database()
        .query_row("SELECT secret FROM clients", [], |row| row.get(0))
        .unwrap();
    assert_eq!(dump.len(), 32);
    let stored = String::from_utf8_lossy(&dump).into_owned();
    let call = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
    let answer = call.basic(&client.id, &stored).send().await;
    answer.assert_oauth(401, "invalid_client");
}
