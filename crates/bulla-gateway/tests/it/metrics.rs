//! What is counted.

use bulla_guard::access::Access;

use crate::support::{Nobody, TestGateway, TestUpstream, claims, route, service, token, upstream};

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
        r#"bulla_gateway_responses_total{route="/api/{*rest}",status="2xx"} 2"#,
        r#"bulla_gateway_responses_total{route="/api/{*rest}",status="4xx"} 1"#,
        r#"bulla_gateway_responses_total{route="/gone",status="5xx"} 1"#,
        r#"bulla_gateway_request_duration_seconds_count{route="/api/{*rest}"} 3"#,
        r#"bulla_gateway_request_duration_seconds_bucket{le="+Inf",route="/api/{*rest}"} 3"#,
        r#"bulla_gateway_request_duration_seconds_count{route=""} 1"#,
        r#"bulla_gateway_upstream_duration_seconds_count{upstream="test"} 3"#,
        r#"bulla_gateway_requests_begun_total{version="1.1"} 5"#,
        r#"bulla_gateway_requests_begun_total{version="2"} 0"#,
        "bulla_gateway_connections_total 5",
        "bulla_gateway_requests_active 0",
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

#[tokio::test]
async fn what_goes_on_is_seen_and_so_is_a_client_that_does_not_wait() {
    let (arrived_sender, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let silent = service(move |_| {
        arrived_sender.send(()).unwrap();
        std::future::pending()
    });
    let gateway = TestGateway::start(vec![route("/slow", Access::Public, silent)]).await;
    let mut wire = gateway.connect().await;
    wire.write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    arrived.recv().await.unwrap();
    let has = |line: &str| gateway.metrics().lines().any(|found| found == line);
    assert!(has("bulla_gateway_requests_active 1"));
    assert!(has("bulla_gateway_connections_open 1"));
    drop(wire);
    let gone = r#"bulla_gateway_requests_total{route="/slow",verdict="client_gone"} 1"#;
    while !(has(gone) && has("bulla_gateway_connections_open 0")) {
        tokio::task::yield_now().await;
    }
    assert!(has("bulla_gateway_requests_active 0"));
    assert!(!gateway.metrics().contains("bulla_gateway_responses_total{"));
}
