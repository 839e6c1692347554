//! What others try with a browser's cookies; each refusal beside what is accepted.

use axum::http::{Method, StatusCode};
use bulla_core::authentication::OnChange;
use bulla_guard::{client::BrowserRequest, problem::Code, refusal::Refusal};
use bulla_server::issuer::IssuerSettings;
use serde_json::{Value, json};

use super::{Jar, assert_by_cookie, assert_cleared, set_cookies};
use crate::app::{Call, IDLE, PASSWORD, SETTLE, TestApp, tampered};

fn login(told: BrowserRequest, app: &TestApp) -> Call<'_> {
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": "cookie"});
    app.post("/auth/login", body).browser(told)
}

#[tokio::test]
async fn login_csrf_signs_nobody_in() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let hashes = app.hasher.verified();
    let refused = login(Jar::default().forged(), &app);
    let refused = refused.await_refusal(403, "csrf_refused").await;
    assert_eq!(set_cookies(&refused), [""; 0]);
    assert_eq!(app.hasher.verified(), hashes, "no password is checked");
    let accepted = login(Jar::default().told(), &app);
    assert_by_cookie(&accepted.await_status(StatusCode::OK).await);
}

#[tokio::test]
async fn a_forged_registration_makes_no_account() {
    let app = TestApp::start().await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": "cookie"});
    let register = |told| app.post("/auth/register", body.clone()).browser(told);
    let refused = register(Jar::default().forged());
    refused.await_refusal(403, "csrf_refused").await;
    let accepted = register(Jar::default().told());
    accepted.await_status(StatusCode::CREATED).await;
}

#[tokio::test]
async fn a_forged_request_by_cookie_changes_nothing() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    app.clock.advance(SETTLE);
    let passwords = json!({"current_password": PASSWORD, "new_password": "eight sealed tablets"});
    for (method, path, body) in [
        (Method::POST, "/auth/refresh", Value::Null),
        (Method::POST, "/auth/logout", Value::Null),
        (Method::POST, "/auth/password", passwords),
        (Method::PATCH, "/auth/me", json!({"name": "Eve"})),
        (Method::DELETE, "/auth/sessions", Value::Null),
    ] {
        let call = app.call(method, path).browser(ada.forged());
        let call = if body.is_null() {
            call
        } else {
            call.json(body)
        };
        let refused = call.await_refusal(403, "csrf_refused").await;
        assert_eq!(set_cookies(&refused), [""; 0], "{path}");
    }
    let me = ada.call(&app, Method::GET, "/auth/me").send().await;
    assert_eq!(me.json()["name"], Value::Null);
    let refreshed = ada.post(&app, "/auth/refresh");
    refreshed.await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_did_not_pass_the_gateway_has_no_cookies() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": "cookie"});
    let by_header = json!({"email": "ada@example.com", "password": PASSWORD});
    let refused = app.post("/auth/login", body);
    refused.await_refusal(403, "csrf_refused").await;
    let asked = app
        .post("/auth/login", by_header)
        .header("X-Bulla-Mode", "cookie");
    let answer = asked.await_status(StatusCode::OK).await;
    assert_eq!(set_cookies(&answer), [""; 0]);
    let cookie = format!("__Host-bulla_access={}", ada.access.unwrap());
    let me = app.get("/auth/me").header("Cookie", cookie);
    me.await_refusal(401, "token_missing").await;
}

#[tokio::test]
async fn a_script_cannot_turn_a_cookie_into_a_token() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let passwords = json!({
        "current_password": PASSWORD, "new_password": "eight sealed tablets", "mode": "token",
    });
    for (path, body) in [
        ("/auth/refresh", json!({"mode": "token"})),
        ("/auth/password", passwords),
    ] {
        let refused = ada.post(&app, path).json(body);
        let refused = refused.await_refusal(422, "field_invalid").await;
        assert_eq!(refused.json()["field"], "mode", "{path}");
    }
    let answer = ada
        .post(&app, "/auth/refresh")
        .json(json!({"mode": "cookie"}));
    assert_by_cookie(&answer.await_status(StatusCode::OK).await);
}

#[tokio::test]
async fn a_cookie_of_the_same_name_from_elsewhere_ends_and_clears_nothing() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let mut told = ada.told();
    told.refresh = Err(Refusal::new(Code::RefreshInvalid, "two of them"));
    let refresh = app.call(Method::POST, "/auth/refresh");
    let two = refresh.browser(told.clone());
    let two = two.await_refusal(401, "refresh_invalid").await;
    assert_eq!(set_cookies(&two), [""; 0]);
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": "cookie"});
    let login = app.post("/auth/login", body).browser(told.clone());
    login.await_status(StatusCode::OK).await;
    let refresh = ada.post(&app, "/auth/refresh");
    refresh.await_status(StatusCode::OK).await;
    // Who signs out is out, as far as can be.
    let logout = app.call(Method::POST, "/auth/logout").browser(told);
    assert_cleared(&logout.await_status(StatusCode::NO_CONTENT).await);
}

