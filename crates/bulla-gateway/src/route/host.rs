//! Host names as routes and requests name them.

use std::fmt;

/// A host name in lower case, without a port and without a final dot; an IPv6 address in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(String);

impl HostName {
    /// Parses a host name: `api.example.com`, `192.0.2.1`, `[2001:db8::1]`.
    ///
    /// # Errors
    /// It is empty, or has a port, a wildcard or anything else that no host name has.
    pub fn parse(text: &str) -> Result<Self, InvalidHostName> {
        if !Self::is_valid(text) {
            return Err(InvalidHostName);
        }
        Ok(Self(without_final_dot(text).to_ascii_lowercase()))
    }

    /// Whether the text would parse.
    pub(crate) fn is_valid(text: &str) -> bool {
        if let Some(address) = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            return address.parse::<std::net::Ipv6Addr>().is_ok();
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let mut labels = without_final_dot(text).split('.');
        text.len() <= 253 && text.bytes().all(plain) && labels.all(is_label)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request's host (without its port) is this one.
    pub(crate) fn matches(&self, host: &str) -> bool {
        self.0.eq_ignore_ascii_case(without_final_dot(host))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A text that is no host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host name such as api.example.com (no port, no wildcard)")]
pub struct InvalidHostName;

/// Whether this may stand between two dots (RFC 1123 section 2.1).
fn is_label(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-')
}

/// `example.com.` and `example.com` are the same host (RFC 3986 section 3.2.2).
fn without_final_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_a_final_dot_make_no_difference() {
        let host = HostName::parse("API.example.com.").unwrap();
        assert_eq!(host.as_str(), "api.example.com");
        assert!(host.matches("api.EXAMPLE.com"));
        assert!(host.matches("api.example.com."));
        assert!(!host.matches("api.example.org"));
    }

    #[test]
    fn labels_may_have_hyphens_inside_and_underscores_anywhere() {
        for text in [
            "a-b.c",
            "a--b",
            "_a.b_",
            "xn--a",
            "192.0.2.1",
            "[::1]",
            "a.b.",
        ] {
            assert!(HostName::is_valid(text), "{text}");
        }
    }

    #[test]
    fn refuses_ports_wildcards_and_nonsense() {
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a..",
            "-",
            "a.-b",
            "a-.b",
            "a:80",
            "*.example.com",
            "a b",
            "[::1",
            "[x]",
            "http://a",
        ] {
            assert_eq!(HostName::parse(text), Err(InvalidHostName), "{text}");
        }
    }
}
