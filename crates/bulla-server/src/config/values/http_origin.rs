//! Where something answers over HTTP: `http://127.0.0.1:3000`, `https://api.example.com`.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::uri::Authority;

use super::InvalidValue;

/// `http://` or `https://` with a host and maybe a port: no path, query, fragment or user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpOrigin {
    text: String,
    scheme: usize,
}

impl HttpOrigin {
    /// HTTP on that address, over TLS or plain.
    #[must_use]
    pub fn at(address: SocketAddr, tls: bool) -> Self {
        let scheme = if tls { "https://" } else { "http://" };
        Self {
            text: format!("{scheme}{address}"),
            scheme: scheme.len(),
        }
    }

    /// The origin as it was written, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and maybe port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.text[self.scheme..]
    }

    /// Whether it is on this machine: `localhost`, or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let authority: Option<Authority> = self.authority().parse().ok();
        authority.is_some_and(|authority| {
            let host = authority.host().trim_matches(['[', ']']);
            let address = host.parse::<IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        })
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https")
    }
}

impl FromStr for HttpOrigin {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        parse(text).ok_or_else(|| {
            let expected = "a URL such as `http://127.0.0.1:3000`, without a path";
            InvalidValue::new(expected, meant(text))
        })
    }
}

impl fmt::Display for HttpOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parse(text: &str) -> Option<HttpOrigin> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))?;
    let authority: Authority = rest.parse().ok()?;
    let has_colon = authority.as_str().len() > authority.host().len();
    let port_is_good = !has_colon || authority.port_u16().is_some();
    // `Authority` leaves a user in: the host is then only a part of it.
    if authority.host().is_empty() || rest.contains('@') || !port_is_good {
        return None;
    }
    Some(HttpOrigin {
        text: text.to_owned(),
        scheme: text.len() - rest.len(),
    })
}

/// The same without its path, or with `http://` before it.
fn meant(text: &str) -> Option<String> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        None => ("http", text),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let is_host = text.contains("://") || authority.contains(':') || authority.contains('.');
    let origin = parse(&format!("{}://{authority}", scheme.to_ascii_lowercase()))?;
    is_host.then_some(origin.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_and_lose_their_trailing_slash() {
        for (text, shown, authority, https) in [
            (
                "http://127.0.0.1:3000",
                "http://127.0.0.1:3000",
                "127.0.0.1:3000",
                false,
            ),
            (
                "https://api.example.com/",
                "https://api.example.com",
                "api.example.com",
                true,
            ),
            (
                "http://[::1]:8080",
                "http://[::1]:8080",
                "[::1]:8080",
                false,
            ),
            ("http://localhost", "http://localhost", "localhost", false),
        ] {
            let origin: HttpOrigin = text.parse().unwrap();
            assert_eq!(
                (origin.as_str(), origin.authority(), origin.is_https()),
                (shown, authority, https)
            );
        }
    }

    #[test]
    fn an_address_is_one() {
        for (address, tls) in [("127.0.0.1:8080", false), ("[::1]:8080", true)] {
            let origin = HttpOrigin::at(address.parse().unwrap(), tls);
            assert_eq!((origin.authority(), origin.is_https()), (address, tls));
            assert_eq!(origin.to_string().parse::<HttpOrigin>(), Ok(origin));
        }
    }

    #[test]
    fn near_misses_are_refused_with_a_suggestion() {
        for (text, meant) in [
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("localhost:3000", "http://localhost:3000"),
            ("HTTP://host", "http://host"),
            ("http://host/path", "http://host"),
            ("https://host?x", "https://host"),
        ] {
            assert_eq!(
                text.parse::<HttpOrigin>()
                    .unwrap_err()
                    .suggestion
                    .as_deref(),
                Some(meant),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "/",
            "ftp://host",
            "http://",
            "http:///",
            "http://user@host",
            "http://host:port",
            "http://host:",
            "http://host:99999",
            "http://a b",
            "//host",
            "orders",
        ] {
            assert_eq!(
                text.parse::<HttpOrigin>().unwrap_err().suggestion,
                None,
                "{text}"
            );
        }
    }
}
