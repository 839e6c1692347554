//! The way of a request.

use std::{net::IpAddr, sync::Arc, time::Instant};

use bulla_guard::{
    UnixTime,
    abuse::Offence,
    client::{ClientAddress, RequestId},
    decision::identify,
    limit::Moment,
    problem::Code,
    verified::Verified,
};
use http::{Request, Response, request::Parts};
use hyper::body::Incoming;
use tokio::runtime::Handle;

use crate::{
    Gateway,
    body::{Body, Inbound},
    forward::{
        ForwardError, Forwarder, Ties,
        outgoing::{self, Outgoing},
    },
    forward_auth::Original,
    grpc,
    limit::{Exceeded, Holds, RateLimit},
    metrics::Verdict,
    record::Record,
    refused::Refused,
    request_id::{REQUEST_ID, RequestIds},
    route::{AddedHeader, CredentialPlace, Found, Route, RouteIndex, RouteTable},
    rules::Rules,
    steps::{
        address_limit::Toll,
        admission::admit,
        ban,
        canonical_path::canonicalize,
        client::{self, Peer},
        cors::{self, CrossOrigin},
        form,
        framing::{self, Authority},
        quota::Meter,
        rewrite::{Context, rewrite},
    },
    target::{Target, Upstream},
    trace_context::{self, Tracing},
};

/// Answers requests for a gateway, on one runtime: what a request changes is not shared with other workers.
pub(crate) struct Worker {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) number: u16,
    forwarder: Forwarder,
    request_ids: RequestIds,
    tracing: Tracing,
    /// Where the services of this process run; `None`: here.
    services: Option<Handle>,
}

impl Worker {
    /// The worker of this number, different for each worker of a gateway.
    pub(crate) fn new(gateway: Arc<Gateway>, number: u16, services: Option<Handle>) -> Self {
        let settings = &gateway.settings;
        Self {
            forwarder: Forwarder::new(gateway.connector.clone(), &settings.timeouts),
            request_ids: RequestIds::new(settings.request_id_seed, number),
            tracing: Tracing {
                begin: settings.begin_traces,
                record: settings.spans.is_some(),
            },
            services,
            number,
            gateway,
        }
    }

    /// Answers a request. Never fails: a failure is an answer too.
    ///
    /// What is large is handed down by reference: each of the futures would have room for it.
    pub(crate) async fn answer(
        &self,
        head: &mut Parts,
        body: Incoming,
        peer: &Peer,
    ) -> Response<Body> {
        let unique = self.request_ids.unique();
        let id = RequestId::from_random(unique);
        let active = self.gateway.rules();
        // A gRPC refusal is a 200, which a proxy that asks would take for a yes.
        let is_grpc = grpc::is_call(head) && !active.rules.routes.asks_at(head.uri.path());
        let mut record = Record::begin(self, &active, &id, head);
        if let Some(trace) = trace_context::settle(&mut head.headers, self.tracing, unique) {
            record.joins(trace, head.version);
        }
        if !client::is_trusted(peer.address, &active.rules.trusted_proxies) {
            let proxies = &self.gateway.unlisted_proxy;
            proxies.watch(unique[15], peer.address, &head.headers);
        }
        let passed = self.pass(&active.rules, head, body, peer, &mut record);
        let passed = passed.await;
        let passed = passed.map_err(|refused| record.entry.instead_of(refused));
        let (verdict, mut response) = match passed {
            Ok(response) => (Verdict::Accepted, response),
            Err(refused) if is_grpc => (refused.verdict(), refused.grpc_response(&id)),
            Err(refused) => (refused.verdict(), refused.response(&id)),
        };
        let offence = record.offence.or_else(|| verdict.offence());
        if let (Some(offence), Some(address)) = (offence, record.address) {
            self.gateway.offended(address, offence);
        }
        if let Some(proxy) = record.asked_by {
            proxy.translate(verdict, &mut response);
        }
        if let Some((_, route)) = record.route {
            AddedHeader::add_to_answer(&route.response_headers, response.headers_mut());
        }
        if let Some(rate_limit) = record
            .rate_limit
            .take()
            .or_else(|| self.left(&active.rules, &record))
        {
            rate_limit.write(response.headers_mut());
        }
        if let Some(cross_origin) = record.cross_origin.take() {
            cross_origin.write(response.headers_mut());
        }
        let id = record.id_header.clone();
        response.headers_mut().insert(REQUEST_ID, id);
        record.end(verdict, response.status());
        response
    }

