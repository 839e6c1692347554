//! Where a JWK set is.

use std::{fmt, str::FromStr};

use http::Uri;

/// An absolute `http` or `https` URL without user or password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct JwkSetUrl(Uri);

/// The text is no URL that a JWK set can be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a JWK set URL begins with http:// or https:// and a host, and has no user in it")]
pub struct InvalidJwkSetUrl;

impl JwkSetUrl {
    /// Reads the URL.
    ///
    /// # Errors
    /// [`InvalidJwkSetUrl`] for another scheme, without a host, or with a user.
    pub fn parse(text: &str) -> Result<Self, InvalidJwkSetUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidJwkSetUrl)?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri.authority().is_some_and(|authority| {
            !authority.host().is_empty() && !authority.as_str().contains('@')
        });
        if web && host {
            Ok(Self(uri))
        } else {
            Err(InvalidJwkSetUrl)
        }
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Without the query, which may hold an access key.
    pub(super) fn for_log(&self) -> String {
        let authority = self
            .0
            .authority()
            .map_or("", |authority| authority.as_str());
        format!(
            "{}://{authority}{}",
            self.0.scheme_str().unwrap_or(""),
            self.0.path()
        )
    }
}

impl FromStr for JwkSetUrl {
    type Err = InvalidJwkSetUrl;

    fn from_str(text: &str) -> Result<Self, InvalidJwkSetUrl> {
        Self::parse(text)
    }
}

/// Without the query, which may hold an access key.
impl fmt::Display for JwkSetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.for_log())
    }
}

impl fmt::Debug for JwkSetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JwkSetUrl({})", self.for_log())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_urls_with_a_host_and_no_user_are_taken() {
        for good in [
            "http://127.0.0.1:8080/keys",
            "https://login.example.com/jwks.json?v=1",
        ] {
            assert!(JwkSetUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/keys",
            "keys.json",
            "ftp://a/b",
            "file:///keys",
            "https://u:p@a/b",
            "http:///x",
            "http://a b/",
        ] {
            assert_eq!(JwkSetUrl::parse(bad), Err(InvalidJwkSetUrl), "{bad}");
        }
    }

    #[test]
    fn what_is_shown_has_no_query() {
        let url = JwkSetUrl::parse("https://a.example/keys?key=canary").unwrap();
        assert_eq!(url.for_log(), "https://a.example/keys");
        assert_eq!(format!("{url:?}"), "JwkSetUrl(https://a.example/keys)");
    }
}
