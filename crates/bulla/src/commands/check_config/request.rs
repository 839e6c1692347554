//! What becomes of a request: the gateway's own steps, asked one by one.

use std::str::FromStr;

use bulla_gateway::{
    route::{Found, Route, canonicalize},
    target::Target,
};
use bulla_guard::{
    UnixTime, access::Access, principal::Principal, problem::Code, refusal::Refusal,
};
use bulla_server::config::Origin;
use http::Method;
use serde_json::{Map, Value, json};

use crate::compose::routes::Routes;

/// A request that is only thought of.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: Method,
    host: Option<String>,
    path: String,
}

/// What its token says.
pub(super) struct Bearer {
    pub(super) roles: Vec<String>,
    pub(super) plan: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) claims: Map<String, Value>,
}

/// What becomes of it.
pub(super) struct Outcome {
    request: String,
    /// The route, described; `null` if none has the path, or why no route was looked for.
    route: Value,
    answer: Result<&'static str, Refusal>,
}

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
        let path = path.split(['?', '#']).next().unwrap_or(path);
        Ok(Self {
            method,
            host: host.map(str::to_owned),
            path: path.to_owned(),
        })
    }
}

impl Request {
    /// Follows it through the gateway: path, route, method, access policy.
    pub(super) fn outcome(&self, routes: &Routes, bearer: Option<&Bearer>) -> Outcome {
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
        match routes.table.find(self.host.as_deref(), &path, method) {
            Found::Route(index, route) => {
                let principal = bearer.map(Bearer::principal);
                let origin = routes.origin(index);
                let passed = route.policy.authorize(principal.as_ref());
                Outcome {
                    request,
                    route: describe(route, origin),
                    answer: passed.map(|()| match route.policy.is_public() {
                        true => "the route is public",
                        false => "the token has all that the route asks for",
                    }),
                }
            }
            Found::OtherMethods(allow) => {
                let allow = allow.to_str().unwrap_or_default();
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

impl Bearer {
    /// Somebody who is signed in and has this token.
    fn principal(&self) -> Principal {
        Principal {
            issuer: String::new(),
            subject: "somebody".to_owned(),
            session: None,
            client_id: None,
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
            plan: self.plan.clone(),
            anonymous: false,
            token_id: None,
            key_id: None,
            epoch: None,
            generation: None,
            issued_at: None,
            expires_at: UnixTime::from_seconds(u64::MAX),
            claims: self.claims.clone(),
        }
    }
}

impl Outcome {
    /// Refused before there was a route to describe.
    fn refused(request: String, refusal: Refusal, allow: Option<&str>) -> Self {
        let mut route = json!({
            "refused": refusal.status().as_u16(),
            "code": refusal.code.as_str(),
            "detail": refusal.detail,
        });
        if let Some(allow) = allow {
            route["allow"] = allow.into();
        }
        Self {
            request,
            route,
            answer: Err(refusal),
        }
    }

    /// `request` as the gateway reads it, `route`, and `decision`.
    pub(super) fn json(&self) -> Value {
        let decision = match &self.answer {
            Ok(reason) => json!({ "allowed": true, "detail": reason }),
            Err(refusal) => json!({
                "allowed": false,
                "status": refusal.status().as_u16(),
                "code": refusal.code.as_str(),
                "detail": refusal.detail,
            }),
        };
        json!({ "request": self.request, "route": self.route, "decision": decision })
    }

    /// The same for people.
    pub(super) fn screen(&self) -> String {
        let mut lines = vec![self.request.clone()];
        if let (Some(path), Some(target)) =
            (self.route["path"].as_str(), self.route["target"].as_str())
        {
            let origin = self.route["origin"].as_str();
            let origin = origin.map_or(String::new(), |origin| format!(" ({origin})"));
            lines.push(format!("  route    {path}{origin}, to {target}"));
            lines.push(format!("  access   {}", asked(&self.route)));
        }
        lines.push(match &self.answer {
            Ok(reason) => format!("  allowed  {reason}"),
            Err(refusal) => format!(
                "  refused  {} {}: {}",
                refusal.status().as_u16(),
                refusal.code.as_str(),
                refusal.detail
            ),
        });
        lines.join("\n")
    }
}

fn describe(route: &Route, origin: Option<&Origin>) -> Value {
    let access = match route.policy.access {
        Access::Public => "public",
        Access::Anonymous => "anonymous",
        Access::Authenticated => "authenticated",
    };
    let target = match &route.target {
        Target::Upstream(upstream) => format!("upstream {}", upstream.name()),
        Target::Service(service) => format!("bulla's {}", service.name()),
    };
    json!({
        "origin": origin.map(ToString::to_string),
        "host": route.host.as_ref().map(|host| host.as_str()),
        "path": route.path.as_str(),
        "target": target,
        "access": access,
        "roles": route.policy.roles,
        "plans": route.policy.plans,
        "scopes": route.policy.scopes,
        "claims": route.policy.claims,
        "body_limit": route.body_limit,
        "forward_token": route.forward_token,
    })
}

/// `authenticated, one of the roles admin, staff`
fn asked(route: &Value) -> String {
    let mut asked = route["access"].as_str().unwrap_or_default().to_owned();
    for (key, words) in [
        ("roles", "one of the roles"),
        ("plans", "one of the plans"),
        ("scopes", "all of the scopes"),
    ] {
        let names = route[key].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        if !names.is_empty() {
            asked = format!("{asked}, {words} {}", names.join(", "));
        }
    }
    match route["claims"].as_object() {
        Some(claims) if !claims.is_empty() => format!("{asked}, the claims {}", route["claims"]),
        _ => asked,
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
