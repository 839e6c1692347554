//! What becomes of a request: the gateway's own steps, asked one by one.

use std::str::FromStr;

use bulla_gateway::{
    route::{
        CredentialPlace, Found, PathPrefix, Preflight, Route, RouteIndex, WebOrigin, admit,
        canonicalize, preflight,
    },
    target::Target,
};
use bulla_guard::{
    UnixTime, access::Access, client::CookieNames, limit::Plans, principal::Principal,
    problem::Code, refusal::Refusal,
};
use bulla_server::config::Origin;
use http::{
    HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, COOKIE},
    request::Parts,
};
use serde_json::{Map, Value, json};

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

/// What its token says.
pub(super) struct Bearer {
    pub(super) roles: Vec<String>,
    pub(super) plan: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) claims: Map<String, Value>,
    pub(super) anonymous: bool,
    pub(super) place: CredentialPlace,
}

/// What becomes of it.
pub(super) struct Outcome {
    request: String,
    /// The route, described; `null` if none has the path, or why no route was looked for.
    route: Value,
    answer: Result<String, Refusal>,
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

impl Bearer {
    /// Somebody who has this token.
    fn principal(&self) -> Principal {
        Principal {
            issuer: String::new(),
            subject: "somebody".to_owned(),
            session: None,
            client_id: None,
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
            plan: self.plan.clone(),
            anonymous: self.anonymous,
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
            let places = joined(&self.route["credential"], " or ");
            lines.push(format!("  token    from {places}"));
            if let Some(limit) = limited(&self.route["limit"]) {
                lines.push(format!("  limit    {limit}"));
            }
            let origins = joined(&self.route["cors"], ", ");
            if !origins.is_empty() {
                lines.push(format!("  cors     {origins}"));
            }
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

/// Which plan limits a request with this token, and how; `null`: none does.
fn limit(route: &Route, plans: &Plans, bearer: Option<&Bearer>) -> Value {
    let principal = bearer.map(Bearer::principal);
    let Some(plan) = route.limit.plan(plans, principal.as_ref()) else {
        return Value::Null;
    };
    let holder = principal
        .as_ref()
        .and_then(|who| plan.counted().holder(who));
    let counted = match holder {
        Some(_) => plan.counted().to_string(),
        None => "address".to_owned(),
    };
    let quota = plan.policy().quota();
    json!({
        "plan": plan.name(),
        "rate": quota.rate().to_string(),
        "burst": quota.burst(),
        "key": counted,
    })
}

fn describe(route: &Route, origin: Option<&Origin>, limit: &Value) -> Value {
    let access = match route.policy.access {
        Access::Public => "public",
        Access::Anonymous => "anonymous",
        Access::Authenticated => "authenticated",
    };
    let target = match &route.target {
        Target::Upstream(upstream) => format!("upstream {}", upstream.name()),
        Target::Service(service) => format!("bulla's {}", service.name()),
        Target::ForwardAuth(_) => "bulla's answers for listed proxies".to_owned(),
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
        "limit": limit,
        "body_limit": route.body_limit,
        "forward_token": route.forward_token,
        "credential": route.credential.iter().map(CredentialPlace::as_str).collect::<Vec<_>>(),
        "cors": route.cors.iter().map(WebOrigin::as_str).collect::<Vec<_>>(),
        "strip_prefix": route.strip_prefix.as_ref().map(PathPrefix::as_str),
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
        let names = joined(&route[key], ", ");
        if !names.is_empty() {
            asked = format!("{asked}, {words} {names}");
        }
    }
    match route["claims"].as_object() {
        Some(claims) if !claims.is_empty() => format!("{asked}, the claims {}", route["claims"]),
        _ => asked,
    }
}

/// `plan free: 60/m, 20 at once, by subject`
fn limited(limit: &Value) -> Option<String> {
    let text = |key: &str| limit[key].as_str();
    let (plan, rate, key) = (text("plan")?, text("rate")?, text("key")?);
    let burst = &limit["burst"];
    Some(format!("plan {plan}: {rate}, {burst} at once, by {key}"))
}

fn joined(names: &Value, separator: &str) -> String {
    let names = names.as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(Value::as_str).collect();
    names.join(separator)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
