//! What browsers are given to keep of a session, and what a gateway tells of their requests: a request extension.

use std::fmt;

use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// What the session's two cookies are called, which decides what browsers let be done to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookieNames {
    /// `__Host-bulla_…`: browsers take such a cookie only with `Secure` and `Path=/`, from the host itself and not from a
    /// neighbour in its domain.
    #[default]
    Host,
    /// `bulla_…`, without `Secure`: for browsers that refuse `Secure` cookies on plain loopback. Whatever else listens on
    /// the same machine sees and sets them.
    PlainLoopback,
}

/// What a gateway took out of a request that goes to a service in its process. A request without it came to the
/// service by another way: it has no cookies, and gets none.
#[derive(Debug, Clone)]
pub struct BrowserRequest {
    /// The access token of the session's cookie, not verified.
    pub access: Result<Option<CookieToken>, Refusal>,
    /// Its refresh token, not verified.
    pub refresh: Result<Option<CookieToken>, Refusal>,
    /// Whether the request says `X-Bulla-Mode: cookie`.
    pub asks_for_cookies: bool,
    /// Whether it may use or get cookies, were it an unsafe one.
    pub meant: Result<Meant, Refusal>,
}

/// Proof that a page of an allowed origin sent the request on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meant(());

/// A token as a cookie brought it: wiped after use, hidden in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieToken(Zeroizing<String>);

impl CookieNames {
    /// The cookie of the access token.
    #[must_use]
    pub const fn access(self) -> &'static str {
        match self {
            Self::Host => "__Host-bulla_access",
            Self::PlainLoopback => "bulla_access",
        }
    }

    /// The cookie of the refresh token.
    #[must_use]
    pub const fn refresh(self) -> &'static str {
        match self {
            Self::Host => "__Host-bulla_refresh",
            Self::PlainLoopback => "bulla_refresh",
        }
    }
}

impl Meant {
    /// For whoever checked the rule against cross-site requests on this very request: the gateway, and nobody else.
    #[must_use]
    pub const fn checked() -> Self {
        Self(())
    }
}

impl CookieToken {
    /// Takes the text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CookieToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookies_token_is_hidden() {
        let token = CookieToken::new("secret");
        assert_eq!(format!("{token:?}"), "CookieToken(..)");
        assert_eq!(token.expose(), "secret");
    }

    #[test]
    fn only_on_plain_loopback_the_names_lack_their_prefix() {
        for (names, prefix) in [
            (CookieNames::Host, "__Host-"),
            (CookieNames::PlainLoopback, ""),
        ] {
            assert_eq!(names.access(), format!("{prefix}bulla_access"));
            assert_eq!(names.refresh(), format!("{prefix}bulla_refresh"));
        }
    }
}
