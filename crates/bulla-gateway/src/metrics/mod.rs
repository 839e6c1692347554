//! What the gateway counts.

mod token_cache;
mod upstream_health;

use std::sync::OnceLock;

use bulla_guard::problem::Code;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

pub(crate) use self::{token_cache::TokenCacheCollector, upstream_health::UpstreamHealthCollector};
use crate::route::{Route, RouteIndex};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It went on, and was answered.
    Accepted,
    /// It was refused, or its target failed.
    Refused(Code),
    /// Its head has too many headers.
    HeadTooLarge,
    /// The client stopped sending.
    ClientStalled,
}

impl Verdict {
    /// As in logs and labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(code) => code.as_str(),
            Self::HeadTooLarge => "head_too_large",
            Self::ClientStalled => "client_stalled",
        }
    }
}

/// The gateway's counters. What is counted on every request is reached without a lock.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Family<RequestLabels, Counter>,
    upstream_errors: Family<UpstreamLabels, Counter>,
}

/// Those of the routes in force: one that was accepted is counted without looking for its counter.
#[derive(Debug)]
pub(crate) struct RouteCounters {
    names: Vec<String>,
    accepted: Vec<OnceLock<Counter>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UpstreamLabels {
    upstream: String,
    code: &'static str,
}

impl Metrics {
    /// Registers the counters under `bulla_gateway_…`.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let requests = Family::default();
        let text = "Requests by route (empty: none was found) and verdict";
        registry.register("requests", text, Family::clone(&requests));
        let upstream_errors = Family::default();
        let text = "Requests that an upstream did not answer, by upstream and code";
        registry.register("upstream_errors", text, Family::clone(&upstream_errors));
        Self {
            requests,
            upstream_errors,
        }
    }

    pub(crate) fn count(
        &self,
        routes: &RouteCounters,
        route: Option<RouteIndex>,
        verdict: Verdict,
    ) {
        let create = || {
            let labels = RequestLabels {
                route: routes.name(route).to_owned(),
                verdict: verdict.as_str(),
            };
            self.requests.get_or_create_owned(&labels)
        };
        match (route, verdict) {
            (Some(index), Verdict::Accepted) => routes.accepted[index.0].get_or_init(create).inc(),
            _ => create().inc(),
        };
    }

    pub(crate) fn count_upstream_error(&self, upstream: &str, code: Code) {
        let labels = UpstreamLabels {
            upstream: upstream.to_owned(),
            code: code.as_str(),
        };
        self.upstream_errors.get_or_create(&labels).inc();
    }
}

impl RouteCounters {
    pub(crate) fn new(routes: &[Route]) -> Self {
        let name = |route: &Route| {
            let host = route.host.as_ref().map_or("", |host| host.as_str());
            format!("{host}{}", route.path)
        };
        Self {
            names: routes.iter().map(name).collect(),
            accepted: routes.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The route's name in logs and labels: its host, if it has one, and its pattern.
    pub(crate) fn name(&self, route: Option<RouteIndex>) -> &str {
        route.map_or("", |index| &self.names[index.0])
    }
}
