//! Somebody who signed in.

use serde_json::{Value, json};

use super::{Answer, Http};

/// A password that the policy takes.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What a sign-in or refresh gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) id: String,
    pub(crate) user: String,
}

impl Session {
    /// Registers a new account.
    #[track_caller]
    pub(crate) fn register(http: Http, email: &str) -> Self {
        let body = json!({ "email": email, "password": PASSWORD });
        Self::read(&http.post("/auth/register").json(&body).send().expect(201))
    }

    /// Signs in.
    #[track_caller]
    pub(crate) fn login(http: Http, email: &str) -> Self {
        Self::read(&login(http, email, PASSWORD).expect(200))
    }

    /// Refreshes; the answer must be a session.
    #[track_caller]
    pub(crate) fn refreshed(&self, http: Http) -> Self {
        Self::read(&self.refresh(http).expect(200))
    }

    /// Refreshes.
    pub(crate) fn refresh(&self, http: Http) -> Answer {
        refresh(http, &self.refresh_token)
    }

    /// Posts to the demo's `/contact` with the access token.
    pub(crate) fn contact(&self, http: Http) -> Answer {
        contact(http, &self.access_token)
    }

    /// Reads a session answer, whole.
    #[track_caller]
    pub(crate) fn read(answer: &Value) -> Self {
        assert_eq!(answer["token_type"], "Bearer", "{answer}");
        assert!(answer["expires_in"].is_u64(), "{answer}");
        let text = |value: &Value| {
            value
                .as_str()
                .unwrap_or_else(|| panic!("{answer}"))
                .to_owned()
        };
        Self {
            access_token: text(&answer["access_token"]),
            refresh_token: text(&answer["refresh_token"]),
            id: text(&answer["session"]["id"]),
            user: text(&answer["user"]["id"]),
        }
    }
}

pub(crate) fn login(http: Http, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    http.post("/auth/login").json(&body).send()
}

pub(crate) fn refresh(http: Http, refresh_token: &str) -> Answer {
    let body = json!({ "refresh_token": refresh_token });
    http.post("/auth/refresh").json(&body).send()
}

pub(crate) fn contact(http: Http, access_token: &str) -> Answer {
    let body = json!({ "message": "hello" });
    http.post("/contact")
        .bearer(access_token)
        .json(&body)
        .send()
}
