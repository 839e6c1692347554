//! Other rules while requests are answered.

use bulla_gateway::target::{Protocol, UpstreamOptions};
use bulla_guard::access::Access;
use tokio::net::TcpListener;

use crate::support::{TestGateway, TestUpstream, Wire, balanced, route, rules, upstream};

const REQUESTS: usize = 200;

const SLOW: &str = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_request_is_decided_by_the_rules_it_came_under() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let old = upstream(listener.local_addr().unwrap());
    let gateway = TestGateway::start(vec![route("/slow", Access::Public, old)]).await;
    let mut client = gateway.connect().await;
    client.write(SLOW).await;
    let mut asked = Wire::over(listener.accept().await.unwrap().0);
    asked.head().await.unwrap();

    let new = TestUpstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew").await;
    let routes = vec![route("/new", Access::Public, upstream(new.address))];
    gateway.gateway.replace_rules(rules(routes)).unwrap();

    asked
        .write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
        .await;
    assert_eq!(client.answer("GET").await.body, "old");
    // The same connection asks under the rules of now.
    client.write(SLOW).await;
    assert_eq!(client.answer("GET").await.status, 404);
    assert_eq!(gateway.get("/new", "").await.body, "new");
    let metrics = gateway.metrics();
    for line in [
        r#"bulla_gateway_requests_total{route="/slow",verdict="accepted"} 1"#,
        r#"bulla_gateway_requests_total{route="",verdict="not_found"} 1"#,
        r#"bulla_gateway_requests_total{route="/new",verdict="accepted"} 1"#,
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}");
    }
}

#[tokio::test]
async fn a_server_that_is_described_anew_is_one_line_of_the_metrics() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = other.local_addr().unwrap();
    let described = |protocol| {
        let options = UpstreamOptions {
            protocol,
            ..UpstreamOptions::default()
        };
        let target = balanced(&[address, other], &options);
        vec![route("/slow", Access::Public, target)]
    };
    let gateway = TestGateway::start(described(Protocol::Http1)).await;
    let lines = || {
        let metrics = gateway.metrics();
        let of_servers = metrics
            .lines()
            .filter(|line| line.starts_with("bulla_gateway_upstream_healthy{"));
        let mut lines: Vec<String> = of_servers.map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let before = lines();
    assert_eq!(before.len(), 2, "the control: each server has its own");
    let mut client = gateway.connect().await;
    client.write(SLOW).await;
    let mut asked = Wire::over(listener.accept().await.unwrap().0);
    asked.head().await.unwrap();
    for protocol in [Protocol::Http2, Protocol::Http1] {
        let described = rules(described(protocol));
        gateway.gateway.replace_rules(described).unwrap();
        assert_eq!(lines(), before);
    }
    asked
        .write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
        .await;
    assert_eq!(client.answer("GET").await.body, "old");
}

#[tokio::test]
async fn none_fails_while_rules_change() {
    let server = TestUpstream::start().await;
    let routes = || vec![route("/{*rest}", Access::Public, upstream(server.address))];
    let gateway = TestGateway::start(routes()).await;
    let ask = || async {
        let mut wire = gateway.connect().await;
        for _ in 0..REQUESTS {
            wire.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").await;
            assert_eq!(wire.answer("GET").await.status, 200);
            gateway.gateway.replace_rules(rules(routes())).unwrap();
        }
    };
    tokio::join!(ask(), ask(), ask());
    assert_eq!(server.received().len(), 3 * REQUESTS);
}
