//! What is counted.

use bulla_guard::access::Access;

use crate::support::{Nobody, TestGateway, TestUpstream, claims, route, token, upstream};

#[tokio::test]
async fn requests_are_counted_by_route_and_verdict() {
    let server = TestUpstream::start().await;
    let nobody = Nobody::bind();
    let gateway = TestGateway::start(vec![
        route(
            "/api/{*rest}",
            Access::Authenticated,
            upstream(server.address),
        ),
        route("/gone", Access::Public, upstream(nobody.address)),
    ])
    .await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    for (path, headers) in [
        ("/api/a", bearer.as_str()),
        ("/api/b", &bearer),
        ("/api/c", ""),
        ("/nowhere", ""),
        ("/gone", ""),
    ] {
        gateway.get(path, headers).await;
    }
    let metrics = gateway.metrics();
    for line in [
        r#"bulla_gateway_requests_total{route="/api/{*rest}",verdict="accepted"} 2"#,
        r#"bulla_gateway_requests_total{route="/api/{*rest}",verdict="token_missing"} 1"#,
        r#"bulla_gateway_requests_total{route="",verdict="not_found"} 1"#,
        r#"bulla_gateway_requests_total{route="/gone",verdict="upstream_unavailable"} 1"#,
        "bulla_gateway_token_cache_hits_total 1",
        "bulla_gateway_token_cache_misses_total 1",
        "bulla_gateway_token_cache_tokens 1",
        r#"bulla_gateway_upstream_errors_total{upstream="test",code="upstream_unavailable"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} in\n{metrics}"
        );
    }
}