    async fn pass<'rules>(
        &self,
        rules: &'rules Rules,
        head: &mut Parts,
        body: Incoming,
        peer: &Peer,
        record: &mut Record<'rules>,
    ) -> Result<Response<Body>, Refused> {
        let client = client::identify(peer, &head.headers, &rules.trusted_proxies);
        record.address = Some(client.address);
        // 1. Whether anybody is let in from there.
        record.entry = self.gateway.entry(client.address);
        record.entry.open()?;
        // 2. Framing.
        let authority = framing::check(head)?;
        record.is_from(&client, authority.as_ref());
        // 3. The canonical path.
        let path = canonicalize(head.uri.path())?;
        record.is_for(&path);
        // 4. The route and its methods; a preflight goes no further.
        let host = authority.as_ref().map(Authority::host);
        if let Some(preflight) = cors::preflight(head, &rules.routes, host, &path) {
            record.route = Some(preflight.route);
            record.cross_origin = CrossOrigin::of(&head.headers, &preflight.route.1.cors);
            return Ok(preflight.response(&head.headers)?);
        }
        let (index, route) = find(&rules.routes, head, host, &path, &mut record.cross_origin)?;
        record.route = Some((index, route));
        if let Target::ForwardAuth(proxy) = &route.target {
            if !client::is_trusted(peer.address, &rules.trusted_proxies) {
                return Err(nothing_here());
            }
            record.asked_by = Some(*proxy);
            let original = Original::read(*proxy, take(head), authority)?;
            return self.advise(rules, &original, client.address, record);
        }
        let target = outgoing::origin_form(&head.uri, &path, route)?;
        // 5. to 9. Who is it, may they, and how often?
        let asked = (route, client.address);
        let body = self.admit(rules, head, body, asked, record).await?;
        // 10. Forwarding.
        head.uri = target;
        let context = Context {
            client,
            authority,
            verifier: &rules.verifier,
            site: rules.routes.site(),
        };
        self.forward(head, body, route, &context, record).await
    }

    /// Who is it, and may they? The body is read before that only where a token may be in it, and goes on without.
    async fn admit(
        &self,
        rules: &Rules,
        head: &mut Parts,
        body: Incoming,
        asked: (&Route, IpAddr),
        record: &mut Record<'_>,
    ) -> Result<Option<Box<Inbound>>, Refused> {
        let (route, _) = asked;
        let timeouts = &self.gateway.settings.timeouts;
        if !route.credential.contains(CredentialPlace::Form) || !form::is_form(head)? {
            self.identify(rules, head, None, asked, record)?;
            let body = outgoing::limited(&head.headers, body, route.body_limit, timeouts)?;
            return Ok(body);
        }
        let limit = route
            .body_limit
            .unwrap_or(u64::MAX)
            .min(form::MAX_FORM_BYTES);
        let body = outgoing::limited(&head.headers, body, Some(limit), timeouts)?;
        let Some(body) = body else {
            self.identify(rules, head, None, asked, record)?;
            return Ok(None);
        };
        // Boxed: other requests need no room for it.
        let form = Box::pin(form::gather(body)).await?;
        self.identify(rules, head, Some(&form), asked, record)?;
        let body = form::without_token(&form, &mut head.headers, timeouts);
        Ok(body)
    }

    /// Who passes, for the record, and what is left to them. Whoever does and has a session of ours is reported, from time to
    /// time.
    pub(crate) fn identify(
        &self,
        rules: &Rules,
        head: &Parts,
        form: Option<&str>,
        (route, address): (&Route, IpAddr),
        record: &mut Record<'_>,
    ) -> Result<(), Refused> {
        let now = self.gateway.settings.clock.milliseconds();
        let second = UnixTime::from_seconds(now / 1000);
        let moment = Moment::from_milliseconds(now);
        // 6. The address limit, and bans that spare sessions, come before the signature, if there is one to check.
        let (entry, mut forged) = (&record.entry, None);
        let buckets = &self.gateway.buckets;
        let mut toll = Toll::new(rules, buckets, address, moment);
        let meter = Meter::new(&rules.limits, &route.limit, buckets, (address, moment));
        let mut known = None;
        let admitted = admit(head, form, route, rules.routes.site(), |token| {
            let before = || {
                entry.before_signature()?;
                toll.before_signature()
            };
            let principal = identify(&rules.verifier, route.accepted(), token, second, before)
                .inspect_err(|refusal| forged = ban::offence(refusal, route))?;
            toll.pay(principal.as_deref())?;
            if meter.is_on() {
                known.clone_from(&principal);
            }
            Ok(principal)
        });
        let refusal = admitted.as_ref().err();
        forged = forged.or_else(|| ban::offence(refusal?, route));
        let settled = entry.settle(&admitted, route, &rules.routes);
        record.offence = forged;
        settled?;
        if let Err(exceeded) = toll.settle() {
            return Err(self.too_much(&exceeded, record));
        }
        let principal = match admitted {
            Ok(principal) => principal,
            Err(refusal) => {
                record.rate_limit = meter.look(known.as_deref());
                let challenge = rules.routes.challenge_for(route);
                return Err(Refused::inviting(refusal, challenge));
            }
        };
        if let Some(principal) = &principal {
            self.report(principal, now);
        }
        // 9. The quota.
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

    /// Reports the use of a token of one of our sessions, if it is time to.
    fn report(&self, principal: &Verified, now: u64) {
        let settings = &self.gateway.settings;
        if let (Some(session), Some(generation)) = (&principal.session, principal.generation)
            && principal.is_own()
            && principal.sighting_due(now, settings.sighting_interval)
        {
            settings.sightings.record(session, generation);
        }
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

    /// What is left to whom nobody knows, for an answer to a request that did not come so far as to be counted.
    fn left(&self, rules: &Rules, record: &Record<'_>) -> Option<RateLimit> {
        let (_, route) = record.route?;
        let now = Moment::from_milliseconds(self.gateway.settings.clock.milliseconds());
        let whence = (record.address?, now);
        Meter::new(&rules.limits, &route.limit, &self.gateway.buckets, whence).look(None)
    }

    async fn forward<'rules>(
        &self,
        head: &mut Parts,
        body: Option<Box<Inbound>>,
        route: &'rules Route,
        context: &Context<'rules>,
        record: &mut Record<'rules>,
    ) -> Result<Response<Body>, Refused> {
        let websocket = outgoing::take_websocket(head);
        if let Target::Service(_) = route.target {
            let wariness = self.gateway.wariness(context.client.address);
            head.extensions.insert(wariness);
        }
        rewrite(head, route, context, record);
        let ties = Ties {
            gateway: &self.gateway,
            verifier: context.verifier,
            token: record.principal.as_ref(),
            streams: route.streams,
        };
        let mut outgoing = Outgoing::new(take(head), body, websocket, route, ties);
        let answered = match &route.target {
            Target::Service(service) => {
                let address = ClientAddress(context.client.address);
                outgoing
                    .ask_service(service, address, record.id.clone(), self.services.as_ref())
                    .await
            }
            Target::Upstream(upstream) => {
                let host = context.authority.as_ref();
                let begun = Instant::now();
                let sent = outgoing
                    .ask_upstream(&self.forwarder, upstream, host, &self.gateway.closing)
                    .await;
                record.asked(upstream, begun);
                sent.inspect_err(|error| self.note_failure(upstream, error, record.id))
            }
            Target::ForwardAuth(_) => return Err(nothing_here()),
        };
        let mut response = answered?;
        if let Some(offence) = response.extensions_mut().remove() {
            record.offence = Some(offence);
        }
        if !route.cors.is_empty() {
            cors::drop_theirs(response.headers_mut());
        }
        Ok(response)
    }

    /// Counts and logs what the client is told nothing about.
    fn note_failure(&self, upstream: &Upstream, error: &ForwardError, id: &RequestId) {
        if let Some(code) = error.upstream_failure() {
            self.gateway
                .metrics
                .count_upstream_error(upstream.name(), code);
            let cause = error.cause();
            tracing::warn!(request_id = %id, upstream = upstream.name(), cause, "an upstream did not answer");
        }
    }
}

/// The route of a request, and in `cross_origin` how the request stands to it, or to its path.
pub(crate) fn find<'table>(
    routes: &'table RouteTable,
    head: &Parts,
    host: Option<&str>,
    path: &str,
    cross_origin: &mut Option<CrossOrigin>,
) -> Result<(RouteIndex, &'table Route), Refused> {
    match routes.find(host, path, &head.method) {
        Found::Route(index, route) => {
            *cross_origin = CrossOrigin::of(&head.headers, &route.cors);
            Ok((index, route))
        }
        Found::OtherMethods(methods) => {
            *cross_origin = CrossOrigin::of(&head.headers, methods.cors());
            Err(Refused::OtherMethods(methods.allow().clone()))
        }
        Found::Nothing => Err(nothing_here()),
    }
}

pub(crate) fn nothing_here() -> Refused {
    Refused::new(Code::NotFound, "no route has this path")
}

/// Takes the head from where it was.
fn take(head: &mut Parts) -> Parts {
    std::mem::replace(head, Request::new(()).into_parts().0)
}
