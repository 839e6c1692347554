//! `[[upstream]]` and `[[route]]`, read by the gateway's own types: what they refuse is said of the line that they refuse.

use std::{collections::BTreeMap, fmt::Display};

use bulla_gateway::{
    route::{
        AddedHeader, CredentialPlace, CredentialPlaces, ForwardedClaim, HostName, Methods,
        PathPattern, PathPrefix, Route, RouteLimit, Streams, WebOrigin, canonicalize,
    },
    target::{Target, Upstream},
};
use bulla_guard::{
    access::{Access, AccessPolicy},
    limit::Plans,
};
use bulla_server::config::{self, Config, Hidden, Problem, RouteAccess, Written};
use http::Method;

use super::upstream;
use crate::compose::limits;

/// All routes that can be read; with what is wrong with the others added to `problems`.
pub(super) fn read<'config>(
    config: &'config Config,
    problems: &mut Vec<Problem>,
) -> Vec<(&'config config::Route, Route)> {
    let upstreams: BTreeMap<&str, Upstream> = config
        .upstreams
        .iter()
        .filter_map(|written| Some((written.name.as_str(), upstream::read(written, problems)?)))
        .collect();
    let plans = limits::plans(config);
    config
        .routes
        .iter()
        .filter_map(|written| {
            let upstream = upstreams.get(written.upstream.as_str()).cloned();
            let route = route(written, upstream, problems)?;
            let limit = limit(&written.limit, &plans);
            Some((written, Route { limit, ..route }))
        })
        .collect()
}

/// The origins, if all of them are some.
pub(super) fn origins(written: &[Written], problems: &mut Vec<Problem>) -> Option<Vec<WebOrigin>> {
    all(written, problems, |origin| {
        WebOrigin::parse(origin).map_err(|error| (error, meant_origin(origin)))
    })
}

/// Everything is read before anything is missed. Without an upstream, what is wrong with that has been said.
fn route(
    written: &config::Route,
    upstream: Option<Upstream>,
    problems: &mut Vec<Problem>,
) -> Option<Route> {
    let host = written.host.as_slice();
    let host = all(host, problems, |host| {
        HostName::parse(host).map_err(|error| (error, meant_host(host)))
    });
    let path = one(&written.path, problems, |path| {
        PathPattern::parse(path).map_err(|error| (error, meant_path(path)))
    });
    let methods = match &written.methods {
        None => Some(Methods::all()),
        Some(list) => methods(list, problems),
    };
    let forward_claims = all(&written.forward_claims, problems, |claim| {
        ForwardedClaim::parse(claim).map_err(|error| (error, None))
    });
    let credential = match &written.credential {
        None => Some(CredentialPlaces::default()),
        Some(list) => credential(list, problems),
    };
    let cors = origins(&written.cors, problems);
    let strip_prefix = all(written.strip_prefix.as_slice(), problems, |prefix| {
        PathPrefix::parse(prefix).map_err(|error| (error, meant_prefix(prefix)))
    });
    let request_headers = headers(
        &written.request_headers,
        problems,
        AddedHeader::for_requests,
    );
    let response_headers = headers(
        &written.response_headers,
        problems,
        AddedHeader::for_answers,
    );
    let target = Target::Upstream(upstream?);
    Some(Route {
        host: host?.pop(),
        methods: methods?,
        body_limit: written.body_limit,
        forward_claims: forward_claims?,
        forward_token: written.forward_token,
        credential: credential?,
        cors: cors?,
        strip_prefix: strip_prefix?.pop(),
        request_headers: request_headers?.into(),
        response_headers: response_headers?,
        response_timeout: written.response_timeout,
        tunnel_timeout: written.tunnel_timeout,
        streams: match written.streams {
            config::Streams::UntilRevoked => Streams::UntilRevoked,
            config::Streams::UntilExpired => Streams::UntilExpired,
            config::Streams::Keep => Streams::Keep,
        },
        ..Route::new(path?, policy(&written.access), target)
    })
}

fn limit(written: &config::RouteLimit, plans: &Plans) -> RouteLimit {
    match written {
        config::RouteLimit::Off => RouteLimit::Off,
        config::RouteLimit::OwnPlan => RouteLimit::OwnPlan,
        // The configuration names no other than those that there are.
        config::RouteLimit::Plan(name) => plans
            .named(name)
            .map_or(RouteLimit::OwnPlan, |plan| RouteLimit::Plan(plan.clone())),
    }
}

fn credential(
    written: &Written<Vec<Written>>,
    problems: &mut Vec<Problem>,
) -> Option<CredentialPlaces> {
    if written.value.is_empty() {
        let message = "a token needs a place; leave this out for header and cookie";
        problems.push(written.problem(message, None));
        return None;
    }
    let places = all(&written.value, problems, |place| {
        CredentialPlace::parse(place).map_err(|error| (error, meant_place(place)))
    })?;
    Some(places.into_iter().collect())
}

/// What is wrong with a header never repeats its value: that may be a secret.
fn headers<E: Display>(
    written: &[(String, Written<Hidden>)],
    problems: &mut Vec<Problem>,
    parse: impl Fn(&str, &str) -> Result<AddedHeader, E>,
) -> Option<Vec<AddedHeader>> {
    let named = |headers: &[AddedHeader], new: &AddedHeader| {
        headers.iter().any(|header| header.name() == new.name())
    };
    let mut headers = Vec::with_capacity(written.len());
    for (name, text) in written {
        match parse(name, &text.value.0) {
            Ok(header) if named(&headers, &header) => {
                problems.push(text.problem("this header is set twice", None));
            }
            Ok(header) => headers.push(header),
            Err(error) => problems.push(text.problem(error.to_string(), None)),
        }
    }
    (headers.len() == written.len()).then_some(headers)
}

