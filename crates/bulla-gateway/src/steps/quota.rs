//! How often somebody may pass.

use std::net::IpAddr;

use bulla_guard::{
    limit::{AddressCharge, Charge, Moment, Plan, Plans},
    principal::Principal,
};

use crate::{
    limit::{Buckets, Exceeded, Holds, Limits, RateLimit},
    route::RouteLimit,
};

/// Counts requests on a route, from an address, against plans.
pub(crate) struct Meter<'rules> {
    plans: &'rules Plans,
    limit: &'rules RouteLimit,
    buckets: &'rules Buckets,
    address: IpAddr,
    now: Moment,
}

impl<'rules> Meter<'rules> {
    pub(crate) const fn new(
        limits: &'rules Limits,
        limit: &'rules RouteLimit,
        buckets: &'rules Buckets,
        (address, now): (IpAddr, Moment),
    ) -> Self {
        Self {
            plans: &limits.plans,
            limit,
            buckets,
            address,
            now,
        }
    }

    /// Whether anything is counted.
    pub(crate) const fn is_on(&self) -> bool {
        !matches!(self.limit, RouteLimit::Off)
    }

    /// Counts a request of somebody. What is left, to be told with the answer; `None`: nothing is counted, or there was no
    /// room to count it in, not even for its address.
    ///
    /// An anonymous visitor's request is counted for the address too.
    ///
    /// # Errors
    /// It is one too many.
    pub(crate) fn charge(
        &self,
        principal: Option<&Principal>,
    ) -> Result<Option<RateLimit>, Exceeded<'rules>> {
        let Some(plan) = self.limit.plan(self.plans, principal) else {
            return Ok(None);
        };
        let addresses = &self.buckets.addresses;
        let of_address = || {
            in_address(
                plan,
                plan.of_address().take(addresses, self.address, self.now),
            )
        };
        let holder = principal.and_then(|principal| plan.counted().holder(principal));
        let Some(holder) = holder else {
            return of_address();
        };
        let key = self.buckets.holders.key((plan.name(), holder));
        let charge = self
            .buckets
            .holders
            .take(key, plan.policy().quota(), self.now);
        let level = match charge {
            Charge::Passed(level) => level,
            Charge::Refused(level) => {
                return Err(Exceeded {
                    plan: Some(plan.name()),
                    holds: Holds::Counted(plan.counted()),
                    policy: plan.policy(),
                    level,
                });
            }
            Charge::NoRoom => {
                self.buckets.overflowed();
                return of_address();
            }
        };
        let own = RateLimit::new(plan.policy(), &level);
        if !principal.is_some_and(|principal| principal.anonymous) {
            return Ok(Some(own));
        }
        let visitors = plan.of_visitors().take(addresses, self.address, self.now);
        match visitors.charge {
            Charge::NoRoom => Ok(Some(own)),
            Charge::Passed(all) if all.remaining() >= level.remaining() => Ok(Some(own)),
            Charge::Passed(_) | Charge::Refused(_) => in_address(plan, visitors),
        }
    }

    /// What is left to somebody. Counts nothing: for an answer to a request that did not come so far.
    pub(crate) fn look(&self, principal: Option<&Principal>) -> Option<RateLimit> {
        let plan = self.limit.plan(self.plans, principal)?;
        let holder = principal.and_then(|principal| plan.counted().holder(principal));
        let Some(holder) = holder else {
            let look = plan
                .of_address()
                .look(&self.buckets.addresses, self.address, self.now);
            return in_address(plan, look).ok().flatten();
        };
        let key = self.buckets.holders.key((plan.name(), holder));
        let level = self
            .buckets
            .holders
            .level(key, plan.policy().quota(), self.now);
        Some(RateLimit::new(plan.policy(), &level))
    }
}

fn in_address<'rules>(
    plan: &'rules Plan,
    found: AddressCharge<'rules>,
) -> Result<Option<RateLimit>, Exceeded<'rules>> {
    match found.charge {
        Charge::Passed(level) => Ok(Some(RateLimit::new(found.policy, &level))),
        Charge::Refused(level) => Err(Exceeded {
            plan: Some(plan.name()),
            holds: Holds::Address(found.prefix),
            policy: found.policy,
            level,
        }),
        Charge::NoRoom => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use bulla_guard::UnixTime;

    use super::*;

    fn somebody(number: u32) -> Principal {
        let (issuer, subject) = ("https://login.example".to_owned(), format!("usr_{number}"));
        Principal::new(issuer, subject, UnixTime::from_seconds(u64::MAX))
    }

    #[test]
    fn whoever_has_no_room_in_the_table_is_counted_for_the_address() {
        let (limits, buckets) = (Limits::default(), Buckets::new(1));
        let whence = |address: &str, now| {
            let moment = Moment::from_milliseconds(now);
            (address.parse().unwrap(), moment)
        };
        let at = |address, now| {
            Meter::new(
                &limits,
                &RouteLimit::OwnPlan,
                &buckets,
                whence(address, now),
            )
        };
        let meter = at("192.0.2.1", 0);
        let passed = (0..20_000).filter(|number| meter.charge(Some(&somebody(*number))).is_ok());
        let passed = u64::try_from(passed.count()).unwrap();
        // All but those of whom there is no bucket have had one each; these together have had what the plan gives.
        let (overflowed, burst) = (buckets.overflows(), 20);
        assert_eq!(passed, 20_000 - overflowed + burst);
        assert!(overflowed > 15_000, "{overflowed}");
        let late = 1_000_000;
        let refused = meter.charge(Some(&somebody(late))).unwrap_err();
        assert!(matches!(refused.holds, Holds::Address(_)), "{refused:?}");
        assert!(at("192.0.2.2", 0).charge(Some(&somebody(late))).is_ok());
        // What has leaked makes room.
        let overflowed = buckets.overflows();
        assert!(
            at("192.0.2.1", 20_000)
                .charge(Some(&somebody(late)))
                .is_ok()
        );
        assert_eq!(buckets.overflows(), overflowed);
    }
}
