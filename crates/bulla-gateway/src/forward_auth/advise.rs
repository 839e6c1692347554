//! Deciding about a request that another proxy would pass on.

use std::net::IpAddr;

use bulla_guard::verified::Verified;
use http::Response;

use super::{Original, passes};
use crate::{
    body::Body,
    record::Record,
    refused::Refused,
    route::ForwardedClaim,
    rules::Rules,
    steps::{
        cors::{self, CrossOrigin},
        framing::Authority,
        identity,
        routing::{find, nothing_here},
    },
    target::Target,
    worker::Worker,
};

impl Worker {
    /// Decides about a request that another proxy would pass on, and passes nothing on. What it finds in the request is
    /// what [`answer`](Self::answer) would find, but for a body.
    pub(crate) fn advise(
        &self,
        rules: &Rules,
        original: &Original,
        address: IpAddr,
        record: &mut Record<'_>,
    ) -> Result<Response<Body>, Refused> {
        let Original { head, authority } = original;
        let (routes, path) = (&rules.routes, head.uri.path());
        let host = authority.as_ref().map(Authority::host);
        let pass = |principal: Option<&Verified>, claims: &[ForwardedClaim]| {
            passes(identity::in_answer(
                principal,
                claims,
                routes.claim_headers(),
            ))
        };
        if let Some(preflight) = cors::preflight(head, routes, host, path) {
            record.cross_origin = CrossOrigin::of(&head.headers, &preflight.route.1.cors);
            preflight.answer?;
            return Ok(pass(None, &[]));
        }
        let (_, route) = find(routes, head, host, path, &mut record.cross_origin)?;
        // Bulla's own paths are open because Bulla answers them: nobody else may get what comes there.
        if route.policy.is_public() && !matches!(route.target, Target::Upstream(_)) {
            return Err(nothing_here());
        }
        let decision = self.decision(rules, route, address);
        decision.decide(head, None, record)?;
        Ok(pass(record.principal.as_ref(), &route.forward_claims))
    }
}
