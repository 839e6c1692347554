//! What a client is told of a limit.

use std::time::Duration;

use bulla_guard::{
    client::AddressPrefix,
    limit::{Counted, Level, QuotaPolicy, RATE_LIMIT, RATE_LIMIT_POLICY, retry_after},
    problem::{Code, Problem},
};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

/// The fields of an answer: of the limit that is nearest.
#[derive(Debug, Clone)]
pub(crate) struct RateLimit {
    policy: HeaderValue,
    limit: HeaderValue,
}

/// A request was one too many.
#[derive(Debug)]
pub(crate) struct Exceeded<'rules> {
    /// Of which plan; `None`: it is the address limit.
    pub(crate) plan: Option<&'rules str>,
    pub(crate) holds: Holds<'rules>,
    pub(crate) policy: &'rules QuotaPolicy,
    pub(crate) level: Level,
}

/// Whose bucket is full.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holds<'rules> {
    /// That of whom the plan counts.
    Counted(&'rules Counted),
    /// The session's own share of the address limit.
    Session,
    /// That of this prefix.
    Address(AddressPrefix),
}

impl RateLimit {
    pub(crate) fn new(policy: &QuotaPolicy, level: &Level) -> Self {
        Self {
            policy: policy.policy_field().clone(),
            limit: policy.limit_field(level),
        }
    }

    /// Adds it to what the target says of limits of its own.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.append(RATE_LIMIT_POLICY, self.policy);
        headers.append(RATE_LIMIT, self.limit);
    }
}

impl Exceeded<'_> {
    pub(crate) fn fields(&self) -> RateLimit {
        RateLimit::new(self.policy, &self.level)
    }

    /// Of what the bucket is, as in the configuration.
    pub(crate) fn key(&self) -> String {
        match self.holds {
            Holds::Counted(counted) => counted.to_string(),
            Holds::Session => "session".to_owned(),
            Holds::Address(_) => "address".to_owned(),
        }
    }

    /// The refusal: what was counted, how much of it may be, and when to come back.
    pub(crate) fn problem(&self) -> Problem {
        let (quota, seconds) = (self.policy.quota(), retry_after(&self.level));
        let (rate, burst) = (quota.rate(), quota.burst());
        let whose = match (self.plan, self.holds) {
            (Some(plan), Holds::Address(prefix)) => format!("the plan {plan} gives {prefix}"),
            (Some(plan), _) => format!("the plan {plan} gives each {}", self.key()),
            (None, Holds::Address(prefix)) => format!("{prefix} may make"),
            (None, _) => format!("each {} may make", self.key()),
        };
        let shortly = self.level.until_more().unwrap_or(Duration::ZERO) < Duration::from_secs(1);
        let when = if shortly {
            "less than a second".to_owned()
        } else {
            format!("{seconds} s")
        };
        let detail = format!("{whose} {rate} requests, {burst} at once; one more passes in {when}");
        Problem::new(Code::RateLimited, detail)
            .retry_after(seconds)
            .with("limit", self.limit())
            .with("retry_after", seconds)
    }

    fn limit(&self) -> Value {
        let mut limit = self.policy.quota().described(&self.key());
        if let Some(plan) = self.plan {
            limit["plan"] = plan.into();
        }
        if let Holds::Address(prefix) = self.holds {
            limit["address"] = prefix.to_string().into();
        }
        limit
    }
}
