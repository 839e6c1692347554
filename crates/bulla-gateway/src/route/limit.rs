//! How often requests may pass.

use std::sync::Arc;

use bulla_guard::{
    limit::{Plan, Plans},
    principal::Principal,
};

/// Whose quota the requests of a route are counted against.
#[derive(Debug, Clone, Default)]
pub enum RouteLimit {
    /// Nobody's: any number passes.
    #[default]
    Off,
    /// That of the plan that the token names; see [`Plans::of`].
    OwnPlan,
    /// That of this plan, whatever the token says.
    Plan(Arc<Plan>),
}

impl RouteLimit {
    /// The plan that counts; `None`: none does.
    #[must_use]
    pub fn plan<'rules>(
        &'rules self,
        plans: &'rules Plans,
        principal: Option<&Principal>,
    ) -> Option<&'rules Plan> {
        match self {
            Self::Off => None,
            Self::OwnPlan => Some(plans.of(principal)),
            Self::Plan(plan) => Some(plan),
        }
    }
}
