//! A quota of addresses, of which nobody has only one.

use std::net::IpAddr;

use super::{BucketTable, Charge, Moment, Quota, QuotaPolicy};
use crate::client::AddressPrefix;

/// A quota for each IPv4 address and each IPv6 /64. A /56 and a /48 have their [share](AddressPrefix::share) of it: who walks
/// through all /64 of a /48 has sixteen times what one has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressQuota {
    /// Tells its buckets from those of other quotas.
    scope: Box<str>,
    narrowest: QuotaPolicy,
    wider: [(u8, QuotaPolicy); 2],
}

/// What became of one request from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressCharge<'quota> {
    /// What counted in the end: the prefix that had no more, or else that with the least left.
    pub prefix: AddressPrefix,
    /// What that prefix has.
    pub policy: &'quota QuotaPolicy,
    /// Whether it passed. There is [no room](Charge::NoRoom) only if there is none for any prefix.
    pub charge: Charge,
}

impl AddressQuota {
    /// This quota for each address, told under this name. Two quotas share their buckets only if `scope` is the same.
    #[must_use]
    pub fn new(scope: &str, name: &str, quota: Quota) -> Self {
        let wider = |length| {
            let quota = quota.times(AddressPrefix::share_of(length));
            (length, QuotaPolicy::new(name, quota))
        };
        Self {
            scope: scope.into(),
            narrowest: QuotaPolicy::new(name, quota),
            wider: [56, 48].map(wider),
        }
    }

    /// What an address has.
    #[must_use]
    pub const fn narrowest(&self) -> &QuotaPolicy {
        &self.narrowest
    }

    /// Counts one for every prefix of an address. Where one has no more, the wider ones are not asked: one /64 that is
    /// flooded takes nothing from its neighbours but what it is allowed.
    pub fn take(&self, table: &BucketTable, address: IpAddr, now: Moment) -> AddressCharge<'_> {
        self.each(address, |policy, prefix| {
            let key = table.key((&*self.scope, prefix));
            table.take(key, policy.quota(), now)
        })
    }

    /// What [`take`](Self::take) would find, but counts nothing.
    pub fn look(&self, table: &BucketTable, address: IpAddr, now: Moment) -> AddressCharge<'_> {
        self.each(address, |policy, prefix| {
            let key = table.key((&*self.scope, prefix));
            Charge::Passed(table.level(key, policy.quota(), now))
        })
    }

    fn each(
        &self,
        address: IpAddr,
        charge: impl Fn(&QuotaPolicy, AddressPrefix) -> Charge,
    ) -> AddressCharge<'_> {
        let one = |prefix| {
            let policy = self.policy(prefix);
            let charge = charge(policy, prefix);
            AddressCharge {
                prefix,
                policy,
                charge,
            }
        };
        let mut nearest = one(AddressPrefix::narrowest(address));
        let mut wider = nearest.prefix.wider();
        while let Some(prefix) = wider {
            if let Charge::Refused(_) = nearest.charge {
                break;
            }
            nearest = nearest.or_nearer(one(prefix));
            wider = prefix.wider();
        }
        nearest
    }

    fn policy(&self, prefix: AddressPrefix) -> &QuotaPolicy {
        let wider = self
            .wider
            .iter()
            .find(|(length, _)| *length == prefix.length());
        wider.map_or(&self.narrowest, |(_, policy)| policy)
    }
}

impl AddressCharge<'_> {
    fn or_nearer(self, other: Self) -> Self {
        match (self.charge, other.charge) {
            (Charge::NoRoom, _) | (_, Charge::Refused(_)) => other,
            (Charge::Passed(level), Charge::Passed(wider))
                if wider.remaining() < level.remaining() =>
            {
                other
            }
            _ => self,
        }
    }
}
