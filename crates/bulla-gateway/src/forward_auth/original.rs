//! The request that a proxy asks about.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri, Version,
    header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
    request::Parts,
    uri::PathAndQuery,
};

use super::AskingProxy;
use crate::steps::{
    canonical_path::{AmbiguousPath, canonicalize},
    framing::Authority,
};

const FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const ORIGINAL_URI: HeaderName = HeaderName::from_static("x-original-uri");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");

/// A request as its client sent it to the asking proxy, without its body. Its path is in canonical form.
#[derive(Debug)]
pub(crate) struct Original {
    pub(crate) head: Parts,
    pub(crate) authority: Option<Authority>,
}

/// Why it cannot be told what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadQuestion {
    #[error(
        "nothing says what is asked: no X-Forwarded-Method and -Uri, no X-Original-Method and -URI, no query where that says it"
    )]
    Nothing,
    #[error("X-Forwarded-Method or -Uri and an X-Original header both say what is asked")]
    Twice,
    #[error("there is not exactly one {0}")]
    NotOne(&'static str),
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    #[error(transparent)]
    Ambiguous(#[from] AmbiguousPath),
    #[error("the path is not in canonical form, and would be passed on as it is")]
    NotCanonical,
}

impl Original {
    /// Reads what a proxy asks; `host` is whom it asked. Its other headers are those of the client.
    ///
    /// A path that is not canonical is refused: the proxy passes on what it got, and its upstream may read another path in
    /// it than the one that was decided about.
    pub(crate) fn read(
        proxy: AskingProxy,
        asking: Parts,
        host: Option<Authority>,
    ) -> Result<Self, BadQuestion> {
        let (method, target, authority) = match proxy {
            AskingProxy::Any | AskingProxy::Nginx => in_headers(&asking.headers, host)?,
            AskingProxy::Envoy => {
                let target = asking.uri.query().ok_or(BadQuestion::Nothing)?;
                (asking.method.clone(), target, host)
            }
        };
        let uri = canonical(target)?;
        let mut head = asking;
        (head.method, head.uri, head.version) = (method, uri, Version::HTTP_11);
        restore_websocket(&mut head.headers);
        Ok(Self { head, authority })
    }
}

/// Method, target and host, as one of two families of headers names them. Only one may be there: a proxy writes its own and
/// lets the client's through, and whoever could say which family counts could say which request is decided about.
fn in_headers(
    headers: &HeaderMap,
    host: Option<Authority>,
) -> Result<(Method, &str, Option<Authority>), BadQuestion> {
    let has = |name: &HeaderName| headers.contains_key(name);
    let forwarded = [FORWARDED_METHOD, FORWARDED_URI].iter().any(has);
    let original = [ORIGINAL_METHOD, ORIGINAL_URI, ORIGINAL_URL]
        .iter()
        .any(has);
    match (forwarded, original) {
        (true, true) => Err(BadQuestion::Twice),
        (false, false) => Err(BadQuestion::Nothing),
        (true, false) => {
            let method = one(headers, &FORWARDED_METHOD, "X-Forwarded-Method")?;
            let target = one(headers, &FORWARDED_URI, "X-Forwarded-Uri")?;
            let host = match has(&FORWARDED_HOST) {
                true => Some(authority(
                    one(headers, &FORWARDED_HOST, "X-Forwarded-Host")?,
                    "X-Forwarded-Host",
                )?),
                false => host,
            };
            Ok((parse_method(method)?, target, host))
        }
        (false, true) => {
            let method = one(headers, &ORIGINAL_METHOD, "X-Original-Method")?;
            let (target, host) = original_target(headers, host)?;
            Ok((parse_method(method)?, target, host))
        }
    }
}

fn parse_method(method: &str) -> Result<Method, BadQuestion> {
    Method::from_bytes(method.as_bytes()).map_err(|_| BadQuestion::Unreadable("the method"))
}

fn original_target(
    headers: &HeaderMap,
    host: Option<Authority>,
) -> Result<(&str, Option<Authority>), BadQuestion> {
    const URL: &str = "X-Original-URL";
    match (
        headers.contains_key(ORIGINAL_URI),
        headers.contains_key(ORIGINAL_URL),
    ) {
        (true, true) => Err(BadQuestion::Twice),
        (true, false) => Ok((one(headers, &ORIGINAL_URI, "X-Original-URI")?, host)),
        (false, _) => {
            let url = one(headers, &ORIGINAL_URL, URL)?;
            let rest = url.strip_prefix("https://");
            let rest = rest.or_else(|| url.strip_prefix("http://"));
            let rest = rest.ok_or(BadQuestion::Unreadable(URL))?;
            let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            Ok((target, Some(authority(host, URL)?)))
        }
    }
}

/// The one value of a header.
fn one<'headers>(
    headers: &'headers HeaderMap,
    name: &HeaderName,
    shown: &'static str,
) -> Result<&'headers str, BadQuestion> {
    let mut values = headers.get_all(name).into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| BadQuestion::Unreadable(shown)),
        _ => Err(BadQuestion::NotOne(shown)),
    }
}

