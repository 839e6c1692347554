//! The same login the stateful way, beside the stateless one.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use axum::http::{Method, StatusCode, header};
use bulla_guard::client::BrowserRequest;
use serde_json::{Value, json};

use crate::{
    app::{Answer, Call, Door, PASSWORD, TestApp, tampered},
    auth::cookies::{Jar, set_cookies},
};

const HOUR: Duration = Duration::from_secs(3600);

/// A browser with the demo's cookie.
#[derive(Default)]
struct Browser {
    cookie: String,
}

impl Browser {
    /// Signs `{name}@example.com` in.
    async fn signed_in(app: &TestApp, name: &str) -> Self {
        let mut browser = Self::default();
        let answer = browser.login(app, name, PASSWORD, Jar::default().told());
        browser.keep(&answer.await_status(StatusCode::OK).await);
        browser
    }

    fn login<'app>(
        &self,
        app: &'app TestApp,
        name: &str,
        password: &str,
        told: BrowserRequest,
    ) -> Call<'app> {
        let body = json!({"email": format!("{name}@example.com"), "password": password});
        let call = self.call(app, Method::POST, "/demo/session/login");
        call.browser(told).json(body)
    }

    fn call<'app>(&self, app: &'app TestApp, method: Method, path: &str) -> Call<'app> {
        let call = app.call_at(Door::Demo, method, path);
        call.header(header::COOKIE, format!("theme=dark; {}", self.cookie))
    }

    fn me<'app>(&self, app: &'app TestApp) -> Call<'app> {
        self.call(app, Method::GET, "/demo/session/me")
    }

    async fn assert_in(&self, app: &TestApp) -> Value {
        self.me(app).await_status(StatusCode::OK).await.json()
    }

    async fn assert_out(&self, app: &TestApp, code: &str) {
        self.me(app).await_refusal(401, code).await;
    }

    fn logout<'app>(&self, app: &'app TestApp, told: BrowserRequest) -> Call<'app> {
        let call = self.call(app, Method::POST, "/demo/session/logout");
        call.browser(told)
    }

    fn keep(&mut self, answer: &Answer) {
        let [line] = set_cookies(answer)[..] else {
            panic!("{:?}", answer.headers);
        };
        line.split(';').next().unwrap().clone_into(&mut self.cookie);
    }
}

#[tokio::test]
async fn the_cookie_says_nothing_and_each_request_looks_up_whose_it_is() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let login = Browser::default().login(&app, "ada", PASSWORD, Jar::default().told());
    let login = login.await_status(StatusCode::OK).await;
    let [line] = set_cookies(&login)[..] else {
        panic!("{:?}", login.headers);
    };
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert_eq!(
        attributes,
        "Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
    );
    let value = pair.strip_prefix("__Host-bulla_demo=").unwrap();
    assert_eq!(value.len(), 43, "32 random bytes");
    assert!(login.header("server-timing").starts_with("password;dur="));
    assert!(!login.text.contains(value), "no script reads it");

    let me = Browser {
        cookie: pair.to_owned(),
    }
    .me(&app);
    let me = me.await_status(StatusCode::OK).await;
    assert_eq!(
        me.json(),
        json!({
            "user": {"id": ada.id, "email": "ada@example.com", "roles": [], "plan": "free"},
            "cost": {"lookups": 2, "writes": 0, "credential_bytes": pair.len()},
        })
    );
    assert!(me.header("server-timing").starts_with("check;dur="));
    assert_eq!(me.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_token_beside_it_takes_no_lookup_and_is_as_long_as_what_it_says() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let me = || app.call_at(Door::Demo, Method::GET, "/demo/token/me");
    let answer = me().bearer(&ada.access).await_status(StatusCode::OK).await;
    let bytes = "Bearer ".len() + ada.access.len();
    assert_eq!(
        answer.json(),
        json!({
            "user": {"id": ada.id, "email": "ada@example.com", "roles": [], "plan": "free"},
            "cost": {"lookups": 0, "writes": 0, "credential_bytes": bytes},
        })
    );
    let timing = answer.header("server-timing");
    assert!(timing.starts_with("check;dur=") && timing.contains(", signature;dur="));
    // The store is not asked.
    app.store.close();
    me().bearer(&ada.access).await_status(StatusCode::OK).await;

    let app = app.restart().await;
    let jar = Jar::register(&app, "bob").await;
    let by_cookie = app.call_at(Door::Demo, Method::GET, "/demo/token/me");
    let by_cookie = by_cookie
        .browser(jar.told())
        .await_status(StatusCode::OK)
        .await;
    let bytes = "__Host-bulla_access=".len() + jar.access.unwrap().len();
    assert_eq!(by_cookie.json()["cost"]["credential_bytes"], bytes);
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_refused_there_too() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let me = || app.call_at(Door::Demo, Method::GET, "/demo/token/me");
    me().await_refusal(401, "token_missing").await;
    let forged = me().bearer(&tampered(&ada.access));
    forged.await_refusal(401, "token_signature_invalid").await;
    me().bearer(&ada.access).await_status(StatusCode::OK).await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    me().bearer(&ada.access)
        .await_refusal(401, "token_revoked")
        .await;
}

