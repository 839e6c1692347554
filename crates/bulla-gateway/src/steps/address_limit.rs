//! How much may come from one place.

use std::net::IpAddr;

use bulla_guard::{
    limit::{Charge, Holder, Moment},
    principal::Principal,
    problem::Code,
    refusal::Refusal,
};

use crate::limit::{AddressLimit, Buckets, Exceeded, Holds};

/// What a request costs where it comes from. It is paid once: before a signature is checked, or else at the end.
///
/// A session of an account whose token was verified before pays for itself: it is not held up because it shares an address
/// with others, not even with a flood. Anonymous visitors pay for their address, since anybody can have many of them.
pub(crate) struct Toll<'rules> {
    /// `None`: nothing is to be paid, or was.
    due: Option<&'rules AddressLimit>,
    exceeded: Option<Exceeded<'rules>>,
    buckets: &'rules Buckets,
    address: IpAddr,
    now: Moment,
}

impl<'rules> Toll<'rules> {
    /// That of a request from there; `None`: it costs nothing.
    pub(crate) const fn new(
        due: Option<&'rules AddressLimit>,
        buckets: &'rules Buckets,
        address: IpAddr,
        now: Moment,
    ) -> Self {
        Self {
            due,
            exceeded: None,
            buckets,
            address,
            now,
        }
    }

    /// Takes it for the address, because a signature is about to cost something.
    ///
    /// # Errors
    /// There was too much; [`settle`](Self::settle) says more.
    pub(crate) fn before_signature(&mut self) -> Result<(), Refusal> {
        self.pay_for_address();
        self.refuse()
    }

    /// Takes it, if it was not yet, from whoever it turned out to be.
    ///
    /// # Errors
    /// As [`before_signature`](Self::before_signature).
    pub(crate) fn pay(&mut self, principal: Option<&Principal>) -> Result<(), Refusal> {
        match principal.filter(|principal| !principal.anonymous) {
            Some(principal) => self.pay_for_session(principal),
            None => self.pay_for_address(),
        }
        self.refuse()
    }

    /// Takes it, if it was not yet, for the address.
    ///
    /// # Errors
    /// There was too much, now or before.
    pub(crate) fn settle(mut self) -> Result<(), Exceeded<'rules>> {
        self.pay_for_address();
        self.exceeded.map_or(Ok(()), Err)
    }

    fn refuse(&self) -> Result<(), Refusal> {
        match &self.exceeded {
            None => Ok(()),
            Some(_) => Err(Refusal::new(Code::RateLimited, "one too many")),
        }
    }

    fn pay_for_session(&mut self, principal: &Principal) {
        let Some(limit) = self.due.take() else {
            return;
        };
        let issuer = &*principal.issuer;
        let holder = match &principal.session {
            Some(session) => Holder::Session(issuer, session),
            None => Holder::Subject(issuer, &principal.subject),
        };
        let (holders, policy) = (&self.buckets.holders, limit.of_session());
        let key = holders.key(("limits.address", holder));
        match holders.take(key, policy.quota(), self.now) {
            Charge::Passed(_) => {}
            Charge::Refused(level) => {
                self.exceeded = Some(Exceeded {
                    plan: None,
                    holds: Holds::Session,
                    policy,
                    level,
                });
            }
            Charge::NoRoom => {
                self.buckets.overflowed();
                self.due = Some(limit);
                self.pay_for_address();
            }
        }
    }

    fn pay_for_address(&mut self) {
        let Some(limit) = self.due.take() else {
            return;
        };
        let found = limit
            .of_address()
            .take(&self.buckets.addresses, self.address, self.now);
        if let Charge::Refused(level) = found.charge {
            self.exceeded = Some(Exceeded {
                plan: None,
                holds: Holds::Address(found.prefix),
                policy: found.policy,
                level,
            });
        }
    }
}
