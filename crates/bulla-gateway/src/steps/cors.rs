//! Who may read answers across origins (the CORS protocol of the Fetch standard).
//!
//! On a route that lists origins, the gateway speaks CORS and its target does not: what a target says of it is replaced.

use bulla_guard::{problem::Code, refusal::Refusal};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
        ORIGIN, VARY,
    },
    request::Parts,
};

use crate::{
    body::Body,
    route::{Found, Route, RouteIndex, RouteTable, WebOrigin},
};

/// What a page needs to understand a refusal, and to tell the time by the server's clock. A target may expose more.
const EXPOSED: &str =
    "WWW-Authenticate, X-Request-Id, Date, Retry-After, RateLimit, RateLimit-Policy";

/// How long a browser may remember what it was told. An origin that is no longer listed cannot read answers before that:
/// they say so themselves.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// How a request stands to a route that lists origins: its origin, if it is one of them.
#[derive(Debug)]
pub(crate) struct CrossOrigin(Option<HeaderValue>);

impl CrossOrigin {
    /// `None` if no origins are listed: then the gateway has no say.
    pub(crate) fn of(headers: &HeaderMap, listed: &[WebOrigin]) -> Option<Self> {
        if listed.is_empty() {
            return None;
        }
        let mut origins = headers.get_all(ORIGIN).into_iter();
        let only = origins.next().filter(|_| origins.next().is_none());
        let known = |origin: &&HeaderValue| listed.iter().any(|listed| listed.is(origin));
        Some(Self(only.filter(known).cloned()))
    }

    /// Says in an answer who may read it.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let exposed = headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = self.0 else {
            return;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        let more = exposed.as_ref().and_then(|more| more.to_str().ok());
        let all = more.and_then(|more| HeaderValue::try_from(format!("{EXPOSED}, {more}")).ok());
        let all = all.unwrap_or(HeaderValue::from_static(EXPOSED));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, all);
    }
}

/// Removes what a target says of CORS, but for the headers it wants to expose: to whom, is not its to say.
pub(crate) fn drop_theirs(headers: &mut HeaderMap) {
    let theirs = |name: &&HeaderName| {
        name.as_str().starts_with("access-control-") && **name != ACCESS_CONTROL_EXPOSE_HEADERS
    };
    let gone: Vec<HeaderName> = headers.keys().filter(theirs).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

/// A browser's question whether it may send a request, which the gateway answers itself.
#[derive(Debug)]
pub struct Preflight<'table> {
    /// The route of the request that is asked about.
    pub route: (RouteIndex, &'table Route),
    /// It may: the methods of the path's routes that list the origin.
    ///
    /// Or it may not, because the route does not: 403 `csrf_refused`.
    pub answer: Result<HeaderValue, Refusal>,
}

/// The request as a preflight; `None` if it is none, or one about a route that lists no origins: that is its target's
/// affair. `host` is without a port, `path` in [canonical form](crate::route::canonicalize).
#[must_use]
pub fn preflight<'table>(
    request: &Parts,
    table: &'table RouteTable,
    host: Option<&str>,
    path: &str,
) -> Option<Preflight<'table>> {
    if request.method != Method::OPTIONS || !request.headers.contains_key(ORIGIN) {
        return None;
    }
    let asked = request.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    let asked = Method::from_bytes(asked.as_bytes()).ok()?;
    let Found::Route(index, route) = table.find(host, path, &asked) else {
        return None;
    };
    let CrossOrigin(origin) = CrossOrigin::of(&request.headers, &route.cors)?;
    let answer = match origin {
        Some(origin) => Ok(methods(table.of_path(host, path), &origin, asked.as_str())),
        None => Err(Refusal::new(
            Code::CsrfRefused,
            "the route does not list this Origin",
        )),
    };
    Some(Preflight {
        route: (index, route),
        answer,
    })
}

/// The methods that a page of this origin may use. A browser may go by them for as long as it remembers them.
fn methods<'table>(
    routes: impl Iterator<Item = &'table Route>,
    origin: &HeaderValue,
    asked: &str,
) -> HeaderValue {
    let shared = routes.filter(|route| route.cors.iter().any(|listed| listed.is(origin)));
    let mut names = vec![asked];
    for name in shared.flat_map(|route| route.methods.allowed()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // Methods are made of characters that a header may have.
    HeaderValue::try_from(names.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

impl Preflight<'_> {
    /// The answer, but for what [`CrossOrigin::write`] says. Any header may be sent: a listed origin is trusted.
    pub(crate) fn response(self, request: &HeaderMap) -> Result<Response<Body>, Refusal> {
        let methods = self.answer?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if let Some(names) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        let varies = "Access-Control-Request-Method, Access-Control-Request-Headers";
        headers.append(VARY, HeaderValue::from_static(varies));
        Ok(response)
    }
}
