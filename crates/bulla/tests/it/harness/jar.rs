//! A browser's cookies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Http, http::Request, session::PASSWORD};

/// The cookies that a browser has for one server.
#[derive(Debug, Clone)]
pub(crate) struct Jar {
    http: Http,
    cookies: BTreeMap<String, String>,
}

impl Jar {
    pub(crate) const fn new(http: Http) -> Self {
        Self {
            http,
            cookies: BTreeMap::new(),
        }
    }

    /// Registers a new account in cookie mode, from a page of the server's own.
    #[track_caller]
    pub(crate) fn register(http: Http, email: &str) -> Self {
        let mut jar = Self::new(http);
        let register = jar.meant("POST", "/auth/register").json(&by_cookie(email));
        let answer = register.send();
        answer.expect(201);
        jar.keep(&answer);
        jar
    }

    /// A request with the cookies, and with nothing that says where it comes from.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let request = self.http.request(method, path);
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if pairs.is_empty() {
            return request;
        }
        request.header("Cookie", &pairs.join("; "))
    }

    /// The same from a script of the server's own page.
    pub(crate) fn meant(&self, method: &str, path: &str) -> Request {
        let request = self.request(method, path).header("X-Bulla-CSRF", "1");
        request.header("Origin", &self.http.url())
    }

    /// Refreshes by cookie.
    pub(crate) fn refresh(&self) -> Answer {
        self.meant("POST", "/auth/refresh").send()
    }

    /// Keeps what the answer sets, and forgets what it clears.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in set_cookies(answer) {
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0;") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }
}

/// A login or registration that asks for cookies.
pub(crate) fn by_cookie(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "mode": "cookie" })
}

/// The answer's `Set-Cookie` lines.
pub(crate) fn set_cookies(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.iter();
    lines
        .filter(|(name, _)| name == "set-cookie")
        .map(|(_, line)| line.as_str())
        .collect()
}
