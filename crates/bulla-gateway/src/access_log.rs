//! A line for every request.

use bulla_guard::client::RequestId;
use http::{Method, StatusCode};

use crate::metrics::Verdict;

/// Writes the line: at `warn` for what failed, at `debug` for what was answered or refused, since anybody can be refused
/// as often as they like. Neither the path nor the query is in it: people put secrets there.
pub(crate) fn write(
    id: &RequestId,
    method: &Method,
    route: &str,
    status: StatusCode,
    verdict: Verdict,
) {
    let failed = verdict != Verdict::Accepted && status.is_server_error();
    let (status, verdict_name) = (status.as_u16(), verdict.as_str());
    if !failed {
        tracing::debug!(target: "bulla_gateway::access", request_id = %id, %method, route, status, verdict = verdict_name);
    } else {
        tracing::warn!(target: "bulla_gateway::access", request_id = %id, %method, route, status, verdict = verdict_name);
    }
}