#[tokio::test]
async fn a_wrong_password_opens_nothing_and_is_counted_as_at_the_other_login() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let login = |name: &str, password: &str| {
        Browser::default().login(&app, name, password, Jar::default().told())
    };
    for _ in 0..5 {
        let refused = login("ada", "seven sealed tables").await_refusal(401, "credentials_invalid");
        assert_eq!(set_cookies(&refused.await), [""; 0]);
        login("nobody", PASSWORD)
            .await_refusal(401, "credentials_invalid")
            .await;
    }
    let body = json!({"email": "ada@example.com", "password": "seven sealed tables"});
    for _ in 0..5 {
        app.post("/auth/login", body.clone())
            .await_refusal(401, "credentials_invalid")
            .await;
    }
    login("ada", PASSWORD)
        .await_refusal(429, "rate_limited")
        .await;
    app.register("bob").await;
    login("bob", PASSWORD).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn another_site_signs_nobody_in_or_out() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let hashes = app.hasher.verified();
    let forged = Browser::default().login(&app, "ada", PASSWORD, Jar::default().forged());
    let forged = forged.await_refusal(403, "csrf_refused").await;
    assert_eq!(set_cookies(&forged), [""; 0]);
    assert_eq!(app.hasher.verified(), hashes, "no password is checked");
    let ada = Browser::signed_in(&app, "ada").await;
    let forged = ada.logout(&app, Jar::default().forged());
    forged.await_refusal(403, "csrf_refused").await;
    ada.assert_in(&app).await;
    let own = ada.logout(&app, Jar::default().told());
    own.await_status(StatusCode::NO_CONTENT).await;
    ada.assert_out(&app, "session_revoked").await;
}

#[tokio::test]
async fn a_logout_deletes_the_row_and_only_that() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let (phone, laptop) = (
        Browser::signed_in(&app, "ada").await,
        Browser::signed_in(&app, "ada").await,
    );
    let kept = phone.logout(&app, Jar::default().told());
    let kept = kept.json(json!({"keep_cookie": true}));
    let kept = kept.await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(set_cookies(&kept), [""; 0]);
    assert!(kept.header("server-timing").starts_with("write;dur="));
    phone.assert_out(&app, "session_revoked").await;
    laptop.assert_in(&app).await;
    let cleared = laptop.logout(&app, Jar::default().told());
    let cleared = cleared.await_status(StatusCode::NO_CONTENT).await;
    assert_eq!(
        set_cookies(&cleared),
        ["__Host-bulla_demo=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"]
    );
    laptop.assert_out(&app, "session_revoked").await;
}

#[tokio::test]
async fn a_new_login_takes_the_place_of_the_browsers_old_one() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let first = Browser::signed_in(&app, "ada").await;
    let other = Browser::signed_in(&app, "ada").await;
    let mut second = Browser {
        cookie: first.cookie.clone(),
    };
    let login = second.login(&app, "ada", PASSWORD, Jar::default().told());
    second.keep(&login.await_status(StatusCode::OK).await);
    first.assert_out(&app, "session_revoked").await;
    second.assert_in(&app).await;
    other.assert_in(&app).await;
}

