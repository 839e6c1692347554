//! Which requests go where: Bulla's own routes, the configured ones, and `--upstream` for the rest.

mod configured;
mod upstream;

use std::{convert::Infallible, path::PathBuf, sync::Arc};

use bulla_gateway::{
    route::{
        ForwardedClaim, HostName, InvalidPathPattern, PathPattern, Route, RouteIndex, RouteLimit,
        RouteTable, Site, WebOrigin,
    },
    target::{AskingProxy, InProcess, Target, Upstream, UpstreamOptions},
};
use bulla_guard::{
    access::{Access, AccessPolicy},
    client::CookieNames,
};
use bulla_server::{
    config::{Config, ConfigError, Origin, Problem, values::HttpOrigin},
    demo,
    issuer::Issuer,
    routes,
    store::sqlite::DemoSessions,
    web,
};

/// The one tree that is not only Bulla's: below it, what Bulla does not answer itself can be configured (RFC 8615).
const SHARED: &str = "/.well-known/{*rest}";

/// Where listed proxies ask about requests.
const FORWARD_AUTH: [(&str, AskingProxy); 3] = [
    ("/forward-auth", AskingProxy::Any),
    ("/forward-auth/nginx", AskingProxy::Nginx),
    ("/forward-auth/envoy", AskingProxy::Envoy),
];

/// Where Bulla's own routes lead.
pub(crate) struct Services {
    issuer: InProcess,
    demo: InProcess,
    web: InProcess,
}

