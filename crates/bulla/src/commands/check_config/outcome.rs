//! What becomes of a request, for programs and for people.

use bulla_gateway::{
    route::{CredentialPlace, PathPrefix, Route, WebOrigin},
    target::Target,
};
use bulla_guard::{access::Access, limit::Plans, refusal::Refusal};
use bulla_server::config::Origin;
use serde_json::{Value, json};

use super::bearer::Bearer;

/// What becomes of it.
pub(super) struct Outcome {
    pub(super) request: String,
    /// The route, described; `null` if none has the path, or why no route was looked for.
    pub(super) route: Value,
    pub(super) answer: Result<String, Refusal>,
}

impl Outcome {
    /// Refused before there was a route to describe.
    pub(super) fn refused(request: String, refusal: Refusal, allow: Option<&str>) -> Self {
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
pub(super) fn limit(route: &Route, plans: &Plans, bearer: Option<&Bearer>) -> Value {
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
    let mut limit = plan.policy().quota().described(&counted);
    limit["plan"] = plan.name().into();
    limit
}

/// A route, and how it limits the request.
pub(super) fn describe(route: &Route, origin: Option<&Origin>, limit: &Value) -> Value {
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
