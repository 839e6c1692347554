//! Which HTTP is spoken, and what the API is told.

use bulla_guard::access::Access;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio_rustls::rustls::version;

use super::{GET, in_front_of};
use crate::support::{TestGateway, TestUpstream, Wire, route, rules, tls, upstream};

#[tokio::test]
async fn a_request_over_either_version_is_called_secure() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for version in [&version::TLS12, &version::TLS13] {
        for alpn in [&["http/1.1"][..], &[]] {
            let client = tls::FIRST.client(alpn).with_version(version);
            let mut wire = client.connect(gateway.address).await;
            wire.write(GET).await;
            assert_eq!(wire.answer("GET").await.status, 200, "{version:?} {alpn:?}");
        }
    }
    let received = server.received();
    assert_eq!(received.len(), 4);
    for request in received {
        assert_eq!(request.header("x-forwarded-proto"), Some("https"));
        assert_eq!(request.header("x-forwarded-for"), Some("127.0.0.1"));
    }
    // Nothing of it holds without TLS.
    let gateway = crate::support::in_front_of(&server).await;
    assert_eq!(gateway.send(GET).await.status, 200);
    let plain = server.received().pop().unwrap();
    assert_eq!(plain.header("x-forwarded-proto"), Some("http"));
}

#[tokio::test]
async fn http2_is_what_a_client_gets_that_offers_it() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let client = tls::FIRST.client(&["h2", "http/1.1"]);
    let stream = client.try_connect(gateway.address).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://api.example/public/a")
        .body(Full::<Bytes>::default())
        .unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    let received = server.only();
    assert_eq!(received.header("host"), Some("api.example"));
    assert_eq!(received.header("x-forwarded-proto"), Some("https"));
}

#[tokio::test]
async fn another_protocol_than_was_agreed_on_is_no_request() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (alpn, said) in [(&["h2"][..], GET), (&["http/1.1"], preface), (&[], preface)] {
        let mut wire = tls::FIRST.client(alpn).connect(gateway.address).await;
        wire.write(said).await;
        assert_eq!(wire.rest().await, "", "{alpn:?}");
    }
    let refused = tls::FIRST
        .client(&["imap"])
        .try_connect(gateway.address)
        .await;
    assert!(refused.is_err());
    server.assert_untouched();
    let mut wire = tls::FIRST
        .client(&["imap", "http/1.1"])
        .connect(gateway.address)
        .await;
    wire.write(GET).await;
    assert_eq!(wire.answer("GET").await.status, 200);
}

#[tokio::test]
async fn plain_http_is_not_answered() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut wire = gateway.connect().await;
    wire.write(GET).await;
    // An alert, which is no text.
    assert!(wire.head().await.is_none());
    server.assert_untouched();
}

#[tokio::test]
async fn bytes_of_a_websocket_pass_both_ways() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    let routes = rules(vec![route("/{*rest}", Access::Public, target)]);
    let gateway = TestGateway::start_behind(tls::FIRST.entrance(), routes, |_| {}).await;
    let mut client = tls::FIRST
        .client(&["http/1.1"])
        .connect(gateway.address)
        .await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    client
        .write(format!("GET / HTTP/1.1\r\nHost: a\r\n{upgrade}{key}\r\n"))
        .await;
    let mut server = Wire::over(listener.accept().await.unwrap().0);
    let head = server.head().await.unwrap();
    assert!(head.contains("x-forwarded-proto: https\r\n"), "{head}");
    server
        .write(format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\n"))
        .await;
    assert_eq!(client.answer("GET").await.status, 101);
    client.write("ping").await;
    assert_eq!(server.bytes(4).await.unwrap(), b"ping");
    server.write("pong").await;
    assert_eq!(client.bytes(4).await.unwrap(), b"pong");
    drop(server);
    assert_eq!(client.rest().await, "");
}
