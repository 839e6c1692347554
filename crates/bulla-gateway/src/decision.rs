//! Whether a request goes on from its route: who sends it, may they, and how often.

use std::net::IpAddr;

use bulla_guard::{
    UnixTime, abuse::Offence, decision::identify, limit::Moment, refusal::Refusal,
    verified::Verified,
};
use http::request::Parts;
use hyper::body::Incoming;

use crate::{
    Gateway,
    body::Inbound,
    forward::outgoing,
    limit::{Exceeded, Holds, RateLimit},
    record::Record,
    refused::Refused,
    route::{CredentialPlace, Route},
    rules::Rules,
    steps::{address_limit::Toll, admission::admit, ban, form, quota::Meter},
};

/// What has to be decided about a request on this route, from this address: the same for one that is forwarded and one that
/// another proxy asks about.
#[derive(Clone, Copy)]
pub(crate) struct Decision<'rules> {
    pub(crate) gateway: &'rules Gateway,
    pub(crate) rules: &'rules Rules,
    pub(crate) route: &'rules Route,
    pub(crate) address: IpAddr,
}

/// Who it is.
struct Admitted {
    /// Who passes; `None`: nobody that is known.
    principal: Result<Option<Verified>, Refusal>,
    /// Who is known but may not pass, so that they are told what is left to them.
    known: Option<Verified>,
}

impl Decision<'_> {
    /// Decides, and returns the body to be forwarded. It is read before that only where a token may be in it, and goes on
    /// without.
    pub(crate) async fn decide_with_body(
        &self,
        head: &mut Parts,
        body: Incoming,
        record: &mut Record<'_>,
    ) -> Result<Option<Box<Inbound>>, Refused> {
        let (route, timeouts) = (self.route, &self.gateway.settings.timeouts);
        if !route.credential.contains(CredentialPlace::Form) || !form::is_form(head)? {
            self.decide(head, None, record)?;
            return outgoing::limited(&head.headers, body, route.body_limit, timeouts);
        }
        // From a banned address, no form is waited for before a token in another place lets it in.
        if record.entry.is_banned() {
            self.decide(head, None, record)?;
        }
        let limit = route
            .body_limit
            .unwrap_or(u64::MAX)
            .min(form::MAX_FORM_BYTES);
        let body = outgoing::limited(&head.headers, body, Some(limit), timeouts)?;
        let Some(body) = body else {
            self.decide(head, None, record)?;
            return Ok(None);
        };
        // Boxed: other requests need no room for it.
        let form = Box::pin(form::gather(body)).await?;
        self.decide(head, Some(&form), record)?;
        Ok(form::without_token(&form, &mut head.headers, timeouts))
    }

    /// Decides. The record has who passes, and what is left to them. Whoever does and has a session of ours is reported, from
    /// time to time.
    pub(crate) fn decide(
        &self,
        head: &Parts,
        form: Option<&str>,
        record: &mut Record<'_>,
    ) -> Result<(), Refused> {
        let now = self.gateway.settings.clock.milliseconds();
        let moment = Moment::from_milliseconds(now);
        let meter = self.meter(moment);
        let Admitted { principal, known } =
            self.admit(head, form, (now, moment), meter.is_on(), record)?;
        let principal = match principal {
            Ok(principal) => principal,
            Err(refusal) => {
                record.rate_limit = meter.look(known.as_deref());
                let challenge = self.rules.routes.challenge_for(self.route);
                return Err(Refused::inviting(refusal, challenge));
            }
        };
        if let Some(principal) = &principal {
            self.gateway.report(principal, now);
        }
        let counted = meter.charge(principal.as_deref());
        record.principal = principal;
        match counted {
            Ok(left) => {
                record.rate_limit = left;
                Ok(())
            }
            Err(exceeded) => Err(self.too_much(&exceeded, record)),
        }
    }

    /// What is left to somebody whom nobody knows.
    pub(crate) fn left(&self) -> Option<RateLimit> {
        let now = self.gateway.settings.clock.milliseconds();
        self.meter(Moment::from_milliseconds(now)).look(None)
    }

    /// Credential, verification, CSRF and access policy, under what the address may do: its limit, and bans that spare
    /// sessions, come before the signature, if there is one to check. `remembers`: whether it matters who may not pass.
    fn admit(
        &self,
        head: &Parts,
        form: Option<&str>,
        (now, moment): (u64, Moment),
        remembers: bool,
        record: &mut Record<'_>,
    ) -> Result<Admitted, Refused> {
        let (rules, route) = (self.rules, self.route);
        let (entry, mut offence, mut known) = (&record.entry, None, None);
        let limit = rules.limits.address.as_ref();
        let limit = limit.filter(|_| !self.gateway.settings.abuse.spares(self.address));
        let mut toll = Toll::new(limit, &self.gateway.buckets, self.address, moment);
        let second = UnixTime::from_seconds(now / 1000);
        let principal = admit(head, form, route, rules.routes.site(), |token| {
            let before = || {
                entry.before_signature()?;
                toll.before_signature()
            };
            let principal = identify(&rules.verifier, route.accepted(), token, second, before)
                .inspect_err(|refusal| offence = ban::offence(refusal, route))?;
            toll.pay(principal.as_deref())?;
            if remembers {
                known.clone_from(&principal);
            }
            Ok(principal)
        });
        let refusal = principal.as_ref().err();
        let offence = offence.or_else(|| ban::offence(refusal?, route));
        let settled = entry.settle(&principal, route, &rules.routes);
        record.offence = offence;
        settled?;
        match toll.settle() {
            Ok(()) => Ok(Admitted { principal, known }),
            Err(exceeded) => Err(self.too_much(&exceeded, record)),
        }
    }

    fn meter(&self, now: Moment) -> Meter<'_> {
        let (limits, whence) = (&self.rules.limits, (self.address, now));
        Meter::new(limits, &self.route.limit, &self.gateway.buckets, whence)
    }

    /// Counts and tells a request that was one too many.
    fn too_much(&self, exceeded: &Exceeded<'_>, record: &mut Record<'_>) -> Refused {
        let route = record.meters().route.name();
        self.gateway.metrics.count_limited(route, exceeded);
        record.rate_limit = Some(exceeded.fields());
        record.offence = match exceeded.holds {
            Holds::Address(_) => Some(Offence::OverLimit),
            // It is charged to itself, not to an address that it may share.
            Holds::Counted(_) | Holds::Session => None,
        };
        Refused::Problem(exceeded.problem())
    }
}
