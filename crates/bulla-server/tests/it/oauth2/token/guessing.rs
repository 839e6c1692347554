//! How often secrets may be guessed.

use axum::http::{StatusCode, header};

use super::{CLIENT_CREDENTIALS, ask};
use crate::app::{Answer, Client, TestApp};

async fn guess(app: &TestApp, id: &str, address: &str) -> Answer {
    let call = app.form("/oauth2/token", &[CLIENT_CREDENTIALS]);
    call.basic(id, "bcs_wrong").at_address(address).send().await
}

async fn is_welcome(app: &TestApp, client: &Client, address: &str) -> bool {
    let call = ask(app, client, &[CLIENT_CREDENTIALS]);
    call.at_address(address).send().await.status == StatusCode::OK
}

#[tokio::test]
async fn whoever_guesses_too_often_waits_whether_there_is_such_a_client_or_not() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    for (id, address) in [(client.id.as_str(), "192.0.2.1"), ("nobody", "192.0.2.2")] {
        for _ in 0..10 {
            let wrong = guess(&app, id, address).await;
            wrong.assert_oauth(401, "invalid_client");
        }
        let refused = guess(&app, id, address).await;
        refused.assert_problem(429, "rate_limited");
        assert_eq!(refused.header(header::RETRY_AFTER), "30");
    }
    // Who has the secret has not guessed it: others at its address, such as one with an older secret, keep nobody out.
    assert!(is_welcome(&app, &client, "192.0.2.1").await);
    assert!(is_welcome(&app, &client, "192.0.2.3").await);
}

#[tokio::test]
async fn a_crowd_that_guesses_does_not_keep_the_client_out() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    for number in 0..100 {
        let address = format!("198.51.{}.1", 100 + number / 10);
        guess(&app, &client.id, &address).await;
    }
    let refused = guess(&app, &client.id, "192.0.2.1").await;
    refused.assert_problem(429, "rate_limited");
    assert!(is_welcome(&app, &client, "192.0.2.1").await);
}
