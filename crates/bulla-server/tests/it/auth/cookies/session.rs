//! A session from its beginning to its end.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{Jar, assert_by_cookie, assert_cleared, set_cookies};
use crate::app::{ACCESS as ACCESS_LIFETIME, Door, PASSWORD, SETTLE, TestApp};

const MONTH: u64 = 30 * 24 * 3600;

#[tokio::test]
async fn login_and_register_hand_out_two_cookies_that_live_as_long_as_the_session() {
    let app = TestApp::start().await;
    let jar = Jar::default();
    let body = json!({"username": "ada", "password": PASSWORD, "mode": "cookie"});
    for (path, status) in [("/auth/register", 201), ("/auth/login", 200)] {
        let call = jar.post(&app, path).json(body.clone());
        let answer = call.await_status(status.try_into().unwrap()).await;
        let body = assert_by_cookie(&answer);
        assert_eq!(body["user"]["username"], "ada");
        assert_eq!(body["expires_in"], ACCESS_LIFETIME.as_secs());
        assert!(body["session"]["id"].is_string());
        let [access, refresh] = set_cookies(&answer)[..] else {
            panic!("{:?}", answer.headers);
        };
        let rest = |same_site| {
            format!("; Path=/; Max-Age={MONTH}; HttpOnly; SameSite={same_site}; Secure")
        };
        assert!(access.starts_with("__Host-bulla_access=ey") && access.ends_with(&rest("Lax")));
        assert!(refresh.starts_with("__Host-bulla_refresh=brt_"));
        assert!(refresh.ends_with(&rest("Strict")), "{refresh}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn the_header_asks_too_and_the_body_has_the_last_word() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let mut told = Jar::default().told();
    told.asks_for_cookies = true;
    let login = |mode: Option<&str>| {
        let mut body = json!({"email": "ada@example.com", "password": PASSWORD});
        if let Some(mode) = mode {
            body["mode"] = json!(mode);
        }
        app.post("/auth/login", body).browser(told.clone())
    };
    assert_by_cookie(&login(None).await_status(StatusCode::OK).await);
    let by_token = login(Some("token")).await_status(StatusCode::OK).await;
    assert_eq!(set_cookies(&by_token), [""; 0]);
    assert!(by_token.json()["refresh_token"].is_string());
}

#[tokio::test]
async fn the_cookie_is_a_credential_and_a_header_wins_over_it() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let bob = app.register("bob").await;
    let me = || ada.call(&app, Method::GET, "/auth/me");
    let answer = me().await_status(StatusCode::OK).await;
    assert_eq!(answer.json()["email"], "ada@example.com");
    let answer = me().bearer(&bob.access).await_status(StatusCode::OK).await;
    assert_eq!(answer.json()["email"], "bob@example.com");
    me().bearer("bad")
        .await_refusal(401, "token_malformed")
        .await;

    let rename = ada.call(&app, Method::PATCH, "/auth/me");
    let renamed = rename.json(json!({"name": "Ada"}));
    let renamed = renamed.await_status(StatusCode::OK).await;
    assert_eq!(renamed.json()["name"], "Ada");
}

#[tokio::test]
async fn an_expired_access_cookie_is_called_expired_and_refreshed_by_cookie() {
    let app = TestApp::start().await;
    let mut ada = Jar::register(&app, "ada").await;
    app.clock.advance(ACCESS_LIFETIME);
    assert_eq!(ada.me(&app).await, (401, "token_expired".to_owned()));
    let answer = ada.post(&app, "/auth/refresh").send().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_by_cookie(&answer);
    let left = MONTH - ACCESS_LIFETIME.as_secs();
    for line in set_cookies(&answer) {
        assert!(line.contains(&format!("Max-Age={left};")), "{line}");
    }
    ada.keep(&answer);
    assert_eq!(ada.me(&app).await.0, 200);
}

#[tokio::test]
async fn a_token_in_the_body_wins_over_the_cookie_and_can_become_one() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let bob = app.register("bob").await;
    let refresh = |mode: Option<&str>| {
        let mut body = json!({"refresh_token": bob.refresh});
        if let Some(mode) = mode {
            body["mode"] = json!(mode);
        }
        ada.post(&app, "/auth/refresh").json(body)
    };
    let answer = refresh(None).await_status(StatusCode::OK).await;
    assert_eq!(set_cookies(&answer), [""; 0]);
    assert_eq!(answer.json()["session"]["id"], bob.session);
    let answer = refresh(Some("cookie")).await_status(StatusCode::OK).await;
    assert_eq!(assert_by_cookie(&answer)["session"]["id"], bob.session);
}

