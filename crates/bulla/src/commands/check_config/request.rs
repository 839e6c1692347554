//! What becomes of a request: the gateway's own steps, asked one by one.

use std::str::FromStr;

use bulla_gateway::route::{
    CredentialPlace, Found, Preflight, Route, RouteIndex, admit, canonicalize, preflight,
};
use bulla_guard::{client::CookieNames, limit::Plans, problem::Code, refusal::Refusal};
use http::{
    HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, COOKIE},
    request::Parts,
};
use serde_json::Value;

use super::{
    bearer::Bearer,
    outcome::{Outcome, describe, limit},
};
use crate::compose::routes::Routes;

/// A request that is only thought of.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: Method,
    host: Option<String>,
    path: String,
    query: Option<String>,
}

/// Stands for a token that holds: what it says is said beside it.
const TOKEN: &str = "a.b.c";

impl FromStr for Request {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (method, target) = text
            .split_once(' ')
            .ok_or("a request is a method and a path, as in \"GET /orders/7\"")?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| "that is no method")?;
        let (host, path) = match target.split_once("://") {
            Some(("http" | "https", rest)) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(without_port(authority)), path)
            }
            _ => (None, target),
        };
        if !path.starts_with('/') {
            return Err("a path begins with `/`");
        }
        let target = path.split('#').next().unwrap_or(path);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Ok(Self {
            method,
            host: host.map(str::to_owned),
            path: path.to_owned(),
            query,
        })
    }
}

impl Request {
    /// Follows it through the gateway: path, preflight, route, method, credential, CSRF, access policy.
    pub(super) fn outcome(
        &self,
        routes: &Routes,
        plans: &Plans,
        headers: &[(HeaderName, HeaderValue)],
        bearer: Option<&Bearer>,
    ) -> Outcome {
        let (method, path) = (&self.method, &self.path);
        let host = self.host.as_deref().unwrap_or_default();
        let path = match canonicalize(path) {
            Ok(path) => path,
            Err(ambiguous) => {
                let refusal = Refusal::new(Code::RequestMalformed, ambiguous.to_string());
                return Outcome::refused(format!("{method} {host}{path}"), refusal, None);
            }
        };
        let request = format!("{method} {host}{path}");
        let (table, host) = (&routes.table, self.host.as_deref());
        let head = match self.head(headers, bearer, table.site().cookies) {
            Ok(head) => head,
            Err(error) => {
                let refusal = Refusal::new(Code::RequestMalformed, error.to_string());
                return Outcome::refused(request, refusal, None);
            }
        };
        let decided = |(index, route): (RouteIndex, &Route), answer| Outcome {
            request: request.clone(),
            route: describe(route, routes.origin(index), &limit(route, plans, bearer)),
            answer,
        };
        if let Some(Preflight { route, answer }) = preflight(&head, table, host, &path) {
            let listed = |_: HeaderValue| {
                "the gateway answers this preflight: its Origin is listed".to_owned()
            };
            return decided(route, answer.map(listed));
        }
        match table.find(host, &path, method) {
            Found::Route(index, route) => {
                decided((index, route), passed(&head, route, routes, bearer))
            }
            Found::OtherMethods(methods) => {
                let allow = methods.allow().to_str().unwrap_or_default();
                let detail = format!("the path is there, with these methods: {allow}");
                let refusal = Refusal::new(Code::MethodNotAllowed, detail);
                Outcome::refused(request, refusal, Some(allow))
            }
            Found::Nothing => Outcome {
                request,
                route: Value::Null,
                answer: Err(Refusal::new(Code::NotFound, "no route has this path")),
            },
        }
    }
}

impl Request {
    /// The head as the gateway would read it, with the token where it is.
    fn head(
        &self,
        headers: &[(HeaderName, HeaderValue)],
        bearer: Option<&Bearer>,
        cookies: CookieNames,
    ) -> http::Result<Parts> {
        let place = bearer.map(|bearer| bearer.place);
        let in_query = place == Some(CredentialPlace::Query);
        let token = in_query.then(|| format!("access_token={TOKEN}"));
        let query: Vec<String> = self.query.iter().cloned().chain(token).collect();
        // The path has been read already; here its query counts alone.
        let target = format!("/?{}", query.join("&"));
        let mut request = http::Request::builder().method(&self.method).uri(target);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request = match place {
            Some(CredentialPlace::Header) => {
                request.header(AUTHORIZATION, format!("Bearer {TOKEN}"))
            }
            Some(CredentialPlace::Cookie) => {
                request.header(COOKIE, format!("{}={TOKEN}", cookies.access()))
            }
            _ => request,
        };
        Ok(request.body(())?.into_parts().0)
    }
}

/// Whether the request passes on this route, and why.
fn passed(
    head: &Parts,
    route: &Route,
    routes: &Routes,
    bearer: Option<&Bearer>,
) -> Result<String, Refusal> {
    let place = bearer.map(|bearer| bearer.place);
    let form = (place == Some(CredentialPlace::Form)).then(|| format!("access_token={TOKEN}"));
    let site = routes.table.site();
    let principal = admit(head, form.as_deref(), route, site, |token| {
        let bearer = bearer.filter(|_| token.is_some());
        Ok(bearer.map(|bearer| Box::new(bearer.principal())))
    })?;
    let mut why = match (route.policy.is_public(), principal.is_some()) {
        (true, false) if bearer.is_some() => "the route is public, and does not heed this token",
        (true, _) => "the route is public",
        (false, _) => "the token has all that the route asks for",
    }
    .to_owned();
    if principal.is_some() && !head.method.is_safe() {
        why.push_str(match place {
            Some(CredentialPlace::Cookie) => ", and the cookie was sent by a page that may",
            _ => "; it is in no cookie, so X-Bulla-CSRF is not needed",
        });
    }
    Ok(why)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
