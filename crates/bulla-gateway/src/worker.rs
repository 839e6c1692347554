//! The way of a request.

use std::{net::IpAddr, sync::Arc, time::Instant};

use bulla_guard::client::{ClientAddress, RequestId};
use http::{Request, Response, request::Parts};
use hyper::body::Incoming;
use tokio::runtime::Handle;

use crate::{
    Gateway,
    body::{Body, Inbound},
    decision::Decision,
    forward::{
        ForwardError, Forwarder, Ties,
        outgoing::{self, Outgoing},
    },
    forward_auth::Original,
    grpc,
    metrics::Verdict,
    record::Record,
    refused::Refused,
    request_id::{REQUEST_ID, RequestIds},
    route::{AddedHeader, Route},
    rules::Rules,
    steps::{
        canonical_path::canonicalize,
        client::{self, Peer},
        cors::{self, CrossOrigin},
        framing::{self, Authority},
        rewrite::{Context, rewrite},
        routing::{find, nothing_here},
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
        let is_listed = client::is_trusted(peer.address, &active.rules.trusted_proxies);
        let proxies = &self.gateway.proxies;
        proxies.watch(unique[15], peer.address, is_listed, &head.headers);
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
        let rate_limit = record.rate_limit.take();
        // Of a request that did not come so far as to be counted, nobody knows who sends it.
        let left = || {
            let ((_, route), address) = (record.route?, record.address?);
            self.decision(&active.rules, route, address).left()
        };
        if let Some(rate_limit) = rate_limit.or_else(left) {
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
        let decision = self.decision(rules, route, client.address);
        let body = decision.decide_with_body(head, body, record).await?;
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

    /// What has to be decided about a request on this route, from this address.
    pub(crate) fn decision<'rules>(
        &'rules self,
        rules: &'rules Rules,
        route: &'rules Route,
        address: IpAddr,
    ) -> Decision<'rules> {
        Decision {
            gateway: &self.gateway,
            rules,
            route,
            address,
        }
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

/// Takes the head from where it was.
fn take(head: &mut Parts) -> Parts {
    std::mem::replace(head, Request::new(()).into_parts().0)
}
