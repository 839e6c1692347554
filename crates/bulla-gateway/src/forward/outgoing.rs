//! A request as it leaves the gateway.

use std::{borrow::Cow, pin::pin, sync::Arc, time::Duration};

use bulla_guard::{
    client::{ClientAddress, RequestId},
    problem::Code,
};
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version,
    header::{CONNECTION, CONTENT_LENGTH, UPGRADE},
    request::Parts,
    uri::PathAndQuery,
};
use hyper::{body::Incoming, upgrade::OnUpgrade};
use tokio::{runtime::Handle, sync::watch};

use super::{
    ForwardError, Forwarder, Tether, Ties,
    patience::{self, Impatience},
    tunnel,
};
use crate::{
    body::{Body, End, Inbound, Progress},
    refused::Refused,
    route::{CredentialPlace, Route},
    settings::Timeouts,
    steps::{framing::Authority, hop_by_hop, parameter},
    target::{InProcess, Protocol, Upstream},
};

/// Bytes of an answer that no buffer on the way keeps waiting.
const MOST_AT_ONCE: u64 = 64 * 1024;

/// A request that passed every step, on its way to its target.
pub(crate) struct Outgoing<'request> {
    /// In origin form. Stays here until it is sent: what asks for the answer would otherwise have room for it too.
    request: Request<Body>,
    /// How far its body has come; `None`: it has none.
    progress: Option<Arc<Progress>>,
    /// The client's side of a WebSocket that the target is to be asked for.
    websocket: Option<OnUpgrade>,
    /// How long to wait for an answer without progress.
    response_timeout: Duration,
    /// How long nothing may move through a WebSocket.
    tunnel_timeout: Duration,
    ties: Ties<'request>,
}

/// The target of the request: the canonical path without the route's prefix, and the query as it came without the token,
/// where that may be in it.
pub(crate) fn origin_form(uri: &Uri, path: &str, route: &Route) -> Result<Uri, Refused> {
    let strips_query = route.credential.contains(CredentialPlace::Query);
    let query = match uri.query() {
        Some(query) if strips_query => match parameter::without_token(query) {
            Cow::Owned(nothing) if nothing.is_empty() => None,
            others => Some(others),
        },
        query => query.map(Cow::Borrowed),
    };
    let keeps_all = path == uri.path()
        && route.strip_prefix.is_none()
        && (!strips_query || query.as_deref() == uri.query());
    let unchanged = uri
        .path_and_query()
        .filter(|whole| keeps_all && whole.as_str().starts_with('/'));
    let path = match &route.strip_prefix {
        Some(prefix) => prefix.strip(path),
        None => path,
    };
    let target = match (unchanged, query.as_deref()) {
        (Some(whole), _) => Ok(whole.clone()),
        (None, Some(query)) => PathAndQuery::try_from(format!("{path}?{query}")),
        (None, None) => PathAndQuery::try_from(path),
    };
    let too_long = |_| {
        Refused::new(
            Code::RequestMalformed,
            "the path in canonical form is too long",
        )
    };
    target.map(Uri::from).map_err(too_long)
}

/// The request's body under the route's limit; `None` if it has no bytes.
pub(crate) fn limited(
    headers: &HeaderMap,
    body: Incoming,
    limit: Option<u64>,
    timeouts: &Timeouts,
) -> Result<Option<Box<Inbound>>, Refused> {
    if http_body::Body::is_end_stream(&body) {
        return Ok(None);
    }
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match (announced, limit) {
        (Some(announced), Some(limit)) if announced > limit => {
            Err(ForwardError::TooLarge { limit }.into())
        }
        _ => Ok(Some(Inbound::new(body, limit, timeouts))),
    }
}

/// Takes the client's side of an upgrade, if it asks for a WebSocket.
pub(crate) fn take_websocket(head: &mut Parts) -> Option<OnUpgrade> {
    let upgrade = head.extensions.remove::<OnUpgrade>();
    upgrade.filter(|_| hop_by_hop::asks_for_websocket(head))
}

impl<'request> Outgoing<'request> {
    /// A request with this head, and this body unless it has no bytes at all.
    pub(crate) fn new(
        mut head: Parts,
        body: Option<Box<Inbound>>,
        websocket: Option<OnUpgrade>,
        route: &Route,
        ties: Ties<'request>,
    ) -> Self {
        let timeouts = &ties.gateway.settings.timeouts;
        head.version = Version::HTTP_11;
        let progress = body.as_deref().map(Inbound::progress);
        let body = body.map(|body| body.reserving(&route.request_headers));
        let lend = match route.target.is_asked_over_http2() {
            true => Body::lent,
            false => Body::from_client,
        };
        Self {
            request: Request::from_parts(head, body.map_or_else(Body::empty, lend)),
            progress,
            websocket,
            response_timeout: route.response_timeout.unwrap_or(timeouts.response),
            tunnel_timeout: route.tunnel_timeout.unwrap_or(timeouts.tunnel),
            ties,
        }
    }

