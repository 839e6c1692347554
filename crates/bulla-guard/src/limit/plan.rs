//! Limits under a name.

use std::{collections::HashMap, sync::Arc};

use super::{AddressQuota, Counted, Per, Quota, QuotaPolicy};
use crate::principal::Principal;

/// Who has no plan that is known.
pub const FREE: &str = "free";

/// Visitors without an account, and who comes without a token.
pub const ANONYMOUS: &str = "anonymous";

/// Visitors without an account who did no work for it.
pub const ANONYMOUS_MINIMAL: &str = "anonymous_minimal";

/// How many anonymous visitors of one address may use up what their plan gives them.
const VISITORS_OF_AN_ADDRESS: u32 = 10;

/// A quota under a name: each bucket belongs to the plan and to one of those it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    name: Box<str>,
    policy: QuotaPolicy,
    of_address: AddressQuota,
    of_visitors: AddressQuota,
    counted: Counted,
}

/// Plans by name.
#[derive(Debug, Clone)]
pub struct Plans {
    by_name: HashMap<Box<str>, Arc<Plan>>,
    free: Arc<Plan>,
    anonymous: Arc<Plan>,
}

impl Plan {
    /// A plan.
    #[must_use]
    pub fn new(name: &str, quota: Quota, counted: Counted) -> Self {
        Self {
            name: name.into(),
            policy: QuotaPolicy::new(name, quota),
            of_address: AddressQuota::new(&format!("plan {name}"), name, quota),
            of_visitors: AddressQuota::new(
                &format!("visitors of plan {name}"),
                name,
                quota.times(VISITORS_OF_AN_ADDRESS),
            ),
            counted,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it gives to each of those it counts.
    #[must_use]
    pub const fn policy(&self) -> &QuotaPolicy {
        &self.policy
    }

    /// What it gives to an address, where it counts addresses: the same.
    #[must_use]
    pub const fn of_address(&self) -> &AddressQuota {
        &self.of_address
    }

    /// What it gives to all anonymous visitors of an address together: ten times as much.
    #[must_use]
    pub const fn of_visitors(&self) -> &AddressQuota {
        &self.of_visitors
    }

    /// Whose requests share a bucket.
    #[must_use]
    pub const fn counted(&self) -> &Counted {
        &self.counted
    }

    fn built_in() -> [Self; 3] {
        const OF_USERS: Quota = Quota::known(60, Per::Minute, 20);
        const OF_VISITORS: Quota = Quota::known(30, Per::Minute, 10);
        const WITHOUT_WORK: Quota = Quota::known(6, Per::Minute, 3);
        [
            Self::new(FREE, OF_USERS, Counted::Subject),
            Self::new(ANONYMOUS, OF_VISITORS, Counted::Subject),
            Self::new(ANONYMOUS_MINIMAL, WITHOUT_WORK, Counted::Address),
        ]
    }
}

impl Plans {
    /// These plans, and the built-in ones that are not among them: `free` (60/m, 20 at once), `anonymous` (30/m, 10 at once),
    /// and `anonymous_minimal` (6/m, 3 at once, for all of an address). Of two with one name, the later counts.
    #[must_use]
    pub fn new(configured: impl IntoIterator<Item = Plan>) -> Self {
        let plans = Plan::built_in().map(Arc::new);
        let [free, anonymous, _] = plans.clone();
        let named = |plan: Arc<Plan>| (plan.name.clone(), plan);
        let mut by_name: HashMap<_, _> = plans.into_iter().map(named).collect();
        by_name.extend(configured.into_iter().map(|plan| named(Arc::new(plan))));
        Self {
            free: by_name.get(FREE).map_or(free, Arc::clone),
            anonymous: by_name.get(ANONYMOUS).map_or(anonymous, Arc::clone),
            by_name,
        }
    }

    /// The plan of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Plan>> {
        self.by_name.get(name)
    }

    /// Somebody's plan: that of the token, if there is one of this name. Else `free`; without a token or an account,
    /// `anonymous`: a name that nobody knows is no way around all limits.
    #[must_use]
    pub fn of(&self, principal: Option<&Principal>) -> &Plan {
        let Some(principal) = principal else {
            return &self.anonymous;
        };
        let own = principal
            .plan
            .as_ref()
            .and_then(|name| self.by_name.get(&**name));
        own.unwrap_or(if principal.anonymous {
            &self.anonymous
        } else {
            &self.free
        })
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self::new([])
    }
}
