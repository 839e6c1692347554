//! `GET /dev/mailbox`

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use bulla_server::{
    admin::dev_mailbox_router,
    mail::{Carrier, Mailbox},
};
use bulla_test::MockClock;

use super::{letter, templates, token};
use crate::app::Answer;

async fn get(mailbox: &Arc<Mailbox>, host: &str, accept: &str) -> Answer {
    let request = Request::get("/dev/mailbox")
        .header(header::HOST, host)
        .header(header::ACCEPT, accept)
        .body(Body::empty());
    Answer::read(dev_mailbox_router(Arc::clone(mailbox)), request.unwrap()).await
}

async fn mailbox(letters: usize) -> Arc<Mailbox> {
    let mailbox = Arc::new(Mailbox::new(Arc::new(MockClock::default())));
    for number in 0..letters {
        let message = templates().word(&letter(&format!("user{number}@example.com")));
        mailbox.deliver(&message).await.unwrap();
    }
    mailbox
}

#[tokio::test]
async fn letters_are_listed_the_newest_first() {
    let mailbox = mailbox(2).await;
    let answer = get(&mailbox, "127.0.0.1:9090", "application/json").await;
    let letters = answer.json();
    assert_eq!(letters["letters"][0]["to"], "user1@example.com");
    assert_eq!(letters["letters"][1]["to"], "user0@example.com");
    let text = letters["letters"][0]["text"].as_str().unwrap();
    assert!(text.contains(token().expose()));
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn the_page_loads_nothing_runs_nothing_and_has_the_link() {
    let mailbox = mailbox(1).await;
    let answer = get(&mailbox, "localhost:9090", "text/html").await;
    assert_eq!(answer.status, StatusCode::OK);
    let policy = answer.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    let link = format!(
        "<a href=\"https://app.example.com/account/reset#{}",
        token().expose()
    );
    assert!(answer.text.contains(&link), "{}", answer.text);
}

#[tokio::test]
async fn a_hundred_are_kept() {
    let mailbox = mailbox(Mailbox::MOST + 3).await;
    let letters = mailbox.letters();
    assert_eq!(letters.len(), Mailbox::MOST);
    assert_eq!(letters[99].1.to.as_str(), "user3@example.com");
}

#[tokio::test]
async fn another_hosts_page_cannot_read_it() {
    let mailbox = mailbox(1).await;
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
    ] {
        let answer = get(&mailbox, host, "application/json").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{host}");
    }
    for host in ["127.0.0.1", "[::1]:9090", "localhost"] {
        let answer = get(&mailbox, host, "application/json").await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
}
