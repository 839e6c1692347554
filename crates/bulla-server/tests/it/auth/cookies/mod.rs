//! Tokens that a browser keeps in cookies.

mod refusals;
mod session;
mod visitors;

use axum::http::{Method, StatusCode, header};
use bulla_guard::{
    client::{BrowserRequest, CookieToken, Meant},
    problem::Code,
    refusal::Refusal,
};
use serde_json::{Value, json};

use crate::app::{Answer, Call, PASSWORD, TestApp};

const ACCESS: &str = "__Host-bulla_access";
const REFRESH: &str = "__Host-bulla_refresh";

/// A browser with its two cookies, behind a gateway that tells of its requests.
#[derive(Default, Clone)]
pub(crate) struct Jar {
    pub(crate) access: Option<String>,
    pub(crate) refresh: Option<String>,
}

impl Jar {
    /// What the gateway tells of a request that its page sent on purpose.
    pub(crate) fn told(&self) -> BrowserRequest {
        let token = |text: &Option<String>| Ok(text.as_deref().map(CookieToken::new));
        BrowserRequest {
            access: token(&self.access),
            refresh: token(&self.refresh),
            asks_for_cookies: false,
            meant: Ok(Meant::checked()),
        }
    }

    /// The same of a request that another site made the browser send.
    pub(crate) fn forged(&self) -> BrowserRequest {
        BrowserRequest {
            meant: Err(Refusal::new(Code::CsrfRefused, "not from here")),
            ..self.told()
        }
    }

    pub(crate) fn post<'app>(&self, app: &'app TestApp, path: &str) -> Call<'app> {
        self.call(app, Method::POST, path)
    }

    pub(crate) fn call<'app>(&self, app: &'app TestApp, method: Method, path: &str) -> Call<'app> {
        app.call(method, path).browser(self.told())
    }

    /// Keeps what the answer sets, and forgets what it clears.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in set_cookies(answer) {
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let value = Some(value.to_owned()).filter(|_| !attributes.contains("Max-Age=0;"));
            match name {
                ACCESS => self.access = value,
                REFRESH => self.refresh = value,
                _ => panic!("{line}"),
            }
        }
    }

    /// Registers `{name}@example.com` in cookie mode.
    pub(crate) async fn register(app: &TestApp, name: &str) -> Self {
        let mut jar = Self::default();
        let body = json!({
            "email": format!("{name}@example.com"), "password": PASSWORD, "mode": "cookie",
        });
        let call = jar.post(app, "/auth/register").json(body);
        jar.keep(&call.await_status(StatusCode::CREATED).await);
        jar
    }

    /// What `GET /auth/me` says: the status, and the code of a refusal.
    pub(crate) async fn me(&self, app: &TestApp) -> (u16, String) {
        let answer = self.call(app, Method::GET, "/auth/me").send().await;
        (answer.status.as_u16(), answer.code())
    }
}

/// The answer's `Set-Cookie` lines.
pub(crate) fn set_cookies(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.get_all(header::SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

/// The answer clears both cookies.
fn assert_cleared(answer: &Answer) {
    assert_eq!(
        set_cookies(answer),
        [ACCESS, REFRESH].map(|name| {
            let same_site = if name == ACCESS { "Lax" } else { "Strict" };
            format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite={same_site}; Secure")
        }),
        "{}",
        answer.text
    );
}

/// The answer sets two cookies, and has no token in it.
fn assert_by_cookie(answer: &Answer) -> Value {
    assert_eq!(set_cookies(answer).len(), 2, "{}", answer.text);
    let body = answer.json();
    for token in ["access_token", "refresh_token"] {
        assert_eq!(body.get(token), None, "{body}");
    }
    assert!(!answer.text.contains("brt_"), "{body}");
    body
}