#[tokio::test]
async fn what_is_refused_for_good_clears_the_cookies() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let refresh = |jar: &Jar| jar.post(&app, "/auth/refresh");
    let with = |token: &str| Jar {
        refresh: Some(token.to_owned()),
        ..Jar::default()
    };
    for forged in ["", "brt_", "nothing", ada.access.as_deref().unwrap()] {
        let refused = refresh(&with(forged)).await_refusal(401, "refresh_invalid");
        assert_cleared(&refused.await);
    }
    let mut newer = ada.clone();
    for _ in 0..2 {
        app.clock.advance(SETTLE);
        newer.keep(&refresh(&newer).await_status(StatusCode::OK).await);
    }
    assert_cleared(&refresh(&ada).await_refusal(401, "refresh_reused").await);
    assert_cleared(&refresh(&newer).await_refusal(401, "session_revoked").await);
    let bob = Jar::register(&app, "bob").await;
    app.clock.advance(IDLE);
    assert_cleared(&refresh(&bob).await_refusal(401, "session_expired").await);
}

#[tokio::test]
async fn what_may_be_tried_again_clears_nothing() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    app.store.close();
    for path in ["/auth/refresh", "/auth/logout"] {
        let refused = ada.post(&app, path);
        let refused = refused.await_refusal(503, "store_unavailable").await;
        assert_eq!(set_cookies(&refused), [""; 0], "{path}");
    }
    let app = app.restart().await;
    let refreshed = ada.post(&app, "/auth/refresh");
    refreshed.await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn a_refresh_that_is_refused_here_alone_clears_nothing() {
    let app = TestApp::start().await;
    let refusing = |settings: &mut IssuerSettings| {
        settings.authentication.session.on_network_change = OnChange::Refuse;
    };
    let app = app.restart_with(refusing).await;
    let ada = Jar::register(&app, "ada").await;
    app.clock.advance(SETTLE);
    let elsewhere = ada.post(&app, "/auth/refresh").at_address("203.0.113.7");
    let refused = elsewhere.await_refusal(401, "session_revoked").await;
    assert_eq!(set_cookies(&refused), [""; 0]);
    let here = ada.post(&app, "/auth/refresh");
    here.await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn a_logout_with_cookies_of_no_use_is_refused_and_clears_them() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let forged = Jar {
        access: Some(tampered(ada.access.as_deref().unwrap())),
        refresh: None,
    };
    let refused = forged.post(&app, "/auth/logout");
    assert_cleared(&refused.await_refusal(401, "token_signature_invalid").await);
    let both = Jar {
        refresh: Some("brt_nothing".to_owned()),
        ..ada.clone()
    };
    let ended = both.post(&app, "/auth/logout");
    assert_cleared(&ended.await_status(StatusCode::NO_CONTENT).await);
    assert_eq!(ada.me(&app).await, (401, "token_revoked".to_owned()));
}

#[tokio::test]
async fn without_a_cookie_nobody_is_signed_in() {
    let app = TestApp::start().await;
    let jar = Jar::default();
    for path in ["/auth/refresh", "/auth/logout"] {
        let refused = jar.post(&app, path).await_refusal(401, "token_missing");
        assert_eq!(set_cookies(&refused.await), [""; 0], "{path}");
    }
    let asked = jar.post(&app, "/auth/refresh");
    let asked = asked.json(json!({"mode": "cookie"}));
    asked.await_refusal(401, "token_missing").await;
    let mistaken = jar.post(&app, "/auth/refresh").json(json!({}));
    let mistaken = mistaken.await_refusal(422, "field_invalid").await;
    assert_eq!(mistaken.json()["field"], "refresh_token");
}

#[tokio::test]
async fn an_unknown_mode_is_no_mode() {
    let app = TestApp::start().await;
    app.register("ada").await;
    for mode in [json!("Cookie"), json!("session"), json!(true), json!([])] {
        let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": mode});
        let refused = app.post("/auth/login", body);
        refused.await_refusal(422, "field_invalid").await;
    }
    login(Jar::default().told(), &app)
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn where_cookies_are_off_none_are_handed_out() {
    let mut app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    app = app.restart_with(|settings| settings.cookies = None).await;
    let refused = login(Jar::default().told(), &app);
    refused.await_refusal(422, "field_invalid").await;
    let refused = ada.post(&app, "/auth/refresh");
    refused.await_refusal(422, "field_invalid").await;
    app.login("ada").await;
    let ended = ada.post(&app, "/auth/logout");
    assert_cleared(&ended.await_status(StatusCode::NO_CONTENT).await);
}
