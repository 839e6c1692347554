//! Passwords that are guessed, and accounts that are made, too often.

use std::time::Duration;

use axum::http::StatusCode;
use bulla_guard::abuse::Offence;
use serde_json::{Value, json};

use crate::app::{Answer, PASSWORD, SignedIn, TestApp};

const HOME: &str = "192.0.2.7";
const WRONG: &str = "seven sealed tables";

async fn attempt(app: &TestApp, name: &str, password: &str, from: &str) -> Answer {
    let body = json!({"email": format!("{name}@example.com"), "password": password});
    app.post("/auth/login", body).at_address(from).send().await
}

/// A wrong password; whether it was looked at.
async fn guess(app: &TestApp, name: &str, from: &str) -> bool {
    let answer = attempt(app, name, WRONG, from).await;
    match answer.status.as_u16() {
        401 => true,
        429 => false,
        _ => panic!("{}", answer.text),
    }
}

/// How many of so many wrong passwords were looked at.
async fn guesses(app: &TestApp, count: u32, name: &str, from: &str) -> u32 {
    let mut looked_at = 0;
    for _ in 0..count {
        looked_at += u32::from(guess(app, name, from).await);
    }
    looked_at
}

#[tokio::test]
async fn one_account_from_one_address() {
    let app = TestApp::start().await;
    app.register("ada").await;
    assert_eq!(guesses(&app, 20, "ada", "198.51.100.1").await, 10);
    let refused = attempt(&app, "ada", PASSWORD, "198.51.100.1").await;
    refused.assert_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(
        refused.header("ratelimit-policy"),
        "\"account and address\";q=2;w=60;bulla-burst=10"
    );
    assert_eq!(
        refused.header("ratelimit"),
        "\"account and address\";r=0;t=30"
    );
    assert_eq!(
        refused.json()["limit"],
        json!({"key": "account and address", "rate": "2/m", "burst": 10})
    );
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(guesses(&app, 2, "ada", "198.51.100.1").await, 1);
    assert!(guess(&app, "bob", "198.51.100.1").await, "another account");
    assert!(guess(&app, "ada", "198.51.100.2").await, "another address");
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_refused_alike() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let mut refusals: Vec<Value> = Vec::new();
    for name in ["ada", "eve"] {
        guesses(&app, 10, name, "198.51.100.1").await;
        let refused = attempt(&app, name, PASSWORD, "198.51.100.1").await;
        refused.assert_problem(429, "rate_limited");
        refusals.push(refused.json());
    }
    assert_eq!(refusals[0], refusals[1]);
}

#[tokio::test]
async fn however_a_name_is_written_it_is_one_account() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let mut looked_at = 0;
    for name in ["ada", "ADA", "Ada", "ａda"].repeat(5) {
        looked_at += u32::from(guess(&app, name, "198.51.100.1").await);
    }
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn many_accounts_from_one_address() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let mut looked_at = 0;
    for number in 0..100 {
        looked_at += u32::from(guess(&app, &format!("user{number}"), "198.51.100.1").await);
    }
    assert_eq!(looked_at, 30);
    attempt(&app, "ada", PASSWORD, "198.51.100.1")
        .await
        .assert_problem(429, "rate_limited");
    let elsewhere = attempt(&app, "ada", PASSWORD, "198.51.100.2").await;
    assert_eq!(elsewhere.status, StatusCode::OK, "the control");
}

#[tokio::test]
async fn many_accounts_from_a_network_of_ipv6() {
    let app = TestApp::start().await;
    let mut looked_at = 0;
    for number in 0..600 {
        let from = format!("2001:db8:7:{number:x}::1");
        looked_at += u32::from(guess(&app, &format!("user{number}"), &from).await);
    }
    assert_eq!(
        looked_at,
        120 + 120 + 88,
        "of each /56 four times as many as of one /64"
    );
    assert!(guess(&app, "ada", "2001:db8:8::1").await, "the control");
}

#[tokio::test]
async fn one_account_from_many_addresses() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    assert_eq!(
        attempt(&app, "ada", PASSWORD, HOME).await.status,
        StatusCode::OK
    );
    let mut looked_at = 0;
    for number in 0..200 {
        looked_at += u32::from(guess(&app, "ada", &format!("198.51.100.{number}")).await);
    }
    assert_eq!(looked_at, 100);
    attempt(&app, "ada", PASSWORD, "203.0.113.1")
        .await
        .assert_problem(429, "rate_limited");
    let home = attempt(&app, "ada", PASSWORD, HOME).await;
    assert_eq!(
        home.status,
        StatusCode::OK,
        "where the password was right before"
    );
    assert!(guess(&app, "bob", "203.0.113.1").await, "another account");
    app.assert_accepted(&ada.access).await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_has_a_session_keeps_it_while_its_address_is_throttled() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for number in 0..40 {
        guess(&app, &format!("user{number}"), HOME).await;
    }
    guesses(&app, 20, "ada", HOME).await;
    assert!(!guess(&app, "ada", HOME).await);
    app.assert_accepted(&ada.access).await;
    app.clock.advance(Duration::from_secs(61));
    let renewed = app.refresh(&ada.refresh).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.text);
    app.assert_accepted(&SignedIn::from(&renewed).access).await;
}

