//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

use bulla_guard::client::Cidr;
use http::{HeaderMap, HeaderValue};

use super::framing::Authority;

/// Who is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its address, canonical as a [`Client`]'s.
    pub(crate) address: IpAddr,
    /// The address as headers have it: made once for all requests of a connection.
    text: HeaderValue,
    /// Whether it speaks TLS to us.
    pub(crate) secure: bool,
}

impl Peer {
    /// A peer with this address.
    pub(crate) fn new(address: IpAddr, secure: bool) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            text: in_header(address),
            secure,
        }
    }
}

/// What is known about the client's side of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its address, canonical: never an IPv4 address mapped into IPv6.
    pub(crate) address: IpAddr,
    /// The address as headers have it.
    pub(crate) text: HeaderValue,
    /// Whether it speaks TLS, to us or to a trusted proxy.
    pub(crate) secure: bool,
    /// The host it asked a trusted proxy for, if that is not the one the proxy asked us for.
    pub(crate) asked_host: Option<Authority>,
}

/// Tells the client from the peer: a trusted proxy is believed about who asked it, anybody else is the client.
///
/// Of `X-Forwarded-For`, the last address that is not a trusted proxy's counts: what stands before it was written by
/// somebody unknown. The other two headers count as the trusted peer wrote them, last value first.
pub(crate) fn identify(peer: &Peer, headers: &HeaderMap, trusted: &[Cidr]) -> Client {
    let mut address = peer.address;
    if !is_trusted(address, trusted) {
        return Client {
            address,
            text: peer.text.clone(),
            secure: peer.secure,
            asked_host: None,
        };
    }
    for element in last_first(headers, "x-forwarded-for") {
        let Some(earlier) = parse_address(element) else {
            break;
        };
        address = earlier.to_canonical();
        if !is_trusted(address, trusted) {
            break;
        }
    }
    let secure = last_first(headers, "x-forwarded-proto")
        .next()
        .map_or(peer.secure, |scheme| scheme.eq_ignore_ascii_case("https"));
    let asked_host = last_first(headers, "x-forwarded-host")
        .next()
        .and_then(Authority::parse);
    Client {
        address,
        text: in_header(address),
        secure,
        asked_host,
    }
}

fn in_header(address: IpAddr) -> HeaderValue {
    HeaderValue::try_from(address.to_string()).unwrap_or(HeaderValue::from_static("unknown"))
}

/// Whether this is the address of a trusted proxy.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[Cidr]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|range| range.contains(address))
}

/// The elements of a list header, from the last to the first. Each is read by itself: proxies add theirs to the client's line,
/// so one that is no text, and counts as empty, hides no other.
fn last_first<'headers>(
    headers: &'headers HeaderMap,
    name: &'static str,
) -> impl Iterator<Item = &'headers str> {
    let lines = headers.get_all(name).into_iter().rev();
    let elements = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    elements.map(|element| std::str::from_utf8(element).unwrap_or_default().trim())
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bracketed = || {
        text.strip_prefix('[')?
            .strip_suffix(']')?
            .parse()
            .ok()
            .map(IpAddr::V6)
    };
    text.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(bracketed)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn plain(address: &str) -> Peer {
        Peer::new(address.parse().unwrap(), false)
    }

    fn address(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|range| range.parse().unwrap());
        identify(&plain(peer), &headers, &trusted)
            .address
            .to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_listed() {
        assert_eq!(address("192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
        assert_eq!(address("::ffff:192.0.2.1", &[]), "192.0.2.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        assert_eq!(address("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            address("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"]),
            "198.51.100.1"
        );
        assert_eq!(
            address("10.0.0.1", &["6.6.6.6", "198.51.100.1:4711,[fd00::1]:80"]),
            "198.51.100.1"
        );
        assert_eq!(address("10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_stands_before_nonsense_does_not_count() {
        assert_eq!(
            address("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(address("10.0.0.1", &["unknown"]), "10.0.0.1");
    }

    #[test]
    fn an_element_that_is_no_text_hides_none_that_a_proxy_put_behind_it() {
        let after = |element: &[u8], rest: &str| {
            let line = HeaderValue::from_bytes(&[element, rest.as_bytes()].concat()).unwrap();
            let headers =
                HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), line)]);
            let trusted = ["10.0.0.0/8".parse().unwrap()];
            let client = identify(&plain("10.0.0.1"), &headers, &trusted);
            client.address.to_string()
        };
        for element in [&b""[..], b"6.6.6.6", b"\xff", "\u{ff}".as_bytes(), b"\t"] {
            assert_eq!(
                after(element, ", 198.51.100.1"),
                "198.51.100.1",
                "{element:?}"
            );
        }
        assert_eq!(after(b"198.51.100.1, \xff", ", 10.0.0.2"), "10.0.0.2");
    }

    #[test]
    fn scheme_and_host_come_from_a_trusted_proxy_only() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-proto", HeaderValue::from_static("http, https"));
        headers.insert(
            "x-forwarded-host",
            HeaderValue::from_static("api.example.com"),
        );
        let trusted = ["10.0.0.1".parse().unwrap()];
        let behind = identify(&plain("10.0.0.1"), &headers, &trusted);
        assert_eq!(
            (behind.secure, behind.asked_host),
            (true, Authority::parse("api.example.com"))
        );
        let direct = identify(&plain("10.0.0.2"), &headers, &trusted);
        assert_eq!((direct.secure, direct.asked_host), (false, None));
    }

    #[test]
    fn who_speaks_tls_to_us_is_secure_unless_a_proxy_says_that_its_client_is_not() {
        let trusted = ["10.0.0.1".parse().unwrap()];
        let secure = |address: &str, scheme: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(scheme) = scheme {
                headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
            }
            let peer = Peer {
                secure: true,
                ..plain(address)
            };
            identify(&peer, &headers, &trusted).secure
        };
        assert!(secure("192.0.2.1", None));
        assert!(secure("192.0.2.1", Some("http")));
        assert!(secure("10.0.0.1", None));
        assert!(!secure("10.0.0.1", Some("http")));
    }
}
