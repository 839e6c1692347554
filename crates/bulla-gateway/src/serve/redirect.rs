//! From plain HTTP to HTTPS.

use std::{convert::Infallible, sync::Arc};

use bulla_guard::problem::Code;
use http::{HeaderValue, Request, Response, StatusCode, header::LOCATION, request::Parts};
use hyper::{body::Incoming, service::service_fn};
use tokio::{net::TcpStream, sync::watch};

use super::{
    conversation::{Conversation, Phase, Protocols},
    write_deadline::WriteDeadline,
};
use crate::{
    Gateway,
    body::Body,
    limit::Seat,
    refused::Refused,
    request_id::{REQUEST_ID, RequestIds},
    route::HostName,
    steps::{
        canonical_path::canonicalize,
        framing::{self, Authority},
    },
};

/// The number of the porter among the workers of a gateway, of whom there are never so many.
const NUMBER: u16 = u16::MAX;

/// Where plain HTTP is sent on to.
#[derive(Debug, Clone)]
pub struct Redirect {
    host: HostName,
    /// As in `:8443`; empty: the usual one.
    port: String,
}

impl Redirect {
    /// To this host and its port, as they stand in a URL; a host of the gateway's routes keeps its name. `None`: it is no
    /// host.
    #[must_use]
    pub fn to(authority: &str) -> Option<Self> {
        let authority = Authority::parse(authority)?;
        Some(Self {
            host: HostName::parse(authority.host()).ok()?,
            port: authority
                .port()
                .map_or_else(String::new, |port| format!(":{port}")),
        })
    }
}

/// Who stands at the plain listener.
pub(super) struct Porter {
    protocols: Arc<Protocols>,
    phase: watch::Sender<Phase>,
    directions: Arc<Directions>,
}

struct Directions {
    redirect: Redirect,
    gateway: Arc<Gateway>,
    request_ids: RequestIds,
}

impl Porter {
    pub(super) fn new(redirect: Redirect, gateway: Arc<Gateway>) -> Self {
        Self {
            protocols: Arc::new(Protocols::new(&gateway.settings.timeouts)),
            phase: watch::Sender::new(Phase::Serving),
            directions: Arc::new(Directions {
                redirect,
                request_ids: RequestIds::new(gateway.settings.request_id_seed, NUMBER),
                gateway,
            }),
        }
    }

    /// Takes care of a connection to its end.
    pub(super) fn take(&self, stream: TcpStream, seat: Seat) {
        let directions = Arc::clone(&self.directions);
        let write = directions.gateway.settings.timeouts.write;
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = directions.answer(&request.into_parts().0);
            async { Ok::<_, Infallible>(answer) }
        });
        let conversation = Conversation {
            protocols: Arc::clone(&self.protocols),
            phase: self.phase.subscribe(),
        };
        let stream = WriteDeadline::new(stream, write);
        tokio::spawn(async move {
            let _ = conversation.hold(stream, None, service).await;
            drop(seat);
        });
    }

    /// What its connections watch.
    pub(super) const fn phase(&self) -> &watch::Sender<Phase> {
        &self.phase
    }
}

impl Directions {
    fn answer(&self, request: &Parts) -> Response<Body> {
        let id = self.request_ids.next();
        let mut response = match self.location(request) {
            Ok(location) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
                response.headers_mut().insert(LOCATION, location);
                response
            }
            Err(refused) => refused.response(&id),
        };
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }

    /// Where a request should have gone. Of what the client wrote, only a host that is known and a path in canonical form
    /// with its query come back.
    fn location(&self, request: &Parts) -> Result<HeaderValue, Refused> {
        let authority = framing::check(request)?;
        let path = canonicalize(request.uri.path())?;
        let host = authority.as_ref().map(Authority::host);
        let host = host
            .filter(|host| self.knows(host))
            .ok_or_else(|| Refused::new(Code::NotFound, "nothing is served under this host"))?;
        let port = &self.redirect.port;
        let mut location = format!("https://{host}{port}{path}");
        if let Some(query) = request.uri.query() {
            location.extend(["?", query]);
        }
        let value = Some(location).filter(|url| url.is_ascii());
        value
            .and_then(|url| HeaderValue::try_from(url).ok())
            .ok_or_else(|| Refused::new(Code::RequestMalformed, "the target is not ASCII"))
    }

    fn knows(&self, host: &str) -> bool {
        self.redirect.host.matches(host) || self.gateway.rules().rules.routes.names_host(host)
    }
}
