//! What does not change while a gateway runs.

use std::{sync::Arc, time::Duration};

use bulla_guard::abuse::AbuseLedger;

use crate::{
    access_log::AccessLog, clock::Clock, sighting::SightingSink, span::SpanSink,
    trace_context::Sampling,
};

/// What stays as it is as long as a [`Gateway`](crate::Gateway) runs.
pub struct GatewaySettings {
    /// Is told which sessions' tokens are in use.
    pub sightings: Arc<dyn SightingSink>,
    /// How often the use of one token is reported again, at most. A token that is not in the verifier's cache is
    /// reported on every use.
    pub sighting_interval: Duration,
    /// What addresses have come to, and whom nothing is counted against: the
    /// [trusted proxies](crate::Rules::trusted_proxies) should be among them.
    pub abuse: Arc<AbuseLedger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long each phase of a request may take.
    pub timeouts: Timeouts,
    /// Random bytes, different at every start: the first half of every request id. The other half counts.
    pub request_id_seed: [u8; 8],
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// Whether a request that belongs to no trace begins one; `None`: no.
    pub begin_traces: Option<Sampling>,
    /// Is told of the requests of sampled traces; `None`: then the gateway puts no span of its own into a trace.
    pub spans: Option<Arc<dyn SpanSink>>,
}

/// How long each phase may take. All but [`body`](Self::body) are checked against progress alone, and none against the
/// size of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// From accept to the end of what comes before HTTP: a PROXY header and the TLS handshake.
    pub handshake: Duration,
    /// From the first byte a client may send to the end of a request's head; also how long an idle connection is kept.
    pub head: Duration,
    /// To connect to an upstream.
    pub connect: Duration,
    /// How long nothing may move between a request's head and the head of its answer: the client sends no more of its
    /// body (408), or the upstream reads none and does not answer (504 `upstream_timeout`).
    pub response: Duration,
    /// From here on, the time for which a body was waited for counts against what has come of it: fewer than 240 bytes a
    /// second since the beginning are 408. A body for a service in this process must be there in this time.
    pub body: Duration,
    /// How long the system may accept nothing of what is written to a client. It accepts more only once the client has
    /// taken about a third of what waits for it, up to some megabytes, so this is also the least that a client must read
    /// in that time: too short a span cuts off slow readers. Over HTTP/2 it is also how long, or at most twice that, a stream's
    /// window may not take the piece of an answer that is there.
    pub write: Duration,
    /// How long nothing may move, either way, through a WebSocket.
    pub tunnel: Duration,
    /// How often it is looked whether the token still holds that a stream is tied to.
    pub token_look: Duration,
    /// How long a kept-alive connection to an upstream is kept idle.
    pub upstream_idle: Duration,
    /// From the start of a shutdown to the moment at which requests still in flight are cut off.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            connect: Duration::from_secs(5),
            response: Duration::from_secs(60),
            body: Duration::from_secs(60),
            write: Duration::from_secs(5 * 60),
            tunnel: Duration::from_secs(60 * 60),
            token_look: Duration::from_secs(1),
            // Node.js closes after five: a connection must not be used at the moment at which it ends.
            upstream_idle: Duration::from_secs(4),
            drain: Duration::from_secs(30),
        }
    }
}

/// A gateway could not be assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleGatewayError {
    /// An upstream is reached over TLS, and the system's root certificates could not be read.
    #[error("the system's root certificates could not be read: {0}")]
    RootCertificates(#[from] std::io::Error),
}
