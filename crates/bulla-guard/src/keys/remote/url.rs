//! Where a JWK set is.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;

use super::target::{AddressRefused, Targets};
use crate::client::Cidr;

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

    /// Whether keys would be fetched from there, as far as it can be told without asking anybody: with these addresses
    /// listed.
    ///
    /// # Errors
    /// [`AddressRefused`] for an address that is not public or would be asked without TLS, and for a name that would, if none
    /// is listed.
    pub fn check(&self, listed: &[Cidr]) -> Result<(), AddressRefused> {
        match self.address() {
            Some(address) => Targets::new(self, listed).check(address),
            None if !self.is_https() && listed.is_empty() => Err(AddressRefused::NameWithoutTls),
            None => Ok(()),
        }
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// The address that stands in it, if it is no name.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let host = self.0.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.parse().ok()
    }

    /// The addresses that it names without asking anybody: its own, or those of `localhost`. Whoever writes a URL on a
    /// command line lists them by that.
    #[must_use]
    pub fn named_addresses(&self) -> Vec<Cidr> {
        let host = self.0.host().unwrap_or_default();
        if host.eq_ignore_ascii_case("localhost") {
            return Cidr::LOOPBACK.to_vec();
        }
        self.address().map(Cidr::from).into_iter().collect()
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
    fn an_address_or_localhost_is_named_and_no_other_name_is() {
        for (url, named) in [
            ("http://10.0.0.1:80/", &["10.0.0.1/32"][..]),
            ("http://[::1]:80/", &["::1/128"]),
            ("http://LOCALHOST/", &["127.0.0.0/8", "::1/128"]),
            ("http://keycloak/", &[]),
            ("http://127.1/", &[]),
        ] {
            let named_there = JwkSetUrl::parse(url).unwrap().named_addresses();
            let shown: Vec<String> = named_there.iter().map(ToString::to_string).collect();
            assert_eq!(shown, named, "{url}");
        }
    }

    #[test]
    fn what_is_shown_has_no_query() {
        let url = JwkSetUrl::parse("https://a.example/keys?key=canary").unwrap();
        assert_eq!(url.for_log(), "https://a.example/keys");
        assert_eq!(format!("{url:?}"), "JwkSetUrl(https://a.example/keys)");
    }
}