    /// Asks a service in this process, as an upstream would be asked.
    pub(crate) async fn ask_service(
        &mut self,
        service: &InProcess,
        client: ClientAddress,
        id: RequestId,
        runtime: Option<&Handle>,
    ) -> Result<Response<Body>, ForwardError> {
        let websocket = self.websocket.take();
        if websocket.is_some() {
            ask_for_websocket(self.request.headers_mut());
        }
        let mut request = std::mem::take(&mut self.request);
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(id);
        if let Some(upgrade) = websocket {
            request.extensions_mut().insert(upgrade);
        }
        request.body_mut().limit_time();
        let (span, progress) = (self.response_timeout, self.progress.as_deref());
        // A service has limits of its own; here it is only kept from waiting for a client that stopped sending.
        let mut answer = pin!(service.call(request, runtime));
        loop {
            match patience::wait(answer.as_mut(), progress, span).await {
                // Of a body that broke off, it knows only that.
                Ok(_) if progress.and_then(Progress::end) == Some(End::TooSlow) => {
                    return Err(ForwardError::ClientStalled);
                }
                Ok(response) => return Ok(response),
                Err(Impatience::Client) => return Err(ForwardError::ClientStalled),
                Err(Impatience::Target) => {}
            }
        }
    }

    /// Asks one of the upstream's servers.
    pub(crate) async fn ask_upstream(
        &mut self,
        forwarder: &Forwarder,
        upstream: &Upstream,
        authority: Option<&Authority>,
        closing: &watch::Sender<bool>,
    ) -> Result<Response<Body>, ForwardError> {
        // Nothing but HTTP/1.1 has upgrades; a server may ignore them (RFC 9110 section 7.8), and so may we for it.
        let http2 = upstream.protocol() == Protocol::Http2;
        let websocket = self.websocket.take().filter(|_| !http2);
        if websocket.is_some() {
            ask_for_websocket(self.request.headers_mut());
        }
        let progress = self.progress.as_deref();
        let sending = forwarder.send(upstream, authority, &mut self.request, progress);
        let sent = patience::wait(pin!(sending), progress, self.response_timeout).await;
        let (response, lease) = sent.map_err(|impatience| match impatience {
            Impatience::Client => ForwardError::ClientStalled,
            Impatience::Target => ForwardError::TimedOut,
        })??;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let client = websocket.ok_or(ForwardError::BadUpgrade)?;
            let tether = self.ties.tie();
            return switch(client, response, self.tunnel_timeout, tether, closing);
        }
        let (mut head, body) = response.into_parts();
        hop_by_hop::strip(&mut head.headers);
        head.version = Version::HTTP_11;
        let tether = if is_stream(&body) {
            self.ties.tie()
        } else {
            None
        };
        let body = Body::from_upstream(body, lease, tether);
        Ok(Response::from_parts(head, body))
    }
}

/// Takes an upstream's word for the switch to the client, and connects the two sides.
fn switch(
    client: OnUpgrade,
    mut response: Response<Incoming>,
    idle: Duration,
    tether: Option<Box<Tether>>,
    closing: &watch::Sender<bool>,
) -> Result<Response<Body>, ForwardError> {
    let protocol = response.headers().get(UPGRADE);
    if !protocol.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return Err(ForwardError::BadUpgrade);
    }
    let upstream = hyper::upgrade::on(&mut response);
    tokio::spawn(tunnel::run(
        client,
        upstream,
        idle,
        tether,
        closing.subscribe(),
    ));
    let mut headers = std::mem::take(response.headers_mut());
    hop_by_hop::strip(&mut headers);
    ask_for_websocket(&mut headers);
    let mut switching = Response::new(Body::empty());
    *switching.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *switching.headers_mut() = headers;
    Ok(switching)
}

/// Whether an answer may still be under way long after its beginning.
fn is_stream(body: &Incoming) -> bool {
    let length = http_body::Body::size_hint(body).exact();
    length.is_none_or(|length| length > MOST_AT_ONCE)
}

fn ask_for_websocket(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}
