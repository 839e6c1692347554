//! What the gateway counts: on every request without a lock, and without waiting for other threads.

mod abuse;
mod by_name;
mod durations;
mod limits;
mod route;
mod sharded;
mod token_cache;
mod traffic;
mod upstream;
mod upstream_health;
mod verdict;

use std::sync::Arc;

use bulla_guard::problem::Code;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

pub(crate) use self::{
    abuse::{AbuseCollector, AbuseMeter},
    limits::LimitCollector,
    route::RouteMeter,
    token_cache::TokenCacheCollector,
    traffic::{Ongoing, Traffic},
    upstream::UpstreamMeter,
    upstream_health::UpstreamHealthCollector,
    verdict::Verdict,
};
use self::{
    by_name::ByName, limits::LimitLabels, route::RouteCollector, traffic::TrafficCollector,
    upstream::UpstreamCollector,
};
use crate::{
    limit::Exceeded,
    route::{Route, RouteIndex},
    target::Target,
};

/// The gateway's counters.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) abuse: Arc<AbuseMeter>,
    pub(crate) traffic: Arc<Traffic>,
    routes: Arc<ByName<RouteMeter>>,
    upstreams: Arc<ByName<UpstreamMeter>>,
    upstream_errors: Family<UpstreamLabels, Counter>,
    limited: Family<LimitLabels, Counter>,
}

/// The meters of the routes in force: none has to be looked for.
#[derive(Debug)]
pub(crate) struct Meters {
    routes: Vec<RouteMeters>,
    nowhere: RouteMeters,
}

/// The meters of a route, and of its target if that is an upstream.
#[derive(Debug)]
pub(crate) struct RouteMeters {
    pub(crate) route: Arc<RouteMeter>,
    pub(crate) upstream: Option<Arc<UpstreamMeter>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UpstreamLabels {
    upstream: String,
    code: &'static str,
}

impl Metrics {
    /// Registers the counters under `bulla_gateway_…`.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register_collector(Box::new(TrafficCollector(Arc::clone(&metrics.traffic))));
        registry.register_collector(Box::new(RouteCollector(Arc::clone(&metrics.routes))));
        registry.register_collector(Box::new(UpstreamCollector(Arc::clone(&metrics.upstreams))));
        let text = "Requests that an upstream did not answer, by upstream and code";
        let errors = Family::clone(&metrics.upstream_errors);
        registry.register("upstream_errors", text, errors);
        let text = "Requests that were one too many, by route, plan (empty: the address limit) and what is counted";
        registry.register("limited", text, Family::clone(&metrics.limited));
        metrics
    }

    /// The meters of these routes: those they had before, if they did.
    pub(crate) fn meters(&self, routes: &[Route]) -> Meters {
        let of = |route: &Route| RouteMeters {
            route: self.routes.meter(&name(route), RouteMeter::new),
            upstream: match &route.target {
                Target::Upstream(upstream) => {
                    Some(self.upstreams.meter(upstream.name(), UpstreamMeter::new))
                }
                Target::Service(_) | Target::ForwardAuth(_) => None,
            },
        };
        Meters {
            routes: routes.iter().map(of).collect(),
            nowhere: RouteMeters {
                route: self.routes.meter("", RouteMeter::new),
                upstream: None,
            },
        }
    }

    pub(crate) fn count_upstream_error(&self, upstream: &str, code: Code) {
        let labels = UpstreamLabels {
            upstream: upstream.to_owned(),
            code: code.as_str(),
        };
        self.upstream_errors.get_or_create(&labels).inc();
    }

    /// A request on a route was one too many.
    pub(crate) fn count_limited(&self, route: &str, exceeded: &Exceeded<'_>) {
        let labels = LimitLabels {
            route: route.to_owned(),
            plan: exceeded.plan.unwrap_or_default().to_owned(),
            key: exceeded.key(),
        };
        self.limited.get_or_create(&labels).inc();
    }
}

impl Meters {
    /// Those of a route; without one, those of requests that no route matches.
    pub(crate) fn of(&self, route: Option<RouteIndex>) -> &RouteMeters {
        route.map_or(&self.nowhere, |index| &self.routes[index.0])
    }
}

/// A route's name in logs and labels: its host, if it has one, and its pattern.
fn name(route: &Route) -> String {
    let host = route.host.as_ref().map_or("", |host| host.as_str());
    format!("{host}{}", route.path)
}
