//! What decides about requests, replaced as a whole while requests are answered.

use std::sync::Arc;

use bulla_guard::{client::Cidr, verifier::Verifier};

use crate::{
    limit::Limits,
    metrics::{Meters, Metrics},
    route::RouteTable,
};

/// What decides about requests. A gateway's rules can be [replaced](crate::Gateway::replace_rules): a request is decided
/// by those that were in force when it came, wholly.
pub struct Rules {
    /// Which requests go where, and who may send them.
    pub routes: RouteTable,
    /// Decides whether a token is good.
    pub verifier: Arc<Verifier>,
    /// Peers whose `X-Forwarded-*` headers are believed, and who may ask at a
    /// [`Target::ForwardAuth`](crate::target::Target::ForwardAuth). Empty: nobody.
    pub trusted_proxies: Vec<Cidr>,
    /// How much may come.
    pub limits: Limits,
}

/// Rules in force, with the meters of their routes.
pub(crate) struct ActiveRules {
    pub(crate) rules: Rules,
    pub(crate) meters: Meters,
}

impl ActiveRules {
    pub(crate) fn new(rules: Rules, metrics: &Metrics) -> Self {
        Self {
            meters: metrics.meters(rules.routes.routes()),
            rules,
        }
    }
}
