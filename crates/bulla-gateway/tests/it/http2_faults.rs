//! Streams and connections of HTTP/2 to upstreams that end before an answer, by the server or by clients.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bulla_gateway::target::{Protocol, UpstreamOptions};
use bulla_guard::access::Access;
use bytes::Bytes;
use h2::Reason;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Empty, combinators::BoxBody};
use hyper::{
    body::{Body, Frame, Incoming},
    client::conn::http2,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpListener, sync::Barrier, task::JoinSet};

use crate::support::{
    Act, Http2Upstream, ScriptedHttp2, TestGateway, Wire, balanced, eventually, route,
};

async fn in_front_of(server: SocketAddr) -> TestGateway {
    let options = UpstreamOptions {
        protocol: Protocol::Http2,
        ..UpstreamOptions::default()
    };
    let target = balanced(&[server], &options);
    TestGateway::start_here(vec![route("/{*rest}", Access::Public, target)]).await
}

fn is_healthy(gateway: &TestGateway, server: SocketAddr) -> bool {
    let metric = "bulla_gateway_upstream_healthy";
    let line = format!(r#"{metric}{{upstream="test",server="http://{server}"}} 1"#);
    gateway.metrics().contains(&line)
}

fn post(body: &str) -> String {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn a_request_whose_stream_is_reset_is_not_sent_again_and_the_server_is_not_blamed() {
    let resets = [Act::Reset(Reason::INTERNAL_ERROR); 4];
    let server = ScriptedHttp2::doing(&resets).await;
    let gateway = in_front_of(server.address).await;
    for sent in 1..=4 {
        assert_eq!(gateway.get("/", "").await.code(), "upstream_unavailable");
        assert_eq!(server.seen().len(), sent);
    }
    assert!(is_healthy(&gateway, server.address));

    // A connection that ends is another matter, for a request that may be sent twice.
    let server = ScriptedHttp2::doing(&[Act::Answer, Act::HangUp]).await;
    let gateway = in_front_of(server.address).await;
    for seen in [1, 3] {
        assert_eq!(gateway.get("/", "").await.status, 200);
        assert_eq!(server.seen().len(), seen);
    }
}

#[tokio::test]
async fn what_the_server_refused_unseen_is_sent_again_with_its_body() {
    let small = "x".repeat(1000);
    let large = "x".repeat(100_000);
    for (reason, body, status, sent) in [
        (Reason::REFUSED_STREAM, small.as_str(), 200, 2),
        (Reason::REFUSED_STREAM, "", 200, 2),
        // Too much of it to be kept, or nobody knows what was done with it.
        (Reason::REFUSED_STREAM, &large, 502, 1),
        (Reason::INTERNAL_ERROR, &small, 502, 1),
    ] {
        let server = ScriptedHttp2::doing(&[Act::Answer, Act::Reset(reason)]).await;
        let gateway = in_front_of(server.address).await;
        assert_eq!(gateway.get("/", "").await.status, 200);
        assert_eq!(gateway.send(post(body)).await.status, status, "{reason}");
        let expected = (Method::POST, body.as_bytes().to_vec());
        assert_eq!(server.seen()[1..], vec![expected; sent]);
    }
}

const HEADERS: u8 = 1;
const DATA: u8 = 0;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// The server's end of a connection, frame by frame.
async fn accept(listener: &TcpListener) -> Wire<tokio::net::TcpStream> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut wire = Wire::over(stream);
    wire.bytes(24).await.unwrap();
    wire.write(frame(4, 0, 0, &[])).await;
    wire
}

/// The stream of the next request, and the first bytes of its body if it has one.
async fn next_request(wire: &mut Wire<tokio::net::TcpStream>, with_body: bool) -> (u8, Vec<u8>) {
    loop {
        let head = wire.bytes(9).await.unwrap();
        let payload = wire.bytes(usize::from(head[1]) << 8 | usize::from(head[2]));
        let payload = payload.await.unwrap();
        let wanted = if with_body { DATA } else { HEADERS };
        if head[3] == wanted && head[8] > 0 {
            return (head[8], payload);
        }
    }
}

/// `:status: 200`, and the end of the stream.
fn ok(stream: u8) -> Vec<u8> {
    frame(HEADERS, 5, stream, &[0x88])
}

#[tokio::test]
async fn what_the_server_left_unseen_when_it_said_goodbye_is_sent_again_with_its_body() {
    // The last stream that the server looked at: the one before the request's, or the request's own.
    for (last, status) in [(1, 200), (3, 502)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = in_front_of(listener.local_addr().unwrap()).await;
        let serving = async {
            let mut first = accept(&listener).await;
            let (stream, _) = next_request(&mut first, false).await;
            first.write(ok(stream)).await;
            let (stream, body) = next_request(&mut first, true).await;
            assert_eq!((stream, body.as_slice()), (3, b"hello".as_slice()));
            first
                .write(frame(7, 0, 0, &[0, 0, 0, last, 0, 0, 0, 0]))
                .await;
            drop(first);
            if status == 200 {
                let mut second = accept(&listener).await;
                let (stream, body) = next_request(&mut second, true).await;
                assert_eq!(body, b"hello");
                second.write(ok(stream)).await;
            }
        };
        let asking = async {
            assert_eq!(gateway.get("/", "").await.status, 200);
            assert_eq!(gateway.send(post("hello")).await.status, status);
        };
        tokio::join!(serving, asking);
    }
}

#[tokio::test]
async fn a_server_gets_no_more_streams_on_a_connection_than_it_allows() {
    for (allowed, connections) in [(1, 3), (2, 2), (3, 1)] {
        // None is answered before all are there.
        let all = Arc::new(Barrier::new(3));
        let server = Http2Upstream::allowing(allowed, move |_| {
            let all = Arc::clone(&all);
            async move {
                all.wait().await;
                Response::new(Empty::new().map_err(|never| match never {}).boxed())
            }
        })
        .await;
        let gateway = in_front_of(server.address).await;
        let ask = || async { assert_eq!(gateway.send(post("hello")).await.status, 200) };
        tokio::join!(ask(), ask(), ask());
        assert_eq!(server.connections(), connections);
    }
}

/// A body that does not end.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Poll::Pending
    }
}

