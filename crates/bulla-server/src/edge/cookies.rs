//! A session's cookies, as they are set and cleared.

use std::convert::Infallible;

use axum::{
    http::{HeaderValue, header::SET_COOKIE},
    response::{IntoResponseParts, ResponseParts},
};
use bulla_guard::client::CookieNames;
use bulla_jose::jwa::Algorithm;

/// Browsers drop longer ones without a word. Some count the attributes too.
const MAX_BYTES: usize = 4096;

/// Whether tokens that are signed so fit a cookie beside a kibibyte of claims, which is three times what Bulla's own need.
/// The shortest signature of ML-DSA takes 3,227 of a cookie's 4,096 characters, the longest of RSA 1,366.
pub(crate) const fn fit_cookies(algorithm: Algorithm) -> bool {
    !matches!(
        algorithm,
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87
    )
}

/// The `Set-Cookie` lines of an answer, perhaps none.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetCookies(Vec<HeaderValue>);

/// A token would make a cookie that browsers drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cookie {name} would have {bytes} bytes, and browsers take {MAX_BYTES}")]
pub(crate) struct CookieTooLong {
    name: &'static str,
    bytes: usize,
}

impl SetCookies {
    /// The tokens of a session that may be refreshed for so many seconds.
    pub(crate) fn of_session(
        names: CookieNames,
        access: &str,
        refresh: &str,
        seconds: u64,
    ) -> Result<Self, CookieTooLong> {
        Ok(Self(vec![
            access_line(names, access, seconds)?,
            refresh_line(names, refresh, seconds)?,
        ]))
    }

    /// The token of a visitor without a session, which lives for so many seconds.
    pub(crate) fn of_visitor(
        names: CookieNames,
        access: &str,
        seconds: u64,
    ) -> Result<Self, CookieTooLong> {
        Ok(Self(vec![access_line(names, access, seconds)?]))
    }

    /// One that the demo hands out, for so many seconds; with none, the browser forgets it.
    pub(crate) fn of_demo(
        names: CookieNames,
        name: &'static str,
        value: &str,
        seconds: u64,
    ) -> Result<Self, CookieTooLong> {
        Ok(Self(vec![line(names, name, value, "Lax", seconds)?]))
    }

    /// Makes the browser forget both.
    pub(crate) fn cleared(names: CookieNames) -> Self {
        let lines = [access_line(names, "", 0), refresh_line(names, "", 0)];
        Self(lines.into_iter().flatten().collect())
    }
}

impl IntoResponseParts for SetCookies {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        for line in self.0 {
            response.headers_mut().append(SET_COOKIE, line);
        }
        Ok(response)
    }
}

/// Other sites' links and top-level pages may bring it: whoever follows one is signed in.
fn access_line(
    names: CookieNames,
    token: &str,
    seconds: u64,
) -> Result<HeaderValue, CookieTooLong> {
    line(names, names.access(), token, "Lax", seconds)
}

/// Only pages of the own site bring it.
fn refresh_line(
    names: CookieNames,
    token: &str,
    seconds: u64,
) -> Result<HeaderValue, CookieTooLong> {
    line(names, names.refresh(), token, "Strict", seconds)
}

fn line(
    names: CookieNames,
    name: &'static str,
    token: &str,
    same_site: &str,
    seconds: u64,
) -> Result<HeaderValue, CookieTooLong> {
    let secure = match names {
        CookieNames::Host => "; Secure",
        CookieNames::PlainLoopback => "",
    };
    let line = format!(
        "{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
    );
    let bytes = line.len();
    let mut value = HeaderValue::try_from(line)
        .ok()
        .filter(|_| bytes <= MAX_BYTES)
        .ok_or(CookieTooLong { name, bytes })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use bulla_jose::{jwk::SigningKey, jwt};
    use serde_json::json;

    use super::*;

    fn lines(cookies: &SetCookies) -> Vec<&str> {
        cookies
            .0
            .iter()
            .map(|line| line.to_str().unwrap())
            .collect()
    }

    #[test]
    fn a_session_is_two_cookies() {
        let set = SetCookies::of_session(CookieNames::Host, "a.b.c", "brt_x", 60).unwrap();
        assert_eq!(
            lines(&set),
            [
                "__Host-bulla_access=a.b.c; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
                "__Host-bulla_refresh=brt_x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure",
            ]
        );
        let plain = SetCookies::of_visitor(CookieNames::PlainLoopback, "a", 5).unwrap();
        assert_eq!(
            lines(&plain),
            ["bulla_access=a; Path=/; Max-Age=5; HttpOnly; SameSite=Lax"]
        );
    }

    #[test]
    fn clearing_names_both_as_they_were_set() {
        assert_eq!(
            lines(&SetCookies::cleared(CookieNames::Host)),
            [
                "__Host-bulla_access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
                "__Host-bulla_refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure",
            ]
        );
    }

    #[test]
    fn a_cookie_has_4096_bytes_with_all_its_attributes() {
        let whole = |bytes: usize| {
            let around =
                lines(&SetCookies::of_visitor(CookieNames::Host, "", 60).unwrap())[0].len();
            SetCookies::of_visitor(CookieNames::Host, &"x".repeat(bytes - around), 60)
        };
        assert_eq!(lines(&whole(4096).unwrap())[0].len(), 4096);
        assert_eq!(whole(4097).unwrap_err().bytes, 4097);
    }

    #[test]
    fn an_algorithm_fits_if_its_tokens_do_with_a_kibibyte_of_claims() {
        for &algorithm in Algorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let claims = json!({ "claim": "x".repeat(1024 - r#"{"claim":""}"#.len()) });
            let token = jwt::sign(&key, "at+jwt", &claims).unwrap();
            let cookie = SetCookies::of_visitor(CookieNames::Host, &token, 31_622_400);
            assert_eq!(cookie.is_ok(), fit_cookies(algorithm), "{algorithm}");
        }
    }
}
