//! The cookie: a random text that says nothing. No script reads it, and no other site uses it.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::COOKIE, request::Parts},
};
use bulla_guard::{client::CookieNames, problem::Code};
use zeroize::Zeroizing;

use crate::{
    demo::Demo,
    edge::{
        cookies::{CookieTooLong, SetCookies},
        refused::Refused,
    },
    issuer::Issuer,
    store::sqlite::DemoSessionKey,
};

/// A new session's cookie value, or a browser's.
pub(in crate::demo) struct SessionSecret(Zeroizing<String>);

/// The secret that a request brought.
pub(in crate::demo) struct Presented {
    pub(super) key: DemoSessionKey,
    /// Of `name=value`.
    pub(super) bytes: usize,
}

impl SessionSecret {
    pub(super) fn random(issuer: &Issuer) -> Self {
        Self(Zeroizing::new(issuer.random_secret()))
    }

    pub(super) fn key(&self) -> DemoSessionKey {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, self.0.as_bytes()).as_ref());
        DemoSessionKey(key)
    }

    /// Hands it to the browser.
    pub(super) fn set(
        &self,
        names: CookieNames,
        seconds: u64,
    ) -> Result<SetCookies, CookieTooLong> {
        SetCookies::of_demo(names, name(names), &self.0, seconds)
    }

    /// Of `name=value`.
    pub(super) fn bytes(&self, names: CookieNames) -> usize {
        name(names).len() + "=".len() + self.0.len()
    }
}

/// Makes the browser forget it.
pub(super) fn cleared(names: CookieNames) -> Result<SetCookies, CookieTooLong> {
    SetCookies::of_demo(names, name(names), "", 0)
}

impl FromRequestParts<Demo> for Presented {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, demo: &Demo) -> Result<Self, Refused> {
        let names = demo.issuer.cookie_names();
        let mut found = values(&parts.headers, name(names));
        match (found.next(), found.next()) {
            (Some(value), None) => {
                let secret = SessionSecret(Zeroizing::new(value.to_owned()));
                Ok(Self {
                    key: secret.key(),
                    bytes: secret.bytes(names),
                })
            }
            // Whoever can set a cookie for a neighbouring host could have added the other one.
            (Some(_), Some(_)) => Err(Refused::new(
                Code::TokenMalformed,
                "there is more than one session cookie",
            )),
            (None, _) => Err(Refused::new(
                Code::TokenMissing,
                "there is no session cookie: sign in at /demo/session/login",
            )),
        }
    }
}

const fn name(names: CookieNames) -> &'static str {
    match names {
        CookieNames::Host => "__Host-bulla_demo",
        CookieNames::PlainLoopback => "bulla_demo",
    }
}

/// The values of the cookies of this name. One that is no text is none of ours.
fn values<'headers>(
    headers: &'headers HeaderMap,
    name: &'static str,
) -> impl Iterator<Item = &'headers str> {
    let lines = headers.get_all(COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| {
        let value = pair
            .trim_ascii()
            .strip_prefix(name.as_bytes())?
            .strip_prefix(b"=")?;
        std::str::from_utf8(value).ok()
    })
}
