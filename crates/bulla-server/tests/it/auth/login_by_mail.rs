//! `POST /auth/login/mail` and `POST /auth/login/mail/confirm`

use axum::http::StatusCode;
use bulla_core::authentication::MailedLogin;
use serde_json::{Value, json};

use crate::app::{Answer, PASSWORD, SignedIn, TestApp};

const CONFIRM: &str = "/auth/login/mail/confirm";

impl TestApp {
    async fn ask(&self, email: &str) -> Value {
        let call = self.post("/auth/login/mail", json!({"email": email}));
        call.await_status(StatusCode::ACCEPTED).await.json()
    }

    async fn with_ada(mode: MailedLogin) -> Self {
        let app = Self::by_mail(mode).await;
        let ada = json!({"email": "ada@example.com", "password": PASSWORD});
        app.post("/auth/register", ada)
            .await_status(StatusCode::ACCEPTED)
            .await;
        let token = app.link().await;
        app.post("/auth/verify", json!({"token": token}))
            .await_status(StatusCode::OK)
            .await;
        app
    }

    async fn by_code(&self, request: &Value, code: &str) -> Answer {
        let body = json!({"request": request["request"], "code": code});
        self.post(CONFIRM, body).send().await
    }
}

#[tokio::test]
async fn a_link_opens_a_session_once() {
    let app = TestApp::with_ada(MailedLogin::Link).await;
    let asked = app.ask("ada@example.com").await;
    assert_eq!(asked, json!({"mode": "link", "request": null}));
    let body = json!({"token": app.link().await});
    let answer = app.post(CONFIRM, body.clone());
    let session = SignedIn::from(&answer.await_status(StatusCode::OK).await);
    app.assert_accepted(&session.access).await;
    app.post(CONFIRM, body)
        .await_refusal(401, "link_invalid")
        .await;
}

#[tokio::test]
async fn a_code_opens_a_session_for_who_asked() {
    let app = TestApp::with_ada(MailedLogin::Code).await;
    let mine = app.ask("ada@example.com").await;
    assert_eq!(mine["mode"], "code");
    let code = app.code().await;
    let others = app.ask("ada@example.com").await;
    app.code().await;
    app.by_code(&others, &code)
        .await
        .assert_problem(401, "link_invalid");
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    let session = app.by_code(&mine, &spaced).await;
    assert_eq!(session.status, StatusCode::OK, "{}", session.text);
    app.by_code(&mine, &code)
        .await
        .assert_problem(401, "link_invalid");
}

#[tokio::test]
async fn a_code_is_tried_five_times() {
    let app = TestApp::with_ada(MailedLogin::Code).await;
    let asked = app.ask("ada@example.com").await;
    let code = app.code().await;
    let wrong = if code == "00000000" {
        "11111111"
    } else {
        "00000000"
    };
    for _ in 0..5 {
        app.by_code(&asked, wrong)
            .await
            .assert_problem(401, "link_invalid");
    }
    app.by_code(&asked, &code)
        .await
        .assert_problem(401, "link_invalid");
}

#[tokio::test]
async fn an_address_without_an_account_is_answered_alike() {
    let app = TestApp::with_ada(MailedLogin::Code).await;
    let known = app.ask("ada@example.com").await;
    app.code().await;
    let unknown = app.ask("nobody@example.com").await;
    assert_eq!(app.letters().await, []);
    let length = |answer: &Value| answer["request"].as_str().unwrap().len();
    assert_eq!(length(&known), length(&unknown));
    app.by_code(&unknown, "00000000")
        .await
        .assert_problem(401, "link_invalid");
}

#[tokio::test]
async fn one_of_the_two_forms_is_needed() {
    let app = TestApp::with_ada(MailedLogin::Code).await;
    let asked = app.ask("ada@example.com").await;
    let request = &asked["request"];
    for body in [
        json!({}),
        json!({"request": request}),
        json!({"code": "12345678"}),
        json!({"token": request, "request": request, "code": "12345678"}),
        json!({"request": request, "code": "1234"}),
        json!({"request": request, "code": 12_345_678}),
    ] {
        app.post(CONFIRM, body)
            .await_refusal(422, "field_invalid")
            .await;
    }
}

#[tokio::test]
async fn where_it_is_off_nothing_is_there() {
    let app = TestApp::start().await;
    app.post("/auth/login/mail", json!({"email": "ada@example.com"}))
        .await_refusal(404, "not_found")
        .await;
    app.post(CONFIRM, json!({"token": "blt_"}))
        .await_refusal(404, "not_found")
        .await;
}

/// How many letters are sent to ada who asks from there.
async fn letters(app: &TestApp, from: &str) -> usize {
    let body = json!({"email": "ada@example.com"});
    app.post("/auth/login/mail", body)
        .at_address(from)
        .await_status(StatusCode::ACCEPTED)
        .await;
    app.letters().await.len()
}

#[tokio::test]
async fn a_stranger_uses_up_no_letters_of_an_owner_at_a_new_place() {
    let app = TestApp::with_ada(MailedLogin::Code).await;
    for (stranger, new_place) in [
        (&["198.51.100.1"; 30][..], "203.0.113.1"),
        (
            &["2001:db8:7::1", "2001:db8:7:100::1", "2001:db8:7:1:2::1"].repeat(10)[..],
            "2001:db8:8::1",
        ),
    ] {
        let mut sent = 0;
        for from in stranger {
            sent += letters(&app, from).await;
        }
        assert_eq!(sent, 5, "{stranger:?}");
        assert_eq!(letters(&app, new_place).await, 1, "{new_place}");
    }
}

#[tokio::test]
async fn a_crowd_of_strangers_floods_no_mailbox_and_shuts_no_owner_out_at_home() {
    let app = TestApp::with_ada(MailedLogin::Code).await;
    let mut sent = 0;
    for number in 0..40 {
        sent += letters(&app, &format!("198.51.100.{number}")).await;
    }
    // One of the twenty confirmed the address.
    assert_eq!(sent, 19);
    let asked = app.ask("ada@example.com").await;
    let code = app.code().await;
    let session = app.by_code(&asked, &code).await;
    assert_eq!(session.status, StatusCode::OK, "from home");
    for _ in 0..20 {
        sent += letters(&app, "192.0.2.7").await;
    }
    assert_eq!(sent, 23, "nor does a home get letters without end");
}