#[tokio::test]
async fn a_right_password_counts_for_nothing() {
    let app = TestApp::start().await;
    app.register("ada").await;
    for _ in 0..50 {
        let answer = attempt(&app, "ada", PASSWORD, "198.51.100.1").await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    for _ in 0..3 {
        assert_eq!(guesses(&app, 9, "ada", "198.51.100.1").await, 9);
        let answer = attempt(&app, "ada", PASSWORD, "198.51.100.1").await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_exempt_address_is_never_throttled() {
    let app = TestApp::start().await;
    assert_eq!(guesses(&app, 50, "ada", "127.0.0.1").await, 50);
    assert_eq!(
        guesses(&app, 50, "bob", "127.0.0.2").await,
        10,
        "the control"
    );
}

#[tokio::test]
async fn the_password_of_a_session_that_was_left_open() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let change = async |current: &str| {
        let body = json!({"current_password": current, "new_password": "eight sealed tablets"});
        app.post("/auth/password", body)
            .bearer(&ada.access)
            .send()
            .await
    };
    for _ in 0..10 {
        change(WRONG)
            .await
            .assert_problem(401, "credentials_invalid");
    }
    change(PASSWORD).await.assert_problem(429, "rate_limited");
    app.assert_accepted(&ada.access).await;
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(change(PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn accounts_made_from_one_address() {
    let app = TestApp::start().await;
    let register = async |number: u32, from: &str| {
        let body = json!({"email": format!("user{number}@example.com"), "password": PASSWORD});
        app.post("/auth/register", body)
            .at_address(from)
            .send()
            .await
    };
    for number in 0..100 {
        let answer = register(number, "198.51.100.1").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    }
    let refused = register(100, "198.51.100.1").await;
    refused.assert_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(
        register(101, "198.51.100.2").await.status,
        StatusCode::CREATED
    );
    app.clock.advance(Duration::from_secs(5));
    assert_eq!(
        register(102, "198.51.100.1").await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn the_gateway_is_told_what_counts_against_the_address() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let answer = attempt(&app, "ada", WRONG, HOME).await;
    assert_eq!(answer.offence, Some(Offence::FailedLogin));
    let answer = app.post("/auth/login", json!({"email": 1})).send().await;
    assert_eq!(answer.offence, None, "a field that is wrong is a mistake");
    let answer = app.post("/auth/login", json!({})).body("{").send().await;
    assert_eq!(
        answer.offence,
        Some(Offence::MalformedRequest),
        "{}",
        answer.text
    );
    let forged = crate::app::tampered(&ada.access);
    let answer = app.get("/auth/me").bearer(&forged).send().await;
    assert_eq!(answer.offence, Some(Offence::ForgedToken));
    assert_eq!(
        app.refresh("brt_x").await.offence,
        Some(Offence::ForgedToken)
    );
    app.clock.advance(crate::app::ACCESS);
    let answer = app.get("/auth/me").bearer(&ada.access).send().await;
    assert_eq!(answer.code(), "token_expired");
    assert_eq!(answer.offence, None);
}

#[tokio::test]
async fn a_new_password_by_mail_opens_an_account_that_is_attacked() {
    const AWAY: &str = "203.0.113.1";
    const NEW: &str = "eight sealed tablets";
    let app = TestApp::start().await;
    app.register("ada").await;
    for number in 0..100 {
        assert!(guess(&app, "ada", &format!("198.51.100.{number}")).await);
    }
    let refused = attempt(&app, "ada", PASSWORD, AWAY).await;
    refused.assert_problem(429, "rate_limited");
    app.post("/auth/password/forgot", json!({"email": "ada@example.com"}))
        .at_address(AWAY)
        .await_status(StatusCode::ACCEPTED)
        .await;
    let body = json!({"token": app.link().await, "new_password": NEW});
    app.post("/auth/password/reset", body)
        .at_address(AWAY)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    let welcome = attempt(&app, "ada", NEW, AWAY).await;
    assert_eq!(welcome.status, StatusCode::OK, "{}", welcome.text);
    let elsewhere = attempt(&app, "ada", NEW, "203.0.113.2").await;
    elsewhere.assert_problem(429, "rate_limited");
}

#[tokio::test]
async fn an_account_has_so_many_homes_and_no_more() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let place = |number: u32| format!("2001:db8:{number:x}::1");
    for number in 0..60 {
        let right = attempt(&app, "ada", PASSWORD, &place(number)).await;
        assert_eq!(right.status, StatusCode::OK);
    }
    for number in 0..100 {
        assert!(guess(&app, "ada", &format!("198.51.100.{number}")).await);
    }
    // Where it registered is one of the fifty.
    for (from, code) in [(HOME, 200), (&place(48), 200), (&place(49), 429)] {
        let answer = attempt(&app, "ada", PASSWORD, from).await;
        assert_eq!(answer.status.as_u16(), code, "{from}");
    }
}

#[tokio::test]
async fn who_registers_is_at_home_there() {
    let app = TestApp::start().await;
    app.register("ada").await;
    for number in 0..100 {
        assert!(guess(&app, "ada", &format!("198.51.100.{number}")).await);
    }
    let home = attempt(&app, "ada", PASSWORD, HOME).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.text);
    let elsewhere = attempt(&app, "ada", PASSWORD, "203.0.113.1").await;
    elsewhere.assert_problem(429, "rate_limited");
}