fn methods(written: &Written<Vec<Written>>, problems: &mut Vec<Problem>) -> Option<Methods> {
    let names = all(&written.value, problems, |method| {
        Methods::parse(&[method])
            .map(|_| method.to_owned())
            .map_err(|error| (error, meant_method(method)))
    })?;
    Methods::parse(&names)
        .map_err(|error| problems.push(written.problem(error.to_string(), None)))
        .ok()
}

fn policy(access: &RouteAccess) -> AccessPolicy {
    match access {
        RouteAccess::Public => AccessPolicy::new(Access::Public),
        RouteAccess::Token {
            anonymous,
            roles,
            plans,
            scopes,
            claims,
        } => AccessPolicy {
            access: if *anonymous {
                Access::Anonymous
            } else {
                Access::Authenticated
            },
            roles: roles.iter().cloned().collect(),
            plans: plans.iter().cloned().collect(),
            scopes: scopes.iter().cloned().collect(),
            claims: claims.clone(),
        },
    }
}

/// Reads every element; `None` if one of them was refused.
pub(super) fn all<T, E: Display>(
    written: &[Written],
    problems: &mut Vec<Problem>,
    parse: impl Fn(&str) -> Result<T, (E, Option<String>)>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = written
        .iter()
        .map(|element| one(element, problems, &parse))
        .collect();
    read.into_iter().collect()
}

/// Reads one setting; what its type refuses is a problem, with what was probably meant.
pub(super) fn one<T, E: Display>(
    written: &Written,
    problems: &mut Vec<Problem>,
    parse: impl Fn(&str) -> Result<T, (E, Option<String>)>,
) -> Option<T> {
    parse(&written.value)
        .map_err(|(error, meant)| {
            let found = format!("`{}`", written.value);
            let message = match error.to_string() {
                message if message.contains(&found) => message,
                message => format!("{message}, found {found}"),
            };
            problems.push(written.problem(message, meant));
        })
        .ok()
}

/// The same path as requests have it: one `/` before each segment, nothing escaped without need.
pub(super) fn meant_path(text: &str) -> Option<String> {
    let segment = |segment: &str| {
        if segment.contains(['{', '}']) {
            return Some(format!("/{segment}"));
        }
        let path = format!("/{segment}");
        canonicalize(&path).ok().map(std::borrow::Cow::into_owned)
    };
    let segments: Option<Vec<String>> = text
        .split('/')
        .filter(|piece| !piece.is_empty())
        .map(segment)
        .collect();
    let meant = segments?.concat();
    PathPattern::parse(&meant).ok().map(|_| meant)
}

fn meant_method(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let known = Methods::parse(&[&upper]).is_ok() && Method::from_bytes(upper.as_bytes()).is_ok();
    known.then_some(upper)
}

/// The host of a URL, or without its port.
fn meant_host(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split('/').next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    HostName::parse(host).ok().map(|_| host.to_owned())
}

/// The origin of a URL.
fn meant_origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let authority = rest.split(['/', '?', '#']).next()?;
    let origin = WebOrigin::parse(&format!("{scheme}://{authority}")).ok()?;
    authority.contains('.').then(|| origin.to_string())
}

fn meant_prefix(text: &str) -> Option<String> {
    let meant = meant_path(text)?;
    PathPrefix::parse(&meant).ok().map(|_| meant)
}

fn meant_place(text: &str) -> Option<String> {
    let meant = match text.to_ascii_lowercase().as_str() {
        "headers" | "bearer" | "authorization" => "header".to_owned(),
        "cookies" => "cookie".to_owned(),
        "body" => "form".to_owned(),
        other => other.to_owned(),
    };
    CredentialPlace::parse(&meant).ok().map(|_| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(meant: fn(&str) -> Option<String>, cases: &[(&str, Option<&str>)]) {
        for (text, expected) in cases {
            assert_eq!(meant(text).as_deref(), *expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_meant_as_requests_have_it() {
        check(
            meant_path,
            &[
                ("api/{id}", Some("/api/{id}")),
                ("/a//b/{*rest}", Some("/a/b/{*rest}")),
                ("/%61pi", Some("/api")),
                ("/a b", Some("/a%20b")),
                ("/a/../b", None),
                ("/a%2Fb", None),
                ("/{id}x", None),
            ],
        );
    }

    #[test]
    fn a_method_is_meant_in_capitals() {
        check(
            meant_method,
            &[("get", Some("GET")), ("trace", None), ("a b", None)],
        );
    }

    #[test]
    fn a_host_is_meant_without_scheme_port_and_path() {
        check(
            meant_host,
            &[
                ("https://api.example.com/", Some("api.example.com")),
                ("api.example.com:443", Some("api.example.com")),
                ("[::1]:80", Some("[::1]")),
                ("*.example.com", None),
            ],
        );
    }

    #[test]
    fn an_origin_is_meant_without_what_follows_it() {
        check(
            meant_origin,
            &[
                ("https://app.example.com/", Some("https://app.example.com")),
                ("app.example.com", Some("https://app.example.com")),
                ("HTTP://a.example/b", Some("http://a.example")),
                ("*", None),
                ("null", None),
                ("https://*.example.com", None),
            ],
        );
    }

    #[test]
    fn a_prefix_and_a_place_are_meant_as_they_are_written() {
        check(
            meant_prefix,
            &[
                ("/api/", Some("/api")),
                ("api", Some("/api")),
                ("/", None),
                ("/{id}", None),
            ],
        );
        check(
            meant_place,
            &[
                ("Cookie", Some("cookie")),
                ("bearer", Some("header")),
                ("jar", None),
            ],
        );
    }
}
