//! Which requests go where: Bulla's own routes, the configured ones, and `--upstream` for the rest.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use anyhow::{Context, bail};
use bulla_gateway::{
    route::{ForwardedClaim, Methods, PathPattern, Route, RouteTable},
    target::{InProcess, Target, Upstream},
};
use bulla_guard::access::{Access, AccessPolicy};
use bulla_server::{
    config::{self, Config, RouteAccess, values::HttpOrigin},
    demo,
    issuer::Issuer,
    routes, web,
};
use serde_json::{Value, json};

/// Where Bulla's own routes lead.
pub(crate) struct Services {
    issuer: InProcess,
    demo: InProcess,
    web: InProcess,
}

/// The demo's paths, and who may use them.
const DEMO: [(&str, Access, &[&str]); 5] = [
    ("/contact", Access::Anonymous, &[]),
    ("/api/profile", Access::Authenticated, &[]),
    ("/api/orders/{*rest}", Access::Authenticated, &[]),
    ("/api/admin", Access::Authenticated, &["admin"]),
    ("/api/users/{id}", Access::Authenticated, &["admin"]),
];

impl Services {
    /// The services of this issuer.
    pub(crate) fn new(issuer: &Arc<Issuer>) -> Self {
        Self {
            issuer: InProcess::new("issuer", routes::router(Arc::clone(issuer))),
            demo: InProcess::new("demo", demo::router(Arc::clone(issuer))),
            web: InProcess::new("web", web::router()),
        }
    }

    /// Services that are never called: to look at the routes only.
    pub(crate) fn placeholders() -> Self {
        let nothing = tower::service_fn(async |_| {
            Ok::<_, Infallible>(http::Response::new(http_body_util::Empty::new()))
        });
        Self {
            issuer: InProcess::new("issuer", nothing),
            demo: InProcess::new("demo", nothing),
            web: InProcess::new("web", nothing),
        }
    }
}

/// All routes of `bulla serve`.
///
/// # Errors
/// A configured route contradicts another one, or takes a path that is Bulla's own.
pub(crate) fn table(config: &Config, services: &Services) -> anyhow::Result<RouteTable> {
    let mut all = Vec::new();
    for path in routes::PATHS {
        all.push(open_route(path, &services.issuer)?);
    }
    let own = all.len();
    for route in configured(config)? {
        let reserved = all[..own]
            .iter()
            .find(|own| reserves(&own.path, &route.path));
        if let Some(reserved) = reserved {
            bail!(
                "the route {} lies within {}, which is Bulla's own",
                route.path,
                reserved.path
            );
        }
        all.push(route);
    }
    if let Some(upstream) = &config.upstream {
        all.push(everything_else(upstream)?);
    }
    if config.demo {
        // What is configured wins over the demo and the page.
        for route in demo_routes(services)? {
            if !all.iter().any(|other| same(&other.path, &route.path)) {
                all.push(route);
            }
        }
    }
    Ok(RouteTable::build(all)?)
}

/// The one route of a gateway without an issuer.
///
/// # Errors
/// The upstream is none.
pub(crate) fn upstream_only(upstream: &HttpOrigin) -> anyhow::Result<RouteTable> {
    Ok(RouteTable::build(vec![everything_else(upstream)?])?)
}

/// What is to be known about a route.
pub(crate) fn describe(route: &Route) -> Value {
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

fn configured(config: &Config) -> anyhow::Result<Vec<Route>> {
    let upstreams = config
        .upstreams
        .iter()
        .map(|upstream| {
            let servers: Vec<&str> = upstream.servers.iter().map(HttpOrigin::as_str).collect();
            let target = Upstream::parse(&upstream.name, &servers)
                .with_context(|| upstream.origin.to_string())?;
            Ok((upstream.name.as_str(), target))
        })
        .collect::<anyhow::Result<BTreeMap<&str, Upstream>>>()?;
    config
        .routes
        .iter()
        .map(|route| {
            let target = upstreams.get(route.upstream.as_str());
            let target = target.with_context(|| format!("no upstream {}", route.upstream))?;
            one_configured(route, target.clone())
        })
        .zip(&config.routes)
        .map(|(built, route)| built.with_context(|| route.origin.to_string()))
        .collect()
}

fn one_configured(route: &config::Route, upstream: Upstream) -> anyhow::Result<Route> {
    let methods = match route.methods.as_slice() {
        [] => Methods::all(),
        some => Methods::parse(some)?,
    };
    Ok(Route {
        host: None,
        path: PathPattern::parse(&route.path)?,
        methods,
        policy: policy(&route.access),
        target: Target::Upstream(upstream),
        body_limit: route.body_limit,
        forward_claims: route
            .forward_claims
            .iter()
            .map(|claim| ForwardedClaim::parse(claim))
            .collect::<Result<_, _>>()?,
        forward_token: route.forward_token,
    })
}

fn policy(access: &RouteAccess) -> AccessPolicy {
    match access {
        RouteAccess::Public => AccessPolicy::new(Access::Public),
        RouteAccess::Authenticated {
            roles,
            plans,
            scopes,
            claims,
        } => AccessPolicy {
            access: Access::Authenticated,
            roles: roles.iter().cloned().collect(),
            plans: plans.iter().cloned().collect(),
            scopes: scopes.iter().cloned().collect(),
            claims: claims.clone(),
        },
    }
}

fn demo_routes(services: &Services) -> anyhow::Result<Vec<Route>> {
    let mut routes = Vec::new();
    for path in web::PATHS {
        routes.push(open_route(path, &services.web)?);
    }
    for (path, access, roles) in DEMO {
        let mut route = open_route(path, &services.demo)?;
        route.policy = AccessPolicy::new(access);
        route.forward_claims.push(ForwardedClaim::parse("email")?);
        route.forward_claims = vec![ForwardedClaim::parse("email")?];
        route.policy.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        routes.push(route);
    }
    Ok(routes)
}

/// A public route to a service in this process. The service says itself which methods it has.
fn open_route(path: &str, service: &InProcess) -> anyhow::Result<Route> {
    Ok(Route {
        host: None,
        path: PathPattern::parse(path)?,
        methods: Methods::all(),
        policy: AccessPolicy::new(Access::Public),
        target: Target::Service(service.clone()),
        body_limit: None,
        forward_claims: Vec::new(),
        forward_token: true,
    })
}

fn everything_else(upstream: &HttpOrigin) -> anyhow::Result<Route> {
    Ok(Route {
        host: None,
        path: PathPattern::parse("/{*rest}")?,
        methods: Methods::all(),
        policy: AccessPolicy::new(Access::Authenticated),
        target: Target::Upstream(Upstream::parse("upstream", &[upstream.as_str()])?),
        body_limit: None,
        forward_claims: Vec::new(),
        forward_token: true,
    })
}

/// Whether a configured route would take paths that are Bulla's own. Under `/.well-known/`, which
/// everybody shares (RFC 8615), a more specific path is free to be taken.
fn reserves(own: &PathPattern, configured: &PathPattern) -> bool {
    let under = configured.as_str().strip_prefix("/auth");
    same(own, configured) || under.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether both have the same paths; the names of parameters make no difference.
fn same(one: &PathPattern, other: &PathPattern) -> bool {
    let shape = |pattern: &PathPattern| -> Vec<String> {
        let path = pattern.as_str().trim_end_matches('/');
        path.split('/')
            .map(|segment| match segment.as_bytes() {
                [b'{', b'*', ..] => "{*}".to_owned(),
                [b'{', ..] => "{}".to_owned(),
                _ => segment.to_owned(),
            })
            .collect()
    };
    shape(one) == shape(other)
}
