//! Headers that are about one connection and must not reach the next (RFC 9110 section 7.6.1).

use http::{
    HeaderMap, HeaderName,
    header::{CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE},
};

/// Whether the header is about one connection whatever `Connection` says.
///
/// `Trailer` is not among them: it announces fields that travel end to end.
pub(crate) fn is_hop_by_hop(name: &HeaderName) -> bool {
    match *name {
        CONNECTION | PROXY_AUTHENTICATE | PROXY_AUTHORIZATION | TE | TRANSFER_ENCODING
        | UPGRADE => true,
        ref other => matches!(
            other.as_str(),
            "keep-alive" | "proxy-connection" | "http2-settings"
        ),
    }
}

/// The headers that `Connection` names, but for a `Keep-Alive` that it names alone.
pub(crate) fn named_by_connection(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let lines = headers.get_all(CONNECTION).into_iter();
    // By far the most frequent line, and it need not be parsed.
    let lines = lines.filter(|line| !line.as_bytes().eq_ignore_ascii_case(b"keep-alive"));
    let names = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
}

/// Removes all of them from an answer.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let fixed = headers.keys().filter(|name| is_hop_by_hop(name)).cloned();
    let gone: Vec<HeaderName> = fixed.chain(named_by_connection(headers)).collect();
    for name in gone {
        headers.remove(name);
    }
}

/// Whether the request says that its client takes trailers (RFC 9110 section 10.1.4). gRPC servers insist on it.
pub(crate) fn takes_trailers(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(TE).into_iter();
    let mut codings = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    codings.any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

/// Whether the request asks, on its own connection, to speak WebSocket (RFC 6455 section 4.1). No other upgrade is ever
/// passed on: behind `h2c`, whole requests would go unseen.
pub(crate) fn asks_for_websocket(request: &http::request::Parts) -> bool {
    let named = named_by_connection(&request.headers).any(|name| name == UPGRADE);
    let mut protocols = request.headers.get_all(UPGRADE).into_iter();
    let only = protocols.next().filter(|_| protocols.next().is_none());
    request.version == http::Version::HTTP_11
        && request.method == http::Method::GET
        && named
        && only.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    #[test]
    fn removes_the_fixed_ones_and_those_that_connection_names() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Secret"),
            ("connection", "x-other,,?"),
            ("keep-alive", "timeout=5"),
            ("x-secret", "1"),
            ("x-other", "1"),
            ("trailer", "x-sum"),
            ("x-kept", "1"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        strip(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["trailer", "x-kept"]);
    }

    fn asks(headers: &[(&str, &str)]) -> bool {
        let request = headers
            .iter()
            .fold(Request::get("/"), |request, (name, value)| {
                request.header(*name, *value)
            });
        asks_for_websocket(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn only_a_websocket_is_an_upgrade() {
        assert!(asks(&[
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket")
        ]));
        assert!(!asks(&[("connection", "upgrade"), ("upgrade", "h2c")]));
        assert!(!asks(&[
            ("connection", "upgrade"),
            ("upgrade", "h2c, websocket")
        ]));
        assert!(!asks(&[
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("upgrade", "h2c")
        ]));
        assert!(!asks(&[("upgrade", "websocket")]));
    }
}
