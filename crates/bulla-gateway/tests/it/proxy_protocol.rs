//! Proxies that say in the PROXY protocol who connected.

use std::time::Duration;

use bulla_gateway::{Entrance, GatewaySettings, Rules};
use bulla_guard::access::Access;

use crate::support::{TestGateway, TestUpstream, Wire, route, rules, tls, upstream};

const GET: &str = "GET / HTTP/1.1\r\nHost: api.example\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n";
const LINE: &str = "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n";
/// The same, from 127.0.0.9.
const LINE_OF_A_PROXY: &str = "PROXY TCP4 127.0.0.9 203.0.113.9 56324 443\r\n";
const BLOCK: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xcb\0\x71\x09\xdc\x04\x01\xbb";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

fn behind(server: &TestUpstream, trusted: &str) -> Rules {
    let routes = vec![route("/{*rest}", Access::Public, upstream(server.address))];
    Rules {
        trusted_proxies: vec![trusted.parse().unwrap()],
        ..rules(routes)
    }
}

async fn start_with(
    rules: Rules,
    entrance: Entrance,
    change: fn(&mut GatewaySettings),
) -> TestGateway {
    let entrance = Entrance {
        proxy_protocol: true,
        ..entrance
    };
    TestGateway::start_behind(entrance, rules, change).await
}

async fn start(server: &TestUpstream, trusted: &str) -> TestGateway {
    start_with(behind(server, trusted), Entrance::default(), |_| {}).await
}

/// Which client the API is told of.
async fn told(server: &TestUpstream, gateway: &TestGateway, header: &[u8]) -> String {
    let answer = gateway.send([header, GET.as_bytes()].concat()).await;
    assert_eq!(answer.status, 200);
    let request = server.received().pop().unwrap();
    request.header("x-forwarded-for").unwrap().to_owned()
}

#[tokio::test]
async fn the_client_is_who_they_say() {
    let server = TestUpstream::start().await;
    let gateway = start(&server, "127.0.0.0/8").await;
    for header in [LINE.as_bytes(), BLOCK] {
        assert_eq!(told(&server, &gateway, header).await, "192.0.2.1");
    }
    // Only a proxy is believed about who asked it.
    let behind_another = told(&server, &gateway, LINE_OF_A_PROXY.as_bytes()).await;
    assert_eq!(behind_another, "198.51.100.7");
}

#[tokio::test]
async fn who_says_nobody_is_asking_himself() {
    let server = TestUpstream::start().await;
    let gateway = start(&server, "127.0.0.0/8").await;
    for header in [LOCAL, b"PROXY UNKNOWN\r\n"] {
        // He is a trusted proxy, so his header counts.
        assert_eq!(told(&server, &gateway, header).await, "198.51.100.7");
    }
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let server = TestUpstream::start().await;
    let stranger = start(&server, "192.0.2.0/24").await;
    for said in [&[LINE, GET].concat(), GET] {
        let mut wire = stranger.connect().await;
        wire.write(said).await;
        assert_eq!(wire.rest().await, "");
    }
    server.assert_untouched();
}

#[tokio::test]
async fn what_is_no_header_ends_the_connection() {
    let server = TestUpstream::start().await;
    let gateway = start(&server, "127.0.0.1").await;
    let twice = [LINE, LINE, GET].concat();
    let endless = format!("PROXY UNKNOWN {}", "f".repeat(200));
    for said in [GET, &twice, &endless, "PROXY TCP4 a b 1 2\r\n"] {
        let mut wire = gateway.connect().await;
        wire.write(said).await;
        let answered = wire.rest().await;
        // After the first line, the second is no request.
        assert!(
            answered.is_empty() || (said == twice && answered.starts_with("HTTP/1.1 400")),
            "{said:?}: {answered}"
        );
    }
    server.assert_untouched();
    assert_eq!(told(&server, &gateway, LINE.as_bytes()).await, "192.0.2.1");
}

#[tokio::test]
async fn a_header_that_does_not_come() {
    let server = TestUpstream::start().await;
    let short = |settings: &mut GatewaySettings| {
        settings.timeouts.handshake = Duration::from_millis(50);
    };
    let rules = behind(&server, "127.0.0.1");
    let gateway = start_with(rules, Entrance::default(), short).await;
    for said in [&[][..], &LINE.as_bytes()[..20], &BLOCK[..20]] {
        let mut wire = gateway.connect().await;
        wire.write(said).await;
        assert_eq!(wire.rest().await, "");
    }
    // With the usual time, the very same start is enough once the rest has come.
    let gateway = start(&server, "127.0.0.1").await;
    let mut wire = gateway.connect().await;
    let (start, rest) = LINE.split_at(20);
    wire.write(start).await;
    wire.write([rest, GET].concat()).await;
    assert_eq!(wire.answer("GET").await.status, 200);
}

#[tokio::test]
async fn it_comes_before_tls() {
    let server = TestUpstream::start().await;
    let rules = behind(&server, "127.0.0.1");
    let gateway = start_with(rules, tls::FIRST.entrance(), |_| {}).await;
    let mut wire = gateway.connect().await;
    wire.write(LINE).await;
    let stream = tls::FIRST.client(&[]).over(wire.stream).await.unwrap();
    let mut wire = Wire::over(stream);
    wire.write(GET).await;
    assert_eq!(wire.answer("GET").await.status, 200);
    let received = server.only();
    assert_eq!(received.header("x-forwarded-for"), Some("192.0.2.1"));
    assert_eq!(received.header("x-forwarded-proto"), Some("https"));
    let without = tls::FIRST.client(&[]).try_connect(gateway.address).await;
    assert!(without.is_err());
}
