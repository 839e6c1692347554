//! Who is it, and may they?

use std::ops::Deref;

use bulla_guard::{principal::Principal, refusal::Refusal};
use http::request::Parts;

use super::{credential, csrf};
use crate::route::{CredentialPlace, Route, Site};

/// Decides whether a request passes on a route, and on whose behalf (`None`: nobody's): finds its token in the route's
/// places, lets `identify` say who that is, and asks of a cookie that its sender meant it, and of the one who comes what
/// the route asks.
///
/// `form` is the body, if the request sends a form and the route reads it; `site` is the
/// [table's](crate::route::RouteTable::site). On a public route a token that does not hold counts as none, and so
/// does a cookie that another site may have made a browser send.
///
/// # Errors
/// 400 `request_malformed`, 401 `token_malformed`, what `identify` refuses with, 403 `csrf_refused`, and what
/// [`AccessPolicy::authorize`](bulla_guard::access::AccessPolicy::authorize) refuses with; the first in this order.
pub fn admit<P: Deref<Target = Principal>>(
    request: &Parts,
    form: Option<&str>,
    route: &Route,
    site: &Site,
    identify: impl FnOnce(Option<&str>) -> Result<Option<P>, Refusal>,
) -> Result<Option<P>, Refusal> {
    let principal = match known(request, form, route, site, identify) {
        Err(_) if route.policy.is_public() => return Ok(None),
        known => known?,
    };
    route.policy.authorize(principal.as_deref())?;
    Ok(principal)
}

/// Who it is.
fn known<P>(
    request: &Parts,
    form: Option<&str>,
    route: &Route,
    site: &Site,
    identify: impl FnOnce(Option<&str>) -> Result<Option<P>, Refusal>,
) -> Result<Option<P>, Refusal> {
    let Some(credential) = credential::find(request, form, route.credential, site.cookies)? else {
        return if route.policy.is_public() {
            Ok(None)
        } else {
            identify(None)
        };
    };
    let principal = identify(Some(&credential.token))?;
    if credential.place == CredentialPlace::Cookie {
        csrf::check(request, [&site.origins, &route.cors])?;
    }
    Ok(principal)
}