/// Sends so many requests over HTTP/2 and takes them all back.
async fn send_and_cancel(gateway: &TestGateway, count: usize, method: &Method) {
    let io = TokioIo::new(gateway.connect().await.stream);
    let handshake =
        http2::handshake::<_, _, BoxBody<Bytes, hyper::Error>>(TokioExecutor::new(), io);
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let mut asked = JoinSet::new();
    for _ in 0..count {
        let body = match *method {
            Method::POST => Endless.boxed(),
            _ => Empty::new().map_err(|never| match never {}).boxed(),
        };
        let request = Request::builder().method(method).uri("http://a/");
        asked.spawn(sender.send_request(request.body(body).unwrap()));
    }
    let is_counted = |line: &str| gateway.metrics().contains(&format!("{line} {count}\n"));
    let begun = r#"bulla_gateway_requests_begun_total{version="2"}"#;
    eventually("the requests", async || is_counted(begun)).await;
    asked.shutdown().await;
    let gone = r#"bulla_gateway_requests_total{route="/{*rest}",verdict="client_gone"}"#;
    eventually("their end", async || is_counted(gone)).await;
}

/// A server that h2 makes close a connection once 20 streams were reset on it before it looked at them.
#[tokio::test]
async fn a_client_that_cancels_much_does_not_end_the_connection_of_others() {
    for (count, method) in [(10, Method::GET), (60, Method::GET), (60, Method::POST)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = in_front_of(listener.local_addr().unwrap()).await;
        let serving = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let (request, mut answer) = connection.accept().await.unwrap().unwrap();
            assert_eq!(request.method(), Method::PUT);
            // It does not look meanwhile.
            send_and_cancel(&gateway, count, &method).await;
            answer.send_response(Response::new(()), true).unwrap();
            while let Some(Ok(_)) = connection.accept().await {}
        };
        let put = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        tokio::select! {
            () = serving => panic!("the connection has ended"),
            answer = gateway.send(put) => assert_eq!(answer.status, 200, "{count} {method}"),
        }
    }
}

#[tokio::test]
async fn a_connection_on_which_many_answers_were_not_read_is_used_no_more() {
    let server = Http2Upstream::answering(async |request: Request<Incoming>| {
        Response::new(match request.uri().path() {
            "/endless" => Endless.boxed(),
            _ => Empty::new().map_err(|never| match never {}).boxed(),
        })
    })
    .await;
    let gateway = in_front_of(server.address).await;
    let begin = async || {
        let mut client = gateway.connect().await;
        client
            .write("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            .await;
        client.head().await.unwrap();
    };
    for _ in 0..10 {
        begin().await;
        assert_eq!(gateway.get("/", "").await.status, 200);
    }
    assert_eq!(server.connections(), 1);
    eventually("another connection", async || {
        begin().await;
        server.connections() == 2
    })
    .await;
    assert_eq!(gateway.get("/", "").await.status, 200);
}