#[tokio::test]
async fn who_signs_in_over_a_session_ends_it() {
    let app = TestApp::start().await;
    let other = app.register("ada").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": "cookie"});
    let mut jar = Jar::default();
    for _ in 0..30 {
        let login = jar.post(&app, "/auth/login").json(body.clone());
        jar.keep(&login.await_status(StatusCode::OK).await);
    }
    let sessions = app.get("/auth/sessions").bearer(&other.access);
    let sessions = sessions.await_status(StatusCode::OK).await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    app.assert_accepted(&other.access).await;
    assert_eq!(jar.me(&app).await.0, 200);

    // A wrong password, and a login that leaves the cookies as they are, end nothing.
    let mut wrong = body.clone();
    wrong["password"] = json!("another");
    jar.post(&app, "/auth/login")
        .json(wrong)
        .await_refusal(401, "credentials_invalid")
        .await;
    let mut by_token = body;
    by_token["mode"] = json!("token");
    jar.post(&app, "/auth/login")
        .json(by_token)
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(jar.me(&app).await.0, 200);

    let bob = json!({"email": "bob@example.com", "password": PASSWORD, "mode": "cookie"});
    let register = jar.post(&app, "/auth/register").json(bob);
    let before = jar.clone();
    jar.keep(&register.await_status(StatusCode::CREATED).await);
    assert_eq!(before.me(&app).await, (401, "token_revoked".to_owned()));
    assert_eq!(jar.me(&app).await.0, 200);
}

#[tokio::test]
async fn cookies_that_play_no_part_need_no_proof() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let bob = app.register("bob").await;
    let body = json!({"email": "bob@example.com", "password": PASSWORD});
    let login = app.post("/auth/login", body).browser(ada.forged());
    let answer = login.await_status(StatusCode::OK).await;
    assert_eq!(set_cookies(&answer), [""; 0]);
    let body = json!({"refresh_token": bob.refresh});
    let refresh = app.post("/auth/refresh", body).browser(ada.forged());
    refresh.await_status(StatusCode::OK).await;
    let logout = app.call(Method::POST, "/auth/logout").browser(ada.forged());
    let logout = logout.bearer(&bob.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(ada.me(&app).await.0, 200);
}

#[tokio::test]
async fn two_tabs_and_a_lost_reply_log_nobody_out() {
    let app = TestApp::start().await;
    let mut ada = Jar::register(&app, "ada").await;
    app.clock.advance(2 * SETTLE);
    let refresh = |jar: &Jar| jar.post(&app, "/auth/refresh").send();
    let (one, other) = tokio::join!(refresh(&ada), refresh(&ada));
    let mut tabs = [ada.clone(), ada.clone()];
    for (tab, answer) in tabs.iter_mut().zip([&one, &other]) {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        tab.keep(answer);
        assert_eq!(tab.me(&app).await.0, 200);
    }
    assert_eq!(tabs[0].refresh, tabs[1].refresh);
    assert_ne!(tabs[0].refresh, ada.refresh);
    // Neither answer arrived, and the browser still has its first cookie a day later.
    app.clock.advance(Duration::from_secs(24 * 3600));
    let again = refresh(&ada).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    ada.keep(&again);
    assert_eq!(ada.me(&app).await.0, 200);
}