#[tokio::test]
async fn what_changes_in_the_account_counts_at_the_next_request() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let browser = Browser::signed_in(&app, "ada").await;
    let edit = |body: Value| {
        let path = format!("/admin/users/{}", ada.id);
        app.call_at(Door::Local, Method::PATCH, &path).json(body)
    };
    edit(json!({"roles": ["admin"]}))
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(
        browser.assert_in(&app).await["user"]["roles"],
        json!(["admin"])
    );
    // What ends the account's tokens ends its sessions.
    edit(json!({"roles": []}))
        .await_status(StatusCode::OK)
        .await;
    browser.assert_out(&app, "session_revoked").await;

    let browser = Browser::signed_in(&app, "ada").await;
    browser.assert_in(&app).await;
    let delete = app.call_at(
        Door::Local,
        Method::DELETE,
        &format!("/admin/users/{}", ada.id),
    );
    delete.await_status(StatusCode::NO_CONTENT).await;
    browser.assert_out(&app, "session_revoked").await;
}

#[tokio::test]
async fn a_session_is_over_after_an_hour() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let browser = Browser::signed_in(&app, "ada").await;
    app.clock.advance(HOUR - Duration::from_millis(1));
    browser.assert_in(&app).await;
    app.clock.advance(Duration::from_millis(1));
    browser.assert_out(&app, "session_expired").await;
}

#[tokio::test]
async fn a_cookie_that_is_none_of_a_sessions_is_refused() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let good = Browser::signed_in(&app, "ada").await;
    for (cookie, code) in [
        (String::new(), "token_missing"),
        ("__Host-bulla_dem=x".to_owned(), "token_missing"),
        (good.cookie.replace("__Host-", ""), "token_missing"),
        ("__Host-bulla_demo=".to_owned(), "session_revoked"),
        (format!("{}A", good.cookie), "session_revoked"),
        (format!("{0}; {0}", good.cookie), "token_malformed"),
    ] {
        Browser { cookie }.assert_out(&app, code).await;
    }
    good.assert_in(&app).await;
    let nobody = Browser::default().logout(&app, Jar::default().told());
    nobody.await_refusal(401, "token_missing").await;
}

#[tokio::test]
async fn nothing_that_is_stored_could_be_used_as_a_cookie() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let browser = Browser::signed_in(&app, "ada").await;
    let secret = browser.cookie.strip_prefix("__Host-bulla_demo=").unwrap();
    let mode = fs::metadata(app.demo_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key: Vec<u8> = rusqlite::Connection::open(app.demo_file())
        .unwrap()
        .query_row("SELECT key FROM sessions", [], |row| row.get(0))
        .unwrap();
    assert_eq!(key, digest(secret));
    let stored = bulla_jose::base64url::encode(&key);
    let thief = Browser {
        cookie: format!("__Host-bulla_demo={stored}"),
    };
    thief.assert_out(&app, "session_revoked").await;
    browser.assert_in(&app).await;
}

fn digest(text: &str) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA256, digest};
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

#[tokio::test]
async fn without_its_store_nobody_is_known() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let browser = Browser::signed_in(&app, "ada").await;
    app.store.close();
    browser
        .me(&app)
        .await_refusal(503, "store_unavailable")
        .await;
}

#[tokio::test]
async fn the_table_begins_empty_with_each_process_at_the_first_sign_in() {
    let app = TestApp::start().await;
    app.register("ada").await;
    assert!(!app.demo_file().exists());
    let before = Browser::signed_in(&app, "ada").await;
    before.assert_in(&app).await;
    let app = app.restart().await;
    before.assert_out(&app, "session_revoked").await;
    Browser::signed_in(&app, "ada").await.assert_in(&app).await;
    before.assert_out(&app, "session_revoked").await;
}

#[tokio::test]
async fn where_no_table_can_be_made_nobody_is_signed_in_until_one_can() {
    let app = TestApp::start().await;
    app.register("ada").await;
    // No file can take the place of a folder.
    fs::create_dir(app.demo_file()).unwrap();
    let login = || Browser::default().login(&app, "ada", PASSWORD, Jar::default().told());
    let refused = login().await_refusal(503, "store_unavailable").await;
    assert_eq!(set_cookies(&refused), [""; 0]);
    fs::remove_dir(app.demo_file()).unwrap();
    login().await_status(StatusCode::OK).await;
}
