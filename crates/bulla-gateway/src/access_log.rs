//! A line for a request.

use crate::{metrics::Verdict, record::Record};

/// Which requests are a line in the log, and what of them may be in it that could tell of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccessLog {
    /// Which requests.
    pub lines: AccessLines,
    /// Whether the subject of the token is in it.
    pub subject: bool,
    /// Whether the client's address is in it.
    pub address: bool,
    /// Whether the path is in it, in canonical form and without the query. People put secrets there too.
    pub path: bool,
}

/// Which requests are a line in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccessLines {
    /// None.
    #[default]
    Off,
    /// Those that their target did not answer.
    Refused,
    /// All.
    All,
}

impl AccessLog {
    /// Whether a request with this verdict is a line.
    fn has(&self, verdict: Verdict) -> bool {
        match self.lines {
            AccessLines::Off => false,
            AccessLines::Refused => verdict != Verdict::Accepted,
            AccessLines::All => true,
        }
    }
}

/// Writes the line, if the log has it: at `warn` if the request failed, else at `info`. All that a client or an issuer
/// wrote is written as a text, so that it can neither end a line nor steer a terminal.
pub(crate) fn write(log: &AccessLog, record: &Record<'_>, verdict: Verdict) {
    if !log.has(verdict) {
        return;
    }
    let failed = verdict != Verdict::Accepted && record.status.is_some_and(|s| s.is_server_error());
    let milliseconds = |seconds: f64| (seconds * 1e6).round() / 1e3;
    let request_id = record.id.as_str();
    let trace_id = record.trace.map(|trace| trace.to_string());
    let trace_id = trace_id.as_deref();
    let method = record.method.as_str();
    let route = record.meters().route.name();
    let path = record.path.as_deref();
    let status = record.status.map_or(0, |status| status.as_u16());
    let verdict = verdict.as_str();
    let subject = record.principal.as_ref().filter(|_| log.subject);
    let subject = subject.map(|principal| principal.subject.as_str());
    let address = record.address.filter(|_| log.address);
    let address = address.map(|address| address.to_string());
    let address = address.as_deref();
    let duration_ms = milliseconds(record.duration().as_secs_f64());
    let upstream = record.upstream;
    let upstream_ms = upstream.map(|(_, span)| milliseconds(span.as_secs_f64()));
    let upstream = upstream.map(|(upstream, _)| upstream.name());
    // A level is part of where a line is written, so each has a line of its own; the fields are the same.
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "bulla_gateway::access",
                request_id,
                trace_id,
                method,
                route,
                path,
                status,
                verdict,
                subject,
                address,
                duration_ms,
                upstream,
                upstream_ms,
            )
        };
    }
    if failed {
        line!(warn);
    } else {
        line!(info);
    }
}
