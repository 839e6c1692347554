//! What is taken out of a request before it goes on.

use bulla_guard::client::CookieNames;
use http::{
    HeaderMap, HeaderName,
    header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, TRANSFER_ENCODING},
};

use super::hop_by_hop;

/// Removes from a request what must not reach any target: headers about the connection and those that `Connection`
/// names, everything in which the gateway itself speaks to the target, in whatever spelling, its cookies, and the
/// token unless the route forwards it.
pub(crate) fn clean(headers: &mut HeaderMap, forward_token: bool, cookies: CookieNames) {
    let unwanted = |name: &HeaderName| {
        hop_by_hop::is_hop_by_hop(name)
            || is_reserved(name)
            || *name == EXPECT
            || (!forward_token && *name == AUTHORIZATION)
    };
    let fixed = headers.keys().filter(|name| unwanted(name)).cloned();
    let gone: Vec<HeaderName> = fixed
        .chain(hop_by_hop::named_by_connection(headers))
        .collect();
    for name in gone {
        headers.remove(name);
    }
    super::cookies::strip(headers, cookies);
}

/// Removes from trailers what would be removed from the headers, and what RFC 9110 section 6.5.1 keeps out of trailers:
/// a target may merge the two.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    let unwanted = |name: &&HeaderName| {
        let forbidden = [AUTHORIZATION, CONTENT_LENGTH, COOKIE, EXPECT, HOST].contains(name);
        forbidden || hop_by_hop::is_hop_by_hop(name) || is_reserved(name)
    };
    let gone: Vec<HeaderName> = trailers.keys().filter(unwanted).cloned().collect();
    for name in gone {
        trailers.remove(name);
    }
}

/// Headers that are the gateway's own; those that claim who is asking, or from where, which only the gateway may; and
/// those that make a framework believe in another request: in another host, path or method, or, in a second spelling, in
/// another framing. CGI programs take `Proxy` for a setting.
const RESERVED: [&str; 22] = [
    "cf-connecting-ip",
    "client-ip",
    "content-length",
    "forwarded",
    "proxy",
    "remote-user",
    "transfer-encoding",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-real-ip",
    "x-remote-user",
    "x-request-id",
    "x-rewrite-url",
];

/// Whether a header is not the client's to send, in any spelling that some server would take for it: CGI and its
/// successors read `X_Bulla_Subject` and `X-Bulla-Subject` alike, some of them any punctuation.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    let text = name.as_str();
    let framing = [CONTENT_LENGTH, TRANSFER_ENCODING].contains(name);
    let own = is_or_under(text, "x-bulla") || is_or_under(text, "x-forwarded");
    !framing && (own || RESERVED.iter().any(|reserved| alike(text, reserved)))
}

/// Whether the name is `own` or `own` and a separator and more.
fn is_or_under(name: &str, own: &str) -> bool {
    let separated = name
        .as_bytes()
        .get(own.len())
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    separated && name.get(..own.len()).is_some_and(|start| alike(start, own))
}

/// Whether the names are the same, all punctuation taken for `-`. Both are in lower case: header names always are.
pub(crate) fn alike(name: &str, own: &str) -> bool {
    let dashed = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            byte
        } else {
            b'-'
        }
    };
    let same = |(one, other): (u8, u8)| dashed(one) == dashed(other);
    name.len() == own.len() && name.bytes().zip(own.bytes()).all(same)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn left(names: &[&'static str], forward_token: bool) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(*name, HeaderValue::from_static("1"));
        }
        clean(&mut headers, forward_token, CookieNames::Host);
        let mut left: Vec<String> = headers.keys().map(ToString::to_string).collect();
        left.sort_unstable();
        left
    }

    #[test]
    fn reserved_names_go_in_every_spelling() {
        let names = [
            "x-bulla-subject",
            "x_bulla_subject",
            "x-bulla_roles",
            "x.bulla.plan",
            "x-bulla",
            "x-bulla-claim-team-id",
            "forwarded",
            "x-forwarded-for",
            "x_forwarded_host",
            "x-real-ip",
            "cf-connecting-ip",
            "client-ip",
            "client_ip",
            "remote-user",
            "remote_user",
            "true-client-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-host",
            "x-http-method",
            "x-http-method-override",
            "x_http_method_override",
            "x-method-override",
            "x-original-host",
            "x-remote-user",
            "x-request-id",
            "x_request_id",
            "x-original-url",
            "x-rewrite-url",
            "proxy",
            "content_length",
            "transfer_encoding",
            "expect",
        ];
        assert_eq!(left(&names, true), [""; 0]);
    }

    #[test]
    fn neighbours_stay() {
        let names = [
            "client",
            "content-length",
            "x-bullabulla-subject",
            "x-bullae",
            "x-forwardedfor",
            "x-hostname",
            "x-http-method-other",
            "x-proxy",
            "x-user",
            "xbulla-subject",
        ];
        assert_eq!(left(&names, true), names);
    }

    #[test]
    fn the_token_goes_on_only_where_the_route_says_so() {
        assert_eq!(
            left(&["authorization", "x-a"], true),
            ["authorization", "x-a"]
        );
        assert_eq!(left(&["authorization", "x-a"], false), ["x-a"]);
    }

    #[test]
    fn trailers_carry_neither_identity_nor_framing() {
        let mut trailers = HeaderMap::new();
        for name in [
            "x-bulla-subject",
            "x_bulla_roles",
            "authorization",
            "content-length",
            "transfer-encoding",
            "x-http-method-override",
            "remote-user",
            "x-sum",
        ] {
            trailers.insert(name, HeaderValue::from_static("1"));
        }
        clean_trailers(&mut trailers);
        assert_eq!(
            trailers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["x-sum"]
        );
    }
}