fn authority(text: &str, shown: &'static str) -> Result<Authority, BadQuestion> {
    Authority::parse(text).ok_or(BadQuestion::Unreadable(shown))
}

/// The target, if its path is the one that would be decided about.
fn canonical(target: &str) -> Result<Uri, BadQuestion> {
    let path = target.split('?').next().unwrap_or(target);
    if canonicalize(path)? != path {
        return Err(BadQuestion::NotCanonical);
    }
    let target = PathAndQuery::try_from(target);
    target
        .map(Uri::from)
        .map_err(|_| BadQuestion::Unreadable("the path or its query"))
}

/// Most proxies ask without the `Upgrade` of a WebSocket handshake, which is about their connection with the client. But
/// every handshake has these headers (RFC 6455 section 4.1), and no page can add or remove them.
fn restore_websocket(headers: &mut HeaderMap) {
    if [SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION]
        .iter()
        .any(|name| headers.contains_key(name))
    {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::steps::hop_by_hop::asks_for_websocket;

    fn read(headers: &[(&str, &str)]) -> Result<Original, BadQuestion> {
        let request = headers
            .iter()
            .fold(Request::get("/forward-auth?q"), |request, (name, value)| {
                request.header(*name, *value)
            });
        let asking = request.body(()).unwrap().into_parts().0;
        Original::read(AskingProxy::Any, asking, Authority::parse("bulla.example"))
    }

    fn asked(headers: &[(&str, &str)]) -> Result<String, BadQuestion> {
        let Original { head, authority } = read(headers)?;
        let host = authority.unwrap();
        Ok(format!("{} {}{}", head.method, host.as_str(), head.uri))
    }

    fn of(path: &str) -> Result<String, BadQuestion> {
        let forwarded = asked(&[("x-forwarded-method", "GET"), ("x-forwarded-uri", path)]);
        let original = asked(&[("x-original-method", "GET"), ("x-original-uri", path)]);
        assert_eq!(forwarded, original, "{path}");
        forwarded
    }

    #[test]
    fn both_families_say_what_is_asked() {
        for (headers, expected) in [
            (
                &[
                    ("x-forwarded-method", "PUT"),
                    ("x-forwarded-uri", "/a?b=1"),
                    ("x-forwarded-host", "api.example:81"),
                ][..],
                "PUT api.example:81/a?b=1",
            ),
            (
                &[("x-forwarded-method", "PUT"), ("x-forwarded-uri", "/a")],
                "PUT bulla.example/a",
            ),
            (
                &[
                    ("x-original-method", "PUT"),
                    ("x-original-uri", "/a"),
                    ("x-forwarded-host", "the-clients.example"),
                ],
                "PUT bulla.example/a",
            ),
            (
                &[
                    ("x-original-method", "PUT"),
                    ("x-original-url", "https://api.example/a?b"),
                ],
                "PUT api.example/a?b",
            ),
        ] {
            assert_eq!(asked(headers).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_could_be_the_clients_words_is_not_heard() {
        let forwarded = [("x-forwarded-method", "GET"), ("x-forwarded-uri", "/a")];
        let original = [("x-original-method", "GET"), ("x-original-uri", "/a")];
        let and = |most: &[(&'static str, &'static str)], more| asked(&[most, &[more]].concat());
        for more in original
            .into_iter()
            .chain([("x-original-url", "http://a/a")])
        {
            assert_eq!(and(&forwarded, more), Err(BadQuestion::Twice));
        }
        for more in forwarded
            .into_iter()
            .chain([("x-original-url", "http://a/a")])
        {
            assert_eq!(and(&original, more), Err(BadQuestion::Twice));
        }
        for (most, more) in [
            (&forwarded, ("x-forwarded-uri", "/a")),
            (&forwarded, ("x-forwarded-method", "GET")),
            (&original, ("x-original-uri", "/a")),
            (&original, ("x-original-method", "GET")),
        ] {
            assert!(matches!(and(most, more), Err(BadQuestion::NotOne(_))));
        }
        for incomplete in forwarded.into_iter().chain(original) {
            let refused = asked(&[incomplete]);
            assert!(
                matches!(refused, Err(BadQuestion::NotOne(_))),
                "{refused:?}"
            );
        }
        assert_eq!(asked(&[]), Err(BadQuestion::Nothing));
        for host in ["a, b", "a/b", "", "a:0"] {
            let refused = and(&forwarded, ("x-forwarded-host", host));
            assert!(matches!(refused, Err(BadQuestion::Unreadable(_))), "{host}");
        }
    }

    #[test]
    fn only_a_canonical_path_is_decided_about() {
        for path in ["/", "/a/b/", "/a%20b", "/a?x=/../%2f//;", "/a?", "/A%C3%A9"] {
            assert_eq!(of(path), Ok(format!("GET bulla.example{path}")));
        }
        for path in [
            "/public/../admin",
            "/public/./a",
            "/public/..",
            "//admin",
            "/public//a",
            "/%61dmin",
            "/a%c3%a9",
            "/public/%2e%2e/admin",
            "/a#b",
            "/a[1]",
        ] {
            assert!(of(path).is_err(), "{path}");
        }
        for path in [
            "/public/..%2fadmin",
            "/public/..%5cadmin",
            "/public/..;/admin",
            "/public/%252e%252e/admin",
            "/../admin",
            "/%zz",
            "",
            "*",
            "?a",
            "admin",
            "http://api.example/admin",
        ] {
            let refused = of(path);
            assert!(matches!(refused, Err(BadQuestion::Ambiguous(_))), "{path}");
        }
    }

    #[test]
    fn envoy_asks_in_the_querys_words_and_no_others() {
        let ask = |method: &str, question: &str| {
            let asking = Request::builder().method(method).uri(question);
            let asking = asking.header("x-forwarded-uri", "/theirs");
            let asking = asking.header("x-original-method", "GET").body(()).unwrap();
            let host = Authority::parse("api.example");
            let read = Original::read(AskingProxy::Envoy, asking.into_parts().0, host);
            read.map(|Original { head, .. }| format!("{} {}", head.method, head.uri))
        };
        let good = ask("DELETE", "/forward-auth/envoy?/a%20b?c=/../d?e");
        assert_eq!(good.as_deref(), Ok("DELETE /a%20b?c=/../d?e"));
        assert_eq!(ask("GET", "/forward-auth/envoy"), Err(BadQuestion::Nothing));
        for bad in [
            "",
            "/public/../admin",
            "//admin",
            "/public/..%2fadmin",
            "a",
            "http://a/b",
        ] {
            let refused = ask("GET", &format!("/forward-auth/envoy?{bad}"));
            assert!(refused.is_err(), "{bad}");
        }
    }

    #[test]
    fn a_url_is_read_from_its_beginning() {
        let url = |url| asked(&[("x-original-method", "GET"), ("x-original-url", url)]);
        for bad in [
            "/a",
            "//api.example/a",
            "https:///a",
            "https://user@api.example/a",
            "https://api.example",
            "https://api.example?/a",
            "ftp://api.example/a",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
        let good = "http://api.example:8080/a";
        assert_eq!(url(good), Ok("GET api.example:8080/a".to_owned()));
    }

    #[test]
    fn a_websocket_is_known_by_what_proxies_leave() {
        let asks = |more: &[(&str, &str)]| {
            let what = [("x-original-method", "GET"), ("x-original-uri", "/a")];
            asks_for_websocket(&read(&[&what, more].concat()).unwrap().head)
        };
        assert!(!asks(&[]));
        assert!(asks(&[("sec-websocket-key", "x")]));
        assert!(asks(&[
            ("sec-websocket-version", "13"),
            ("connection", "close")
        ]));
        assert!(asks(&[("connection", "upgrade"), ("upgrade", "websocket")]));
    }
}
