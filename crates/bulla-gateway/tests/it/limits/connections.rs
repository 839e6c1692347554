//! Connections at once.

use std::num::NonZeroU32;

use bulla_gateway::Entrance;
use bulla_guard::{abuse::Spared, access::Access};

use crate::support::{TestGateway, TestUpstream, eventually, route, rules, upstream};

const ASK: &str = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

async fn start(server: &TestUpstream, proxies: &[&str], exempt: Option<&str>) -> TestGateway {
    let routes = vec![route("/{*rest}", Access::Public, upstream(server.address))];
    let mut rules = rules(routes);
    rules.limits.connections = NonZeroU32::new(2);
    rules.trusted_proxies = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    TestGateway::start_by(rules, |settings| {
        if let Some(exempt) = exempt {
            let exempt = vec![exempt.parse().unwrap()];
            settings.abuse.spare(Spared {
                exempt,
                ..Spared::default()
            });
        }
    })
    .await
}

/// Whether one more connection is answered on.
async fn gets_in(gateway: &TestGateway) -> bool {
    let mut wire = gateway.connect().await;
    wire.write(ASK).await;
    wire.head().await.is_some()
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_another_one_once_one_has_ended() {
    let server = TestUpstream::start().await;
    let gateway = start(&server, &[], None).await;
    let mut open = [gateway.connect().await, gateway.connect().await];
    for wire in &mut open {
        wire.write(ASK).await;
        assert_eq!(wire.answer("GET").await.status, 200);
    }
    assert!(!gets_in(&gateway).await);
    assert!(
        gateway
            .metrics()
            .contains("bulla_gateway_connections_refused_total 1")
    );
    let [first, mut second] = open;
    drop(first);
    eventually("a seat is free", async || gets_in(&gateway).await).await;
    second.write(ASK).await;
    assert_eq!(second.answer("GET").await.status, 200);
}

#[tokio::test]
async fn the_client_that_a_proxy_names_before_anything_else_has_so_many() {
    let server = TestUpstream::start().await;
    let routes = vec![route("/{*rest}", Access::Public, upstream(server.address))];
    let mut rules = rules(routes);
    rules.limits.connections = NonZeroU32::new(2);
    rules.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let entrance = Entrance {
        proxy_protocol: true,
        ..Entrance::default()
    };
    let gateway = TestGateway::start_behind(entrance, rules, |_| {}).await;
    let connect = async |client: &str| {
        let mut wire = gateway.connect().await;
        let header = format!("PROXY TCP4 {client} 198.51.100.1 4711 443\r\n");
        wire.write(header + ASK).await;
        let answered = wire.head().await.is_some();
        answered.then_some(wire)
    };
    let [first, second] = [connect("192.0.2.1").await, connect("192.0.2.1").await];
    assert!(first.is_some() && second.is_some());
    assert!(connect("192.0.2.1").await.is_none());
    assert!(connect("192.0.2.2").await.is_some(), "the control");
    drop(first);
    eventually("a seat is free", async || {
        connect("192.0.2.1").await.is_some()
    })
    .await;
}

#[tokio::test]
async fn who_is_exempt_or_a_listed_proxy_has_any_number() {
    let server = TestUpstream::start().await;
    for gateway in [
        start(&server, &[], Some("127.0.0.1")).await,
        start(&server, &["127.0.0.1"], None).await,
    ] {
        let mut open = Vec::new();
        for _ in 0..5 {
            let mut wire = gateway.connect().await;
            wire.write(ASK).await;
            assert_eq!(wire.answer("GET").await.status, 200);
            open.push(wire);
        }
    }
}
