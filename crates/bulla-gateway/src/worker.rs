//! The way of a request.

use std::{net::IpAddr, sync::Arc};

use bulla_guard::{
    UnixTime, bearer,
    client::{ClientAddress, RequestId},
    decision::decide,
    problem::Code,
    verified::Verified,
    verifier::Verifier,
};
use http::{HeaderName, HeaderValue, Request, Response, request::Parts};
use hyper::body::Incoming;
use tokio::runtime::Handle;

use crate::{
    Gateway, access_log,
    body::{Body, Inbound},
    forward::{
        ForwardError, Forwarder,
        outgoing::{self, Outgoing},
    },
    metrics::Verdict,
    refused::Refused,
    request_id::RequestIds,
    route::{Found, Route, RouteIndex},
    rules::{ActiveRules, Rules},
    steps::{
        canonical_path::canonicalize,
        client::{self, Client},
        forwarded,
        framing::{self, Authority},
        identity, outbound,
    },
    target::{Target, Upstream},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers requests for a gateway, on one runtime: what a request changes is not shared with other workers.
pub(crate) struct Worker {
    pub(crate) gateway: Arc<Gateway>,
    forwarder: Forwarder,
    request_ids: RequestIds,
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
            services,
            gateway,
        }
    }

    /// Answers a request. Never fails: a failure is an answer too.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let id = self.request_ids.next();
        let method = request.method().clone();
        let mut route = None;
        let ActiveRules { rules, counters } = &*self.gateway.rules();
        let passed = self.pass(rules, request, peer, &id, &mut route).await;
        let (verdict, mut response) = match passed {
            Ok(response) => (Verdict::Accepted, response),
            Err(refused) => (refused.verdict(), refused.response(&id)),
        };
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        self.gateway.metrics.count(counters, route, verdict);
        access_log::write(
            &id,
            &method,
            counters.name(route),
            response.status(),
            verdict,
        );
        response
    }

    async fn pass(
        &self,
        rules: &Rules,
        request: Request<Incoming>,
        peer: IpAddr,
        id: &RequestId,
        taken: &mut Option<RouteIndex>,
    ) -> Result<Response<Body>, Refused> {
        let (mut head, body) = request.into_parts();
        // 1. Bans have their place here.
        // 2. Framing, and who the client is.
        let authority = framing::check(&head)?;
        let client = client::identify(peer, &head.headers, &rules.trusted_proxies);
        // 3. The canonical path.
        let path = canonicalize(head.uri.path())?;
        // 4. The route and its methods.
        let host = authority.as_ref().map(Authority::host);
        let route = match rules.routes.find(host, &path, &head.method) {
            Found::Route(index, route) => {
                *taken = Some(index);
                route
            }
            Found::OtherMethods(allow) => return Err(Refused::OtherMethods(allow.clone())),
            Found::Nothing => return Err(Refused::new(Code::NotFound, "no route has this path")),
        };
        head.uri = outgoing::origin_form(&head.uri, path)?;
        // 5. to 8. Who is it, and may they?
        let principal = self.admit(&rules.verifier, &head, route)?;
        // 9. Quotas have their place here.
        // 10. Forwarding.
        let body = outgoing::limited(
            &head.headers,
            body,
            route.body_limit,
            &self.gateway.settings.timeouts,
        )?;
        let context = Context {
            id,
            client,
            authority,
            principal,
        };
        self.forward(head, body, route, context).await
    }

    /// Who is it, and may they? Whoever may and has a session is reported, from time to time.
    fn admit(
        &self,
        verifier: &Verifier,
        head: &Parts,
        route: &Route,
    ) -> Result<Option<Verified>, Refused> {
        let credential = match bearer::from_authorization(&head.headers) {
            Ok(credential) => credential,
            Err(_) if route.policy.is_public() => None,
            Err(refusal) => return Err(refusal.into()),
        };
        // 6. The address limit has its place here.
        let now = self.gateway.settings.clock.milliseconds();
        let second = UnixTime::from_seconds(now / 1000);
        let principal = decide(verifier, &route.policy, credential, second)?;
        if let Some(principal) = &principal
            && let (Some(session), Some(generation)) = (&principal.session, principal.generation)
            && principal.sighting_due(now, self.gateway.settings.sighting_interval)
        {
            self.gateway.settings.sightings.record(session, generation);
        }
        Ok(principal)
    }

    async fn forward(
        &self,
        mut head: Parts,
        body: Option<Inbound>,
        route: &Route,
        context: Context<'_>,
    ) -> Result<Response<Body>, Refused> {
        let websocket = outgoing::take_websocket(&mut head);
        outbound::clean(&mut head.headers, route.forward_token);
        if let Some(principal) = &context.principal {
            identity::write(&mut head.headers, principal, &route.forward_claims);
        }
        forwarded::write(
            &mut head.headers,
            &context.client,
            context.authority.as_ref(),
        );
        if let Ok(value) = HeaderValue::from_str(context.id.as_str()) {
            head.headers.insert(REQUEST_ID, value);
        }
        let outgoing = Outgoing {
            head,
            body,
            websocket,
            timeouts: &self.gateway.settings.timeouts,
        };
        let answered = match &route.target {
            Target::Service(service) => {
                let address = ClientAddress(context.client.address);
                outgoing
                    .ask_service(service, address, context.id.clone(), self.services.as_ref())
                    .await
            }
            Target::Upstream(upstream) => {
                let host = context.authority.as_ref();
                let sent = outgoing
                    .ask_upstream(&self.forwarder, upstream, host, &self.gateway.closing)
                    .await;
                sent.inspect_err(|error| self.note_failure(upstream, error, context.id))
            }
        };
        Ok(answered?)
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

/// What the steps found out about a request.
struct Context<'request> {
    id: &'request RequestId,
    client: Client,
    authority: Option<Authority>,
    principal: Option<Verified>,
}