impl Services {
    /// The services of this issuer; the demo only where its sessions can be kept.
    ///
    /// # Errors
    /// The demo has no key.
    pub(crate) fn new(
        issuer: &Arc<Issuer>,
        demo_sessions: Option<DemoSessions>,
    ) -> anyhow::Result<Self> {
        let mut services = Self {
            issuer: InProcess::new("issuer", routes::router(Arc::clone(issuer))),
            web: InProcess::new("web", web::router()),
            ..Self::placeholders()
        };
        if let Some(sessions) = demo_sessions {
            let demo = demo::router(Arc::clone(issuer), sessions)?;
            services.demo = InProcess::new("demo", demo);
        }
        Ok(services)
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
#[derive(Default)]
pub(crate) struct Routes {
    /// Ready to be searched.
    pub(crate) table: RouteTable,
    /// Where each of them was written; none for Bulla's own.
    origins: Vec<Option<Origin>>,
    problems: Vec<Problem>,
}

/// What is wrong with the routes of a configuration: all of it, each with its place.
pub(crate) fn problems(config: &Config) -> Vec<Problem> {
    Routes::build(config, &Services::placeholders()).problems
}

/// The files that the routes of a configuration are made of, besides its own.
pub(crate) fn files(config: &Config) -> impl Iterator<Item = PathBuf> {
    let authorities = config
        .upstreams
        .iter()
        .filter_map(|upstream| upstream.ca.as_ref());
    authorities.map(|file| PathBuf::from(&file.value))
}

/// The routes of a gateway without an issuer, which clients reach at `own`.
///
/// # Errors
/// The upstream is none.
pub(crate) fn upstream_only(upstream: &HttpOrigin, own: &HttpOrigin) -> anyhow::Result<RouteTable> {
    let mut table = RouteTable::build(vec![everything_else(upstream)?])?;
    for (path, proxy) in FORWARD_AUTH {
        table.insert(open_route(path, Target::ForwardAuth(proxy))?)?;
    }
    Ok(table.with_site(Site {
        origins: own_origins(own),
        cookies: CookieNames::default(),
    }))
}

/// The origins of Bulla's own pages: where clients reach it, and the other name of the same machine. A host that no
/// browser could have asked is nobody's origin.
fn own_origins(own: &HttpOrigin) -> Vec<WebOrigin> {
    let origin = WebOrigin::parse(own.as_str()).ok();
    let twin = origin.as_ref().and_then(WebOrigin::loopback_twin);
    origin.into_iter().chain(twin).collect()
}

/// What browsers know a Bulla of this configuration as.
fn site(config: &Config) -> Site {
    Site {
        origins: own_origins(&config.public_url),
        cookies: config.cookies.unwrap_or_default(),
    }
}

impl Routes {
    /// Reads and puts together the routes of a configuration.
    ///
    /// # Errors
    /// All its [`problems`].
    pub(crate) fn new(config: &Config, services: &Services) -> Result<Self, ConfigError> {
        let routes = Self::build(config, services);
        if routes.problems.is_empty() {
            Ok(routes)
        } else {
            Err(ConfigError::Invalid(routes.problems))
        }
    }

    /// Where a route was written; `None` if it is Bulla's own.
    pub(crate) fn origin(&self, index: RouteIndex) -> Option<&Origin> {
        self.origins.get(index.position())?.as_ref()
    }

    fn build(config: &Config, services: &Services) -> Self {
        let mut routes = Self {
            table: RouteTable::default()
                .with_site(site(config))
                .with_challenge(config.anonymous.then_some(routes::CHALLENGE_PATH)),
            ..Self::default()
        };
        let cors = configured::origins(&config.cors, &mut routes.problems).unwrap_or_default();
        let configured = configured::read(config, &mut routes.problems);
        let hosts = configured
            .iter()
            .filter_map(|(_, route)| route.host.clone());
        routes.add_own(services, hosts.collect(), &cors);
        let own = routes.table.routes().len();
        for (written, route) in configured {
            let taken = routes.table.routes()[..own]
                .iter()
                .map(|own| &own.path)
                .find(|own| reserves(own, &route.path));
            match taken {
                Some(own) => {
                    let message =
                        format!("`{}` lies within `{own}`, which is Bulla's own", route.path);
                    routes.problems.push(written.path.problem(message, None));
                }
                None => routes.add(route, Some(&written.origin), &written.name),
            }
        }
        if let Some(upstream) = &config.upstream {
            let origin = Origin::Flag("upstream".to_owned());
            match everything_else(upstream) {
                Ok(route) => routes.add(route, Some(&origin), ""),
                Err(error) => routes.problem(&origin, "", &error.to_string()),
            }
        }
        if config.demo {
            routes.add_demo(services, &cors);
        }
        routes
    }

    /// Bulla's own paths are Bulla's on every host: routes of a host come before those of any.
    fn add_own(&mut self, services: &Services, mut hosts: Vec<HostName>, cors: &[WebOrigin]) {
        hosts.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        hosts.dedup();
        let hosts = hosts.into_iter().map(Some);
        for host in std::iter::once(None).chain(hosts) {
            let issuer = || Target::Service(services.issuer.clone());
            let issuer = routes::PATHS.map(|path| (path, issuer(), cors));
            let forward_auth = FORWARD_AUTH
                .map(|(path, proxy)| (path, Target::ForwardAuth(proxy), <&[WebOrigin]>::default()));
            for (path, target, cors) in issuer.into_iter().chain(forward_auth) {
                let route = open_route(path, target);
                self.add_built_in(
                    path,
                    route.map(|route| Route {
                        host: host.clone(),
                        cors: cors.to_vec(),
                        ..route
                    }),
                );
            }
        }
    }

    /// What is configured wins over the demo and the page.
    fn add_demo(&mut self, services: &Services, cors: &[WebOrigin]) {
        for path in web::PATHS {
            let web = Target::Service(services.web.clone());
            self.add_demo_route(path, open_route(path, web));
        }
        for rule in demo::rules() {
            let demo = Target::Service(services.demo.clone());
            let route = open_route(rule.path, demo).map(|route| Route {
                policy: rule.policy,
                limit: match rule.limited {
                    true => RouteLimit::OwnPlan,
                    false => RouteLimit::Off,
                },
                cors: cors.to_vec(),
                forward_claims: ForwardedClaim::parse("email").into_iter().collect(),
                ..route
            });
            self.add_demo_route(rule.path, route);
        }
    }

    fn add_demo_route(&mut self, path: &str, route: Result<Route, InvalidPathPattern>) {
        let taken = |route: &Route| {
            let mut others = self.table.routes().iter();
            others.any(|other| other.host.is_none() && other.path == route.path)
        };
        if !route.as_ref().is_ok_and(taken) {
            self.add_built_in(path, route);
        }
    }

    fn add_built_in(&mut self, path: &str, route: Result<Route, InvalidPathPattern>) {
        match route {
            Ok(route) => self.add(route, None, path),
            Err(error) => self.problem(&Origin::Default, path, &error.to_string()),
        }
    }

    fn add(&mut self, route: Route, origin: Option<&Origin>, key: &str) {
        match self.table.insert(route) {
            Ok(()) => self.origins.push(origin.cloned()),
            Err(error) => self.problem(origin.unwrap_or(&Origin::Default), key, &error.to_string()),
        }
    }

    fn problem(&mut self, origin: &Origin, key: &str, message: &str) {
        self.problems.push(Problem {
            origin: origin.clone(),
            key: key.to_owned(),
            message: message.to_owned(),
            suggestion: None,
        });
    }
}

/// Whether a configured route would take paths that are Bulla's own.
fn reserves(own: &PathPattern, configured: &PathPattern) -> bool {
    own == configured || (own.as_str() != SHARED && own.covers(configured))
}

/// A public route to a target in this process, which says itself which methods it has.
fn open_route(path: &str, target: Target) -> Result<Route, InvalidPathPattern> {
    Ok(Route::new(
        PathPattern::parse(path)?,
        AccessPolicy::new(Access::Public),
        target,
    ))
}

fn everything_else(upstream: &HttpOrigin) -> anyhow::Result<Route> {
    Ok(Route::new(
        PathPattern::parse("/{*rest}")?,
        AccessPolicy::new(Access::Authenticated),
        Target::Upstream(Upstream::parse(
            "upstream",
            &[upstream.as_str()],
            &UpstreamOptions::default(),
        )?),
    ))
}
