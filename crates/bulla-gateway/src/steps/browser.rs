//! What the services of this process are told about a browser's request.

use bulla_guard::client::{BrowserRequest, CookieToken};
use http::{HeaderName, request::Parts};

use super::{cookies, csrf};
use crate::route::{Route, Site};

const MODE: HeaderName = HeaderName::from_static("x-bulla-mode");

/// What is removed from the request before it goes on, for those that may know it.
pub(crate) fn describe(request: &Parts, site: &Site, route: &Route) -> BrowserRequest {
    let (headers, names) = (&request.headers, site.cookies);
    let access = cookies::access_token(headers, names);
    BrowserRequest {
        access: access.map(|token| token.map(CookieToken::new)),
        refresh: cookies::refresh_token(headers, names),
        asks_for_cookies: csrf::is_exactly(headers, &MODE, "cookie"),
        meant: csrf::meant(headers, [&site.origins, &route.cors]),
    }
}
