//! The way of a request.

use std::{net::IpAddr, sync::Arc};

use bulla_guard::{
    bearer,
    client::{ClientAddress, RequestId},
    decision::decide,
    principal::Principal,
    problem::Code,
};
use http::{HeaderName, HeaderValue, Request, Response, request::Parts};
use hyper::body::Incoming;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::{
    access_log,
    body::{Body, Inbound},
    forward::{
        ForwardError, Forwarder,
        outgoing::{self, Outgoing},
    },
    metrics::{Metrics, Verdict},
    refused::Refused,
    request_id::RequestIds,
    route::{Found, Route, RouteIndex},
    settings::{AssembleGatewayError, GatewaySettings},
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

/// What every public request passes. In this order:
///
/// 1. *(bans: dropped at accept, checked again for each request)*
/// 2. framing: what could be read in two ways is refused; what the client is, is told from the peer
/// 3. the canonical path, made once, matched **and** forwarded in that form
/// 4. the route: nothing matches → 404; another method → 405
/// 5. the credential
/// 6. *(the address limit)*
/// 7. verification and
/// 8. the access policy: [`bulla_guard::decision`]
/// 9. *(the quota)*
/// 10. what is not the client's to say is taken out, what the gateway knows is put in, and the request goes on
///
/// Steps in brackets have their place and do nothing yet. No step waits for a database or for the issuer.
///
/// Every answer has an `X-Request-Id`, which the target gets too; it is never taken over from the client.
pub struct Gateway {
    pub(crate) settings: GatewaySettings,
    forwarder: Forwarder,
    metrics: Metrics,
    request_ids: RequestIds,
    closing: watch::Sender<bool>,
}

impl Gateway {
    /// Assembles a gateway and registers its counters.
    ///
    /// # Errors
    /// An upstream is reached over TLS, and the system's root certificates cannot be read.
    pub fn new(
        settings: GatewaySettings,
        registry: &mut Registry,
    ) -> Result<Self, AssembleGatewayError> {
        let routes = settings.routes.routes();
        let needs_tls = routes.iter().any(|route| match &route.target {
            Target::Upstream(upstream) => upstream.needs_tls(),
            Target::Service(_) => false,
        });
        Ok(Self {
            forwarder: Forwarder::new(&settings.timeouts, needs_tls)?,
            metrics: Metrics::register(registry, routes),
            request_ids: RequestIds::new(settings.request_id_seed),
            closing: watch::Sender::new(false),
            settings,
        })
    }

    /// Answers a request. Never fails: a failure is an answer too.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let id = self.request_ids.next();
        let method = request.method().clone();
        let mut route = None;
        let (verdict, mut response) = match self.pass(request, peer, &id, &mut route).await {
            Ok(response) => (Verdict::Accepted, response),
            Err(refused) => (refused.verdict(), refused.response(&id)),
        };
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        self.metrics.count(route, verdict);
        access_log::write(
            &id,
            &method,
            self.metrics.route_name(route),
            response.status(),
            verdict,
        );
        response
    }

    /// Ends the connections that no longer speak HTTP, which would otherwise outlast every drain.
    pub(crate) fn close_tunnels(&self) {
        self.closing.send_replace(true);
    }

    async fn pass(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        id: &RequestId,
        taken: &mut Option<RouteIndex>,
    ) -> Result<Response<Body>, Refused> {
        let (mut head, body) = request.into_parts();
        // 1. Bans have their place here.
        // 2. Framing, and who the client is.
        let authority = framing::check(&head)?;
        let client = client::identify(peer, &head.headers, &self.settings.trusted_proxies);
        // 3. The canonical path.
        let path = canonicalize(head.uri.path())?;
        // 4. The route and its methods.
        let host = authority.as_ref().map(Authority::host);
        let route = match self.settings.routes.find(host, &path, &head.method) {
            Found::Route(index, route) => {
                *taken = Some(index);
                route
            }
            Found::OtherMethods(allow) => return Err(Refused::OtherMethods(allow.clone())),
            Found::Nothing => return Err(Refused::new(Code::NotFound, "no route has this path")),
        };
        head.uri = outgoing::origin_form(&head.uri, path)?;
        // 5. to 8. Who is it, and may they?
        let principal = self.admit(&head, route)?;
        // 9. Quotas have their place here.
        // 10. Forwarding.
        let body = outgoing::limited(&head.headers, body, route.body_limit)?;
        let context = Context {
            id,
            client,
            authority,
            principal,
        };
        self.forward(head, body, route, context).await
    }

    /// Who is it, and may they? Whoever may and has a session is reported.
    fn admit(&self, head: &Parts, route: &Route) -> Result<Option<Arc<Principal>>, Refused> {
        let credential = match bearer::from_authorization(&head.headers) {
            Ok(credential) => credential,
            Err(_) if route.policy.is_public() => None,
            Err(refusal) => return Err(refusal.into()),
        };
        // 6. The address limit has its place here.
        let now = self.settings.clock.now();
        let principal = decide(&self.settings.verifier, &route.policy, credential, now)?;
        if let Some(principal) = &principal
            && let (Some(session), Some(generation)) = (&principal.session, principal.generation)
        {
            self.settings.sightings.record(session, generation);
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
            timeouts: &self.settings.timeouts,
        };
        let answered = match &route.target {
            Target::Service(service) => {
                let address = ClientAddress(context.client.address);
                outgoing
                    .ask_service(service, address, context.id.clone())
                    .await
            }
            Target::Upstream(upstream) => {
                let host = context.authority.as_ref();
                let sent = outgoing
                    .ask_upstream(&self.forwarder, upstream, host, &self.closing)
                    .await;
                sent.inspect_err(|error| self.note_failure(upstream, error, context.id))
            }
        };
        Ok(answered?)
    }

    /// Counts and logs what the client is told nothing about.
    fn note_failure(&self, upstream: &Upstream, error: &ForwardError, id: &RequestId) {
        if let Some(code) = error.upstream_failure() {
            self.metrics.count_upstream_error(upstream.name(), code);
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
    principal: Option<Arc<Principal>>,
}