#[tokio::test]
async fn logout_by_either_cookie_or_both_clears_both() {
    let app = TestApp::start().await;
    for (name, has_access, has_refresh) in
        [("a", true, true), ("b", true, false), ("c", false, true)]
    {
        let whole = Jar::register(&app, name).await;
        let jar = Jar {
            access: whole.access.clone().filter(|_| has_access),
            refresh: whole.refresh.clone().filter(|_| has_refresh),
        };
        app.clock.advance(ACCESS_LIFETIME);
        let call = jar.post(&app, "/auth/logout");
        assert_cleared(&call.await_status(StatusCode::NO_CONTENT).await);
        let refused = whole.post(&app, "/auth/refresh");
        refused.await_refusal(401, "session_revoked").await;
        // Again, with cookies that a tab still had.
        let call = jar.post(&app, "/auth/logout");
        assert_cleared(&call.await_status(StatusCode::NO_CONTENT).await);
    }
}

#[tokio::test]
async fn a_logout_by_header_leaves_the_cookies_alone() {
    let app = TestApp::start().await;
    let ada = Jar::register(&app, "ada").await;
    let bob = app.register("bob").await;
    let call = ada.post(&app, "/auth/logout").bearer(&bob.access);
    let answer = call.await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(set_cookies(&answer), [""; 0]);
    assert_eq!(ada.me(&app).await.0, 200);
}

#[tokio::test]
async fn a_password_changed_by_cookie_is_answered_by_cookie() {
    let app = TestApp::start().await;
    let mut ada = Jar::register(&app, "ada").await;
    let old = ada.clone();
    app.clock.advance(Duration::from_secs(1));
    let body = json!({"current_password": PASSWORD, "new_password": "eight sealed tablets"});
    let call = ada.post(&app, "/auth/password").json(body);
    let answer = call.await_status(StatusCode::OK).await;
    assert_by_cookie(&answer);
    ada.keep(&answer);
    assert_eq!(ada.me(&app).await.0, 200);
    assert_eq!(old.me(&app).await, (401, "token_revoked".to_owned()));
}

#[tokio::test]
async fn a_token_that_grew_too_long_for_a_cookie_leaves_no_session_behind() {
    let app = TestApp::start().await;
    let mut ada = Jar::register(&app, "ada").await;
    let account = ada.call(&app, Method::GET, "/auth/me").send().await.json();
    let path = format!("/admin/users/{}", account["id"].as_str().unwrap());
    let edit = |edit| {
        let call = app.call_at(Door::Local, Method::PATCH, &path).json(edit);
        call.await_status(StatusCode::OK)
    };
    let sessions = async || {
        let list = app.call_at(Door::Local, Method::GET, &format!("{path}/sessions"));
        let list = list.await_status(StatusCode::OK).await.json();
        let live = list["sessions"].as_array().unwrap().clone();
        live.into_iter()
            .filter(|session| session["ended_at"].is_null())
            .count()
    };
    let roles: Vec<String> = (10..30).map(|n| format!("{n}{}", "x".repeat(40))).collect();
    edit(json!({"claims": {"note": "x".repeat(2000)}, "roles": roles})).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "mode": "cookie"});
    let refused = ada.post(&app, "/auth/refresh");
    let refused = refused.await_refusal(500, "internal_error").await;
    assert_eq!(set_cookies(&refused), [""; 0], "the session may go on");
    assert_eq!(sessions().await, 1);
    let login = |jar: &Jar| jar.post(&app, "/auth/login").json(body.clone());
    let refused = login(&ada).await_refusal(500, "internal_error").await;
    refused.assert_says("too long for a cookie");
    assert_eq!(set_cookies(&refused), [""; 0]);
    assert_eq!(sessions().await, 0, "nor the one whose place it took");

    edit(json!({"claims": {}})).await;
    let answer = login(&ada).await_status(StatusCode::OK).await;
    ada.keep(&answer);
    assert_eq!(ada.me(&app).await.0, 200);
}
