//! Whether a request that carries a cookie is one that its sender meant: browsers add cookies to what other sites make
//! them send.

use bulla_guard::{client::Meant, problem::Code, refusal::Refusal};
use http::{HeaderMap, HeaderName, Method, header::ORIGIN, request::Parts};

use super::hop_by_hop;
use crate::route::WebOrigin;

const CSRF: HeaderName = HeaderName::from_static("x-bulla-csrf");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Checks a request by cookie. An unsafe method needs `X-Bulla-CSRF: 1`, which no form can send, and an allowed
/// `Origin`, or without any `Sec-Fetch-Site: same-origin`. A WebSocket, which pages of every origin may open and read,
/// always needs an allowed `Origin`. The rest is safe: what other origins made a browser get, they cannot read.
///
/// # Errors
/// 403 `csrf_refused`.
pub(crate) fn check(request: &Parts, allowed: [&[WebOrigin]; 2]) -> Result<(), Refusal> {
    let websocket = hop_by_hop::asks_for_websocket(request);
    if !websocket && is_safe(&request.method) {
        return Ok(());
    }
    passes(&request.headers, websocket, allowed)
}

/// The proof that a request may use or get cookies, were its method an unsafe one.
///
/// # Errors
/// 403 `csrf_refused`.
pub(crate) fn meant(headers: &HeaderMap, allowed: [&[WebOrigin]; 2]) -> Result<Meant, Refusal> {
    passes(headers, false, allowed).map(|()| Meant::checked())
}

fn passes(headers: &HeaderMap, websocket: bool, allowed: [&[WebOrigin]; 2]) -> Result<(), Refusal> {
    if !websocket && !is_exactly(headers, &CSRF, "1") {
        return Err(refused(
            "an unsafe request that uses or asks for cookies needs X-Bulla-CSRF: 1",
        ));
    }
    let mut origins = headers.get_all(ORIGIN).into_iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) if allowed.into_iter().flatten().any(|known| known.is(origin)) => {
            Ok(())
        }
        (Some(_), _) => Err(refused("a cookie does not count from this Origin")),
        (None, _) if !websocket && is_exactly(headers, &FETCH_SITE, "same-origin") => Ok(()),
        (None, _) => Err(refused("a cookie does not count here without an Origin")),
    }
}

/// RFC 9110 section 9.2.1. `TRACE` is not routed.
fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// Whether there is one such header, and it says this.
pub(crate) fn is_exactly(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    let mut values = headers.get_all(name).into_iter();
    values.next().is_some_and(|found| found == value) && values.next().is_none()
}

fn refused(detail: &str) -> Refusal {
    Refusal::new(Code::CsrfRefused, detail)
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    const OWN: (&str, &str) = ("origin", "https://api.example");
    const LISTED: (&str, &str) = ("origin", "https://app.example");
    const MEANT: (&str, &str) = ("x-bulla-csrf", "1");
    const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
    const WEBSOCKET: [(&str, &str); 2] = [("connection", "upgrade"), ("upgrade", "websocket")];

    fn passes(method: &str, headers: &[(&str, &str)]) -> bool {
        let request = Request::builder().method(method).uri("/");
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(()).unwrap().into_parts().0;
        let [own, listed] = [OWN, LISTED].map(|(_, origin)| [WebOrigin::parse(origin).unwrap()]);
        match check(&request, [&own, &listed]) {
            Ok(()) => true,
            Err(refusal) => {
                assert_eq!(refusal.code, Code::CsrfRefused);
                false
            }
        }
    }

    #[test]
    fn a_safe_method_needs_nothing() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(
                passes(method, &[("origin", "https://evil.example")]),
                "{method}"
            );
        }
    }

    #[test]
    fn an_unsafe_one_needs_the_header_and_where_it_comes_from() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            for good in [[MEANT, OWN], [MEANT, LISTED], [MEANT, SAME]] {
                assert!(passes(method, &good), "{method} {good:?}");
            }
            for bad in [
                &[][..],
                &[MEANT],
                &[OWN],
                &[SAME],
                &[("x-bulla-csrf", "0"), OWN],
                &[MEANT, MEANT, OWN],
                &[MEANT, ("origin", "https://evil.example")],
                &[MEANT, ("origin", "https://evil.example"), SAME],
                &[MEANT, ("origin", "null"), SAME],
                &[MEANT, ("origin", "HTTPS://api.example")],
                &[MEANT, ("origin", "https://api.example:443")],
                &[MEANT, ("origin", "https://api.example.evil.example")],
                &[MEANT, OWN, ("origin", "https://evil.example")],
                &[MEANT, ("sec-fetch-site", "same-site")],
                &[MEANT, ("sec-fetch-site", "none")],
                &[MEANT, SAME, ("sec-fetch-site", "cross-site")],
            ] {
                assert!(!passes(method, bad), "{method} {bad:?}");
            }
        }
    }

    #[test]
    fn no_method_makes_up_for_what_is_missing_where_cookies_are_asked_for() {
        let [own] = [OWN].map(|(_, origin)| [WebOrigin::parse(origin).unwrap()]);
        let meant = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            meant(&headers.collect(), [&own, &[]]).map_err(|refusal| refusal.code)
        };
        assert_eq!(meant(&[MEANT, OWN]), Ok(Meant::checked()));
        assert_eq!(meant(&[]), Err(Code::CsrfRefused));
        assert_eq!(meant(&[OWN]), Err(Code::CsrfRefused));
    }

    #[test]
    fn a_websocket_needs_an_origin() {
        let with =
            |more: &[(&'static str, &'static str)]| passes("GET", &[&WEBSOCKET, more].concat());
        assert!(with(&[OWN]) && with(&[LISTED]));
        assert!(!with(&[]) && !with(&[SAME]) && !with(&[MEANT, SAME]));
        assert!(!with(&[("origin", "https://evil.example")]));
    }
}
