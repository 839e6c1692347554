//! A line for every request.

use bulla_guard::client::RequestId;
use http::{Method, StatusCode};

use crate::metrics::Verdict;

/// Writes the line: at `debug` for what was answered, at `info` for what was refused or failed. Neither the path nor
/// the query is in it: people put secrets there.
pub(crate) fn write(
    id: &RequestId,
    method: &Method,
    route: &str,
    status: StatusCode,
    verdict: Verdict,
) {
    let (status, verdict_name) = (status.as_u16(), verdict.as_str());
    if verdict == Verdict::Accepted {
        tracing::debug!(target: "bulla_gateway::access", request_id = %id, %method, route, status, verdict = verdict_name);
    } else {
        tracing::info!(target: "bulla_gateway::access", request_id = %id, %method, route, status, verdict = verdict_name);
    }
}
