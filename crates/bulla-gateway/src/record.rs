//! What is known of a request while it is answered.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use bulla_guard::{abuse::Offence, client::RequestId, verified::Verified};
use http::{HeaderValue, Method, StatusCode, Version, request::Parts};

use crate::{
    access_log,
    limit::RateLimit,
    metrics::{Ongoing, RouteMeters, Verdict},
    route::{Route, RouteIndex},
    rules::ActiveRules,
    span::Span,
    steps::{ban::Entry, client::Client, cors::CrossOrigin, framing::Authority},
    target::{AskingProxy, Upstream},
    trace_context::{OwnSpan, Trace, TraceId},
    worker::Worker,
};

/// Bytes of a method that are logged. There are none as long as this; a client can make up one of 64 KiB.
const MAX_LOGGED_METHOD: usize = 64;

/// Bytes of a path that are logged.
const MAX_LOGGED_PATH: usize = 1024;

/// What is known of a request, however far it came. It is counted and logged once: when it [ends](Self::end), or when
/// this is dropped before, because nobody waits for the answer any more.
pub(crate) struct Record<'request> {
    worker: &'request Worker,
    active: &'request ActiveRules,
    pub(crate) id: &'request RequestId,
    /// The same as headers have it.
    pub(crate) id_header: HeaderValue,
    /// As far as it is logged.
    pub(crate) method: Method,
    pub(crate) address: Option<IpAddr>,
    /// Whether anybody is let in from there.
    pub(crate) entry: Entry,
    pub(crate) trace: Option<TraceId>,
    /// Boxed: most requests are no span.
    span: Option<Box<Recorded>>,
    /// In canonical form; only if the log wants it.
    pub(crate) path: Option<Box<str>>,
    pub(crate) route: Option<(RouteIndex, &'request Route)>,
    pub(crate) cross_origin: Option<CrossOrigin>,
    /// What the answer says of a limit.
    pub(crate) rate_limit: Option<RateLimit>,
    /// The proxy that asks instead of passing the request on.
    pub(crate) asked_by: Option<AskingProxy>,
    pub(crate) principal: Option<Verified>,
    /// What it was that counts against the client, as far as its refusal does not say so.
    pub(crate) offence: Option<Offence>,
    /// Who was asked, and how long that took.
    pub(crate) upstream: Option<(&'request Upstream, Duration)>,
    pub(crate) status: Option<StatusCode>,
    begun: Instant,
    /// When the upstream had answered, or failed: what comes after takes no time worth another look at the clock.
    answered: Option<Instant>,
    over: Option<Duration>,
    _ongoing: Ongoing<'request>,
}

/// What a span says besides.
struct Recorded {
    ids: OwnSpan,
    version: Version,
    secure: bool,
    host: Option<Authority>,
}

impl<'request> Record<'request> {
    /// The head of a request has arrived.
    pub(crate) fn begin(
        worker: &'request Worker,
        active: &'request ActiveRules,
        id: &'request RequestId,
        request: &Parts,
    ) -> Self {
        let flow = worker.gateway.metrics.traffic.of(worker.number);
        Self {
            worker,
            active,
            id,
            // None of its characters is one that a header could not have.
            id_header: HeaderValue::from_str(id.as_str()).unwrap_or(HeaderValue::from_static("")),
            method: logged(&request.method),
            address: None,
            entry: Entry::GOOD,
            trace: None,
            span: None,
            path: None,
            route: None,
            cross_origin: None,
            rate_limit: None,
            asked_by: None,
            principal: None,
            offence: None,
            upstream: None,
            status: None,
            begun: Instant::now(),
            answered: None,
            over: None,
            _ongoing: flow.request(request.version),
        }
    }

    /// The request belongs to this trace.
    pub(crate) fn joins(&mut self, trace: Trace, version: Version) {
        self.trace = Some(trace.id);
        self.span = trace.span.map(|ids| {
            Box::new(Recorded {
                ids,
                version,
                secure: false,
                host: None,
            })
        });
    }

    /// This client sent the request, to this host.
    pub(crate) fn is_from(&mut self, client: &Client, host: Option<&Authority>) {
        self.address = Some(client.address);
        if let Some(span) = &mut self.span {
            span.secure = client.secure;
            span.host = host.cloned();
        }
    }

    /// The request has this path, in canonical form, which is ASCII.
    pub(crate) fn is_for(&mut self, path: &str) {
        if self.worker.gateway.settings.access_log.path {
            let logged = path.get(..MAX_LOGGED_PATH).unwrap_or(path);
            self.path = Some(logged.into());
        }
    }

    /// An upstream was asked at that time, and answered or failed just now.
    pub(crate) fn asked(&mut self, upstream: &'request Upstream, at: Instant) {
        let now = Instant::now();
        let span = now - at;
        self.answered = Some(now);
        self.upstream = Some((upstream, span));
        if let Some(meter) = &self.meters().upstream {
            meter.count(self.worker.number, span);
        }
    }

    /// The head of the answer is there.
    pub(crate) fn end(mut self, verdict: Verdict, status: StatusCode) {
        self.status = Some(status);
        self.tell(verdict);
    }

    pub(crate) fn meters(&self) -> &'request RouteMeters {
        self.active.meters.of(self.route.map(|(index, _)| index))
    }

    /// From the head of the request to that of the answer.
    pub(crate) fn duration(&self) -> Duration {
        self.over.unwrap_or_default()
    }

    fn tell(&mut self, verdict: Verdict) {
        let over = self.answered.unwrap_or_else(Instant::now);
        self.over = Some(over - self.begun);
        let meter = &self.meters().route;
        meter.count(self.worker.number, verdict, self.status, self.duration());
        access_log::write(&self.worker.gateway.settings.access_log, self, verdict);
        if let Some(span) = &self.span {
            self.export(span, verdict);
        }
    }

    /// What the log may not tell of a person, a span does not tell either.
    fn export(&self, span: &Recorded, verdict: Verdict) {
        let settings = &self.worker.gateway.settings;
        let (Some(sink), Some(trace)) = (&settings.spans, self.trace) else {
            return;
        };
        let log = &settings.access_log;
        let subject = self.principal.as_ref().filter(|_| log.subject);
        sink.record(&Span {
            trace: trace.bytes(),
            id: span.ids.id,
            parent: span.ids.parent,
            duration: self.duration(),
            request_id: self.id.as_str(),
            method: &self.method,
            version: span.version,
            secure: span.secure,
            host: span.host.as_ref().map(Authority::host),
            path: self.path.as_deref(),
            route: self.route.map(|(_, route)| route.path.as_str()),
            address: self.address.filter(|_| log.address),
            subject: subject.map(|principal| principal.subject.as_str()),
            status: self.status,
            refusal: (verdict != Verdict::Accepted).then(|| verdict.as_str()),
            upstream: self
                .upstream
                .map(|(upstream, span)| (upstream.name(), span)),
        });
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if self.over.is_none() {
            self.tell(Verdict::ClientGone);
        }
    }
}

/// A method, cut where the log does.
fn logged(method: &Method) -> Method {
    let cut = method.as_str().get(..MAX_LOGGED_METHOD);
    let cut = cut.and_then(|beginning| Method::from_bytes(beginning.as_bytes()).ok());
    cut.unwrap_or_else(|| method.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_without_end_is_cut() {
        let shown = |method: &str| logged(&Method::from_bytes(method.as_bytes()).unwrap());
        for short in ["GET", "BASELINE-CONTROL", &"M".repeat(MAX_LOGGED_METHOD)] {
            assert_eq!(shown(short).as_str(), short);
        }
        let long = "M".repeat(60_000);
        assert_eq!(shown(&long).as_str(), "M".repeat(MAX_LOGGED_METHOD));
    }
}
