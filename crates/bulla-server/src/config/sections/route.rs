//! `[[route]]`

use std::collections::{BTreeMap, BTreeSet};

use super::span::{DAY, SECOND, duration};
use crate::config::{
    reader::{Mistake, Section, boolean, expected_instead, list, parsed, text, word},
    settings::{Route, RouteAccess, RouteLimit, Streams},
    suggestion,
    tree::{Node, Table, Value},
    values::{InvalidValue, parse_size},
};
use bulla_core::account::{Plan, Role};
use bulla_guard::{access::Access, limit};

/// The keys that ask something of a token.
const DEMANDS: [&str; 4] = ["roles", "plans", "scopes", "claims"];

pub(super) fn routes(
    top: &mut Section<'_>,
    upstreams: &[String],
    plans: &[limit::Plan],
) -> Vec<Route> {
    let sections = top.sections("route");
    sections
        .into_iter()
        .filter_map(|section| route(section, upstreams, plans))
        .collect()
}

/// `None` if something that has no default is missing or wrong.
fn route(mut section: Section<'_>, upstreams: &[String], plans: &[limit::Plan]) -> Option<Route> {
    let host = section.written("host");
    section.needs("path");
    let path = section.written("path");
    let methods = section.written_list("methods");
    let upstream = section.require("upstream", |node| upstream(node, upstreams));
    let access = access(&mut section);
    let body_limit = section.read("body_limit", parsed(parse_size));
    let forward_claims = section.written_list("forward_claims");
    let forward_token = section.read("forward_token", boolean);
    let credential = section.written_list("credential");
    let cors = section.written_list("cors");
    let strip_prefix = section.written("strip_prefix");
    let request_headers = section.hidden_table("request_headers");
    let response_headers = section.hidden_table("response_headers");
    let response_timeout = section.read("response_timeout", duration(SECOND..=DAY));
    let tunnel_timeout = section.read("tunnel_timeout", duration(SECOND..=DAY));
    let streams = section.read(
        "streams",
        word(&[
            ("until_revoked", Streams::UntilRevoked),
            ("until_expired", Streams::UntilExpired),
            ("keep", Streams::Keep),
        ]),
    );
    let limit = section.read("limit", |node| route_limit(node, plans));
    let (name, origin) = (section.name(), section.origin());
    section.finish();
    Some(Route {
        host,
        path: path?,
        methods,
        upstream: upstream?,
        access,
        body_limit,
        forward_claims: forward_claims.map_or_else(Vec::new, |claims| claims.value),
        forward_token: forward_token.unwrap_or(true),
        credential,
        cors: cors.map_or_else(Vec::new, |origins| origins.value),
        strip_prefix,
        request_headers: request_headers.unwrap_or_default(),
        response_headers: response_headers.unwrap_or_default(),
        response_timeout,
        tunnel_timeout,
        streams: streams.unwrap_or(Streams::UntilRevoked),
        limit: limit.unwrap_or(RouteLimit::Off),
        name,
        origin,
    })
}

fn access(section: &mut Section<'_>) -> RouteAccess {
    let access = section.read(
        "access",
        word(&[
            ("public", Access::Public),
            ("anonymous", Access::Anonymous),
            ("authenticated", Access::Authenticated),
        ]),
    );
    if access == Some(Access::Public) {
        for key in DEMANDS.into_iter().filter(|key| section.has(key)) {
            let message =
                "a public route asks for nothing: remove this, or set `access = \"authenticated\"`";
            section.problem(key, message, None);
        }
    }
    let names = |names: Option<Vec<String>>| names.into_iter().flatten().collect::<BTreeSet<_>>();
    let roles = names(section.read("roles", list(parsed(role))));
    let plans = names(section.read("plans", list(parsed(plan))));
    let scopes = names(section.read("scopes", list(parsed(scope))));
    let claims = section.read("claims", claims).unwrap_or_default();
    if access == Some(Access::Public) {
        return RouteAccess::Public;
    }
    RouteAccess::Token {
        anonymous: access == Some(Access::Anonymous),
        roles,
        plans,
        scopes,
        claims,
    }
}

fn upstream(node: &Node, upstreams: &[String]) -> Result<String, Vec<Mistake>> {
    let name = text(node)?;
    if upstreams.contains(&name) {
        return Ok(name);
    }
    let near = suggestion::closest(&name, upstreams.iter().map(String::as_str));
    let message = format!("there is no `[[upstream]]` named `{name}`");
    Err(Mistake::one(message, near.map(str::to_owned)))
}

fn route_limit(node: &Node, plans: &[limit::Plan]) -> Result<RouteLimit, Vec<Mistake>> {
    let built_in = [limit::FREE, limit::ANONYMOUS, limit::ANONYMOUS_MINIMAL];
    let names = || plans.iter().map(limit::Plan::name).chain(built_in);
    match text(node)? {
        word if word == "off" => Ok(RouteLimit::Off),
        word if word == "plan" => Ok(RouteLimit::OwnPlan),
        name if names().any(|known| known == name) => Ok(RouteLimit::Plan(name)),
        name => {
            let near = suggestion::closest(&name, names().chain(["plan", "off"]));
            let message = format!(
                "expected `plan`, `off`, or the name of a plan; there is no `[plans.{name}]`"
            );
            Err(Mistake::one(message, near.map(str::to_owned)))
        }
    }
}

fn role(text: &str) -> Result<String, InvalidValue> {
    let invalid = |_| InvalidValue::new("a role such as `admin`", None);
    Role::parse(text)
        .map(|role| role.as_str().to_owned())
        .map_err(invalid)
}

fn plan(text: &str) -> Result<String, InvalidValue> {
    let invalid = |_| InvalidValue::new("a plan such as `free`", None);
    Plan::parse(text)
        .map(|plan| plan.as_str().to_owned())
        .map_err(invalid)
}

/// RFC 6749 section 3.3: `scope-token`.
fn scope(text: &str) -> Result<String, InvalidValue> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if text.is_empty() || !text.bytes().all(allowed) {
        return Err(InvalidValue::new("one scope such as `orders:read`", None));
    }
    Ok(text.to_owned())
}

fn claims(node: &Node) -> Result<BTreeMap<String, serde_json::Value>, Vec<Mistake>> {
    let Value::Table(table) = &node.value else {
        return Err(expected_instead(node, "a table such as `{ beta = true }`"));
    };
    Ok(members(table)?.into_iter().collect())
}

fn members(table: &Table) -> Result<Vec<(String, serde_json::Value)>, Vec<Mistake>> {
    let mut members = Vec::with_capacity(table.len());
    for (name, node) in table {
        members.push((name.clone(), json(node)?));
    }
    Ok(members)
}

fn json(node: &Node) -> Result<serde_json::Value, Vec<Mistake>> {
    Ok(match &node.value {
        Value::Text(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) if number.is_finite() => (*number).into(),
        Value::Boolean(boolean) => (*boolean).into(),
        Value::Array(elements) => elements
            .iter()
            .map(json)
            .collect::<Result<Vec<_>, _>>()?
            .into(),
        Value::Table(table) => serde_json::Value::from_iter(members(table)?),
        Value::Float(_) | Value::Datetime | Value::Overlay(_) => {
            return Err(expected_instead(node, "a value that JSON has"));
        }
    })
}
