//! What the operator is told.

use super::{ADDRESS, Judging, OTHER};
use crate::support::eventually;

#[tokio::test]
async fn offences_steps_and_standings_are_counted() {
    let judging = Judging::start().await;
    judging.forge(400, ADDRESS).await;
    judging.get("/auth/login", OTHER, None).await;
    let metrics = judging.gateway.metrics();
    for line in [
        "bulla_gateway_offences_total{offence=\"forged_token\"} 400",
        "bulla_gateway_offences_total{offence=\"failed_login\"} 1",
        "bulla_gateway_abuse_steps_total{rung=\"challenge\",direction=\"up\"} 1",
        "bulla_gateway_abuse_steps_total{rung=\"1m\",direction=\"up\"} 1",
        "bulla_gateway_abuse_steps_total{rung=\"1m\",direction=\"down\"} 0",
        "bulla_gateway_abuse_prefixes{rung=\"1m\"} 1",
        "bulla_gateway_abuse_prefixes{rung=\"manual\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    judging.advance(60_000);
    eventually("the end of the ban", async || {
        let metrics = judging.gateway.metrics();
        metrics.contains("bulla_gateway_abuse_steps_total{rung=\"1m\",direction=\"down\"} 1")
            && metrics.contains("bulla_gateway_abuse_prefixes{rung=\"challenge\"} 1")
    })
    .await;
}
