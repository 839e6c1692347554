//! Host names as routes and requests name them.

use std::{fmt, net::Ipv6Addr};

/// A host name in lower case, without a port and without a final dot; an IPv6 address in brackets, in its usual spelling.
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
        Ok(Self(match ipv6(text) {
            Some(address) => format!("[{address}]"),
            None => without_final_dot(text).to_ascii_lowercase(),
        }))
    }

    /// Whether the text would parse.
    pub(crate) fn is_valid(text: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let mut labels = without_final_dot(text).split('.');
        let name = text.len() <= 253 && text.bytes().all(plain) && labels.all(is_label);
        name || ipv6(text).is_some()
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request's host (without its port) is this one. An IPv6 address has many spellings.
    pub(crate) fn matches(&self, host: &str) -> bool {
        if let Some(address) = ipv6(host) {
            return ipv6(&self.0) == Some(address);
        }
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

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    let address = host.strip_prefix('[')?.strip_suffix(']')?;
    address.parse().ok()
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
    fn an_ipv6_address_is_the_same_in_every_spelling() {
        let mapped = "[::ffff:127.0.0.1]";
        for (text, usual, spellings) in [
            (
                "[::1]",
                "[::1]",
                ["[0:0:0:0:0:0:0:1]", "[0::0001]", "[::0.0.0.1]"],
            ),
            (
                "[2001:DB8::A]",
                "[2001:db8::a]",
                ["[2001:db8:0::a]", "[2001:0DB8::A]", "[2001:db8::0.0.0.10]"],
            ),
            (
                "[::FFFF:7f00:1]",
                mapped,
                [mapped, "[::ffff:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]"],
            ),
        ] {
            let host = HostName::parse(text).unwrap();
            assert_eq!(host.as_str(), usual);
            for spelling in spellings {
                assert!(host.matches(spelling), "{spelling}");
                assert_eq!(HostName::parse(spelling).unwrap(), host);
            }
            for other in ["[::2]", "[::]", "127.0.0.1", "::1", "localhost"] {
                assert!(!host.matches(other), "{other}");
            }
        }
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
