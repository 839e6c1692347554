//! `POST /oauth2/token`

mod client_credentials;
mod guessing;
mod private_key_jwt;
mod proof;
mod refresh_token;

use axum::http::{Method, StatusCode};

use crate::app::{Call, Client, TestApp};

const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

/// A form of the client, by `client_secret_basic`.
fn ask<'a>(app: &'a TestApp, client: &Client, pairs: &[(&str, &str)]) -> Call<'a> {
    app.form("/oauth2/token", pairs)
        .basic(&client.id, &client.secret)
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    for (pairs, error) in [
        (&[][..], "invalid_request"),
        (&[("grant_type", "")], "invalid_request"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[CLIENT_CREDENTIALS, CLIENT_CREDENTIALS], "invalid_request"),
        (
            &[CLIENT_CREDENTIALS, ("scope", "a"), ("scope", "a")],
            "invalid_request",
        ),
        (&[("grant_type", "refresh_token")], "invalid_request"),
    ] {
        let answer = ask(&app, &client, pairs).send().await;
        answer.assert_oauth(400, error);
        assert_eq!(answer.offence, None, "{pairs:?}");
    }
    // A parameter without a value is as good as none, and what nobody knows is passed over.
    let good = [
        CLIENT_CREDENTIALS,
        ("scope", ""),
        ("client_secret", ""),
        ("foo", "1"),
        ("foo", "2"),
    ];
    ask(&app, &client, &good).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let call = |media_type: &str, body: String| {
        app.call(Method::POST, "/oauth2/token")
            .basic(&client.id, &client.secret)
            .raw(media_type, body)
    };
    let form = "application/x-www-form-urlencoded";
    let good = "grant_type=client_credentials".to_owned();
    for media_type in ["application/json", "text/plain", ""] {
        let answer = call(media_type, good.clone()).send().await;
        answer.assert_oauth(400, "invalid_request");
    }
    let padded = |bytes: usize| format!("{good}&pad={}", "x".repeat(bytes));
    let large = call(form, padded(64 * 1024)).send().await;
    large.assert_problem(413, "body_too_large");
    let many = format!("{good}{}", "&a=b".repeat(64));
    let many = call(form, many).send().await;
    many.assert_oauth(400, "invalid_request");
    for (media_type, body) in [
        (
            "application/x-www-form-urlencoded;charset=UTF-8",
            good.clone(),
        ),
        ("Application/X-WWW-Form-URLencoded", good.clone()),
        (form, padded(60 * 1024)),
        (form, format!("{good}{}", "&a=b".repeat(63))),
        (form, format!("{good}{}", "&a=".repeat(1000))),
    ] {
        call(media_type, body).await_status(StatusCode::OK).await;
    }
}
