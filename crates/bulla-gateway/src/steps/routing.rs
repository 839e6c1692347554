//! Which route a request takes.

use bulla_guard::problem::Code;
use http::request::Parts;

use super::cors::CrossOrigin;
use crate::{
    refused::Refused,
    route::{Found, Route, RouteIndex, RouteTable},
};

/// The route of a request, and in `cross_origin` how the request stands to it, or to its path.
///
/// # Errors
/// 404 `not_found`, 405 `method_not_allowed`.
pub(crate) fn find<'table>(
    routes: &'table RouteTable,
    head: &Parts,
    host: Option<&str>,
    path: &str,
    cross_origin: &mut Option<CrossOrigin>,
) -> Result<(RouteIndex, &'table Route), Refused> {
    match routes.find(host, path, &head.method) {
        Found::Route(index, route) => {
            *cross_origin = CrossOrigin::of(&head.headers, &route.cors);
            Ok((index, route))
        }
        Found::OtherMethods(methods) => {
            *cross_origin = CrossOrigin::of(&head.headers, methods.cors());
            Err(Refused::OtherMethods(methods.allow().clone()))
        }
        Found::Nothing => Err(nothing_here()),
    }
}

/// What whoever may not know of a route is told.
pub(crate) fn nothing_here() -> Refused {
    Refused::new(Code::NotFound, "no route has this path")
}
