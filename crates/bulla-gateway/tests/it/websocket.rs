//! WebSockets: checked like any request, then bytes both ways.

use std::time::Duration;

use bulla_gateway::{Body, Drained, GatewaySettings};
use bulla_guard::access::Access;
use http::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::{
    TestGateway, TestUpstream, Wire, claims, in_front_of, route, service, token, upstream,
    within_patience,
};

const ASK: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A gateway, and the two ends of a WebSocket through it.
async fn connected() -> (TestGateway, Wire, Wire) {
    connected_with(|_| {}).await
}

async fn connected_with(change: fn(&mut GatewaySettings)) -> (TestGateway, Wire, Wire) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    let routes = vec![route("/{*rest}", Access::Authenticated, target)];
    let gateway = TestGateway::start_with(routes, change).await;
    let mut client = gateway.connect().await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    client
        .write(format!(
            "GET /socket HTTP/1.1\r\nHost: api.example\r\n{bearer}{ASK}\r\n"
        ))
        .await;
    let mut server = Wire::over(listener.accept().await.unwrap().0);
    let head = server.head().await.unwrap().to_ascii_lowercase();
    for line in [
        "connection: upgrade\r\n",
        "upgrade: websocket\r\n",
        "sec-websocket-version: 13\r\n",
        "x-bulla-subject: usr_1\r\n",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    server.write(SWITCH).await;
    let switched = client.answer("GET").await;
    assert_eq!(switched.status, 101);
    assert_eq!(switched.header("upgrade"), Some("websocket"));
    assert_eq!(switched.header("connection"), Some("upgrade"));
    assert_eq!(
        switched.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    (gateway, client, server)
}

#[tokio::test]
async fn an_idle_one_is_closed_on_both_sides() {
    let short = |settings: &mut GatewaySettings| {
        settings.timeouts.tunnel = Duration::from_millis(50);
    };
    let (_gateway, mut client, mut server) = connected_with(short).await;
    assert_eq!(client.rest().await, "");
    assert_eq!(server.rest().await, "");
}

#[tokio::test]
async fn one_that_does_not_read_is_closed() {
    let short = |settings: &mut GatewaySettings| {
        settings.timeouts.write = Duration::from_millis(50);
    };
    let (_gateway, _client, mut server) = connected_with(short).await;
    let writing = async { while server.stream.write_all(&[0; 4096]).await.is_ok() {} };
    within_patience("the end of the connection", writing).await;
}

#[tokio::test]
async fn bytes_pass_both_ways_until_one_side_ends() {
    let (_gateway, mut client, mut server) = connected().await;
    client.write(b"\x81\x02hi").await;
    assert_eq!(server.bytes(4).await.unwrap(), b"\x81\x02hi");
    server.write(b"\x81\x03you").await;
    assert_eq!(client.bytes(5).await.unwrap(), b"\x81\x03you");
    drop(server);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_them() {
    let (gateway, mut client, _server) = connected().await;
    assert_eq!(gateway.stop().await.unwrap(), Drained::Completely);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn without_a_token_there_is_none() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    assert_eq!(gateway.get("/socket", ASK).await.code(), "token_missing");
    server.assert_untouched();
}

#[tokio::test]
async fn an_upstream_that_declines_is_heard() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let answer = gateway.get("/public/socket", ASK).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    assert_eq!(server.only().header("upgrade"), Some("websocket"));
}

#[tokio::test]
async fn a_service_in_the_process_can_speak_it_too() {
    let echo = service(async |mut request: Request<Body>| {
        assert_eq!(request.headers()["upgrade"], "websocket");
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut io = TokioIo::new(upgrade.await.unwrap());
            let mut bytes = [0; 4];
            io.read_exact(&mut bytes).await.unwrap();
            io.write_all(&bytes).await.unwrap();
        });
        let switching = Response::builder()
            .status(101)
            .header("connection", "upgrade");
        switching
            .header("upgrade", "websocket")
            .body(String::new())
            .unwrap()
    });
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, echo)]).await;
    let mut client = gateway.connect().await;
    client
        .write(format!(
            "GET /socket HTTP/1.1\r\nHost: api.example\r\n{ASK}\r\n"
        ))
        .await;
    assert_eq!(client.answer("GET").await.status, 101);
    client.write("echo").await;
    assert_eq!(client.rest().await, "echo");
}
