//! How much may come.

mod buckets;
mod exceeded;
mod seats;

use std::num::NonZeroU32;

use bulla_guard::limit::{AddressQuota, Plans, Quota, QuotaPolicy};

pub(crate) use self::{
    buckets::Buckets,
    exceeded::{Exceeded, Holds, RateLimit},
    seats::{Seat, Seats},
};

/// How much may come. What was counted stays when this is replaced. The last two do not apply to whom the
/// [ledger](crate::GatewaySettings::abuse) spares.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Whom [routes](crate::route::RouteLimit) let pass how often.
    pub plans: Plans,
    /// How many requests an address may make; `None`: any number.
    pub address: Option<AddressLimit>,
    /// How many connections an IPv4 address or an IPv6 /64 may have open at once; `None`: any number.
    pub connections: Option<NonZeroU32>,
}

/// How many requests an IPv4 address or an IPv6 /64 may make, whatever they ask for. A signed-in session whose token was
/// verified before has as many of its own, wherever it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressLimit(AddressQuota);

impl AddressLimit {
    /// So many for each. A /56 has four times as much, a /48 sixteen times.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self(AddressQuota::new("limits.address", "address", quota))
    }

    /// What an address has.
    pub(crate) const fn of_address(&self) -> &AddressQuota {
        &self.0
    }

    /// What a session has.
    pub(crate) const fn of_session(&self) -> &QuotaPolicy {
        self.0.narrowest()
    }
}
