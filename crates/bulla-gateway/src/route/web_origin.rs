//! Where a page in a browser comes from.

use std::fmt;

use http::HeaderValue;

use super::HostName;
use crate::steps::framing::Authority;

/// An origin as browsers write it (RFC 6454 section 6.2): scheme, host, and the port unless it is the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(String);

impl WebOrigin {
    /// Parses an origin such as `https://app.example.com` or `http://localhost:5173`.
    ///
    /// # Errors
    /// It is no such origin: `*` and `null` (which any page can have) are none, nor is what has a path.
    pub fn parse(text: &str) -> Result<Self, InvalidWebOrigin> {
        let (scheme, rest) = text.split_once("://").ok_or(InvalidWebOrigin)?;
        let scheme = scheme.to_ascii_lowercase();
        let usual_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(InvalidWebOrigin),
        };
        let authority = Authority::parse(rest).ok_or(InvalidWebOrigin)?;
        let host = HostName::parse(authority.host()).map_err(|_| InvalidWebOrigin)?;
        Ok(Self(
            match authority.port().filter(|port| *port != usual_port) {
                Some(port) => format!("{scheme}://{host}:{port}"),
                None => format!("{scheme}://{host}"),
            },
        ))
    }

    /// The same origin under the other usual name of this machine: `localhost` for `127.0.0.1`, and the other way round.
    #[must_use]
    pub fn loopback_twin(&self) -> Option<Self> {
        let (scheme, rest) = self.0.split_once("://")?;
        let twin = |own: &str, other: &str| {
            let port = rest.strip_prefix(own)?;
            let whole = port.is_empty() || port.starts_with(':');
            whole.then(|| Self(format!("{scheme}://{other}{port}")))
        };
        twin("localhost", "127.0.0.1").or_else(|| twin("127.0.0.1", "localhost"))
    }

    /// The origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an `Origin` header says this. Compared byte by byte: browsers have one spelling.
    pub(crate) fn is(&self, header: &HeaderValue) -> bool {
        self.0.as_bytes() == header.as_bytes()
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an exact origin such as https://app.example.com (no path, no wildcard, not null)")]
pub struct InvalidWebOrigin;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_do() {
        for (text, written) in [
            ("https://app.example.com", "https://app.example.com"),
            ("HTTPS://App.Example.com:443", "https://app.example.com"),
            ("http://a:80", "http://a"),
            ("http://a:443", "http://a:443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://[0::1]:8080", "http://[::1]:8080"),
        ] {
            let origin = WebOrigin::parse(text).unwrap();
            assert_eq!(origin.as_str(), written);
            assert!(origin.is(&HeaderValue::from_str(written).unwrap()));
        }
    }

    #[test]
    fn refuses_wildcards_paths_and_other_schemes() {
        for text in [
            "",
            "*",
            "null",
            "https://*",
            "https://*.example.com",
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/a",
            "https://u@app.example.com",
            "https://a:0",
            "https://a:99999",
            "https://",
            "file://a",
            "https://ä.example",
        ] {
            assert_eq!(WebOrigin::parse(text), Err(InvalidWebOrigin), "{text}");
        }
    }

    #[test]
    fn only_this_machine_has_a_twin() {
        let twin = |text| {
            let twin = WebOrigin::parse(text).unwrap().loopback_twin();
            twin.map(|twin| twin.to_string())
        };
        assert_eq!(
            twin("http://localhost:8080").as_deref(),
            Some("http://127.0.0.1:8080")
        );
        assert_eq!(
            twin("https://127.0.0.1").as_deref(),
            Some("https://localhost")
        );
        for text in [
            "https://localhost.example",
            "http://127.0.0.10",
            "https://a",
        ] {
            assert_eq!(twin(text), None, "{text}");
        }
    }
}
