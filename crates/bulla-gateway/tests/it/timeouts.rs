//! Who is not waited for.

use std::time::Duration;

use bulla_gateway::GatewaySettings;
use bulla_guard::access::Access;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::support::{
    Answer, TestGateway, TestUpstream, Wire, route, service, upstream, within_patience,
};

/// Short, but only for the phase that the test holds up: the others may be slow on a busy machine.
fn short_head(settings: &mut GatewaySettings) {
    settings.timeouts.head = Duration::from_millis(20);
}

fn short_response(settings: &mut GatewaySettings) {
    settings.timeouts.response = Duration::from_millis(300);
}

fn short_body(settings: &mut GatewaySettings) {
    settings.timeouts.body = Duration::from_millis(100);
}

fn short_write(settings: &mut GatewaySettings) {
    settings.timeouts.write = Duration::from_millis(100);
}

/// Long enough for a busy machine to take the next piece of the control's answer.
fn short_window(settings: &mut GatewaySettings) {
    settings.timeouts.write = Duration::from_millis(500);
}

/// A gateway in front of a listener that accepts and never answers.
async fn in_front_of_silence(change: fn(&mut GatewaySettings)) -> (TestGateway, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routes = vec![route(
        "/{*rest}",
        Access::Public,
        upstream(listener.local_addr().unwrap()),
    )];
    (TestGateway::start_with(routes, change).await, listener)
}

#[tokio::test]
async fn an_upstream_that_does_not_answer() {
    let (gateway, _silent) = in_front_of_silence(short_response).await;
    let answer = gateway.get("/", "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (504, "upstream_timeout")
    );
}

#[tokio::test]
async fn a_client_that_says_nothing_at_all() {
    let (gateway, _silent) = in_front_of_silence(short_head).await;
    assert_eq!(gateway.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_client_that_stops_amid_the_head() {
    let answering = || {
        let target = service(async |_| http::Response::new(String::new()));
        vec![route("/{*rest}", Access::Public, target)]
    };
    // With the usual time, the very same head is answered once its end has come.
    let patient = TestGateway::start_with(answering(), |_| {}).await;
    let mut wire = patient.connect().await;
    wire.write("GET / HTTP/1.1\r\nHost: a").await;
    wire.write("\r\nConnection: close\r\n\r\n").await;
    assert!(wire.rest().await.starts_with("HTTP/1.1 200"));

    let gateway = TestGateway::start_with(answering(), short_head).await;
    for start in ["P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nHost: a"] {
        let mut wire = gateway.connect().await;
        wire.write(start).await;
        // Ends only if the gateway closes: the client has not.
        assert_eq!(wire.rest().await.find("HTTP/1.1 200"), None, "{start:?}");
    }
}

#[tokio::test]
async fn a_client_that_stops_amid_the_body() {
    let (gateway, _silent) = in_front_of_silence(short_response).await;
    let half = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
    assert_eq!(gateway.send(half).await.status, 408);
    let reading = service(async |request: http::Request<bulla_gateway::Body>| {
        let _ = http_body_util::BodyExt::collect(request.into_body()).await;
        http::Response::new(String::new())
    });
    let gateway = TestGateway::start_with(
        vec![route("/{*rest}", Access::Public, reading)],
        short_response,
    )
    .await;
    assert_eq!(
        gateway.send(half).await.status,
        408,
        "a service in the process is not kept waiting either"
    );
}

/// Sends a head and then a byte now and then, until there is an answer.
async fn trickle(gateway: &TestGateway, head: &str) -> Answer {
    let (reader, mut writer) = gateway.connect().await.stream.into_split();
    let writing = async {
        writer.write_all(head.as_bytes()).await.unwrap();
        let mut now_and_then = tokio::time::interval(Duration::from_millis(10));
        loop {
            now_and_then.tick().await;
            let _ = writer.write_all(b"1\r\na\r\n").await;
        }
    };
    let mut answer = Vec::new();
    let mut reader = reader;
    let reading = async {
        // A reset is an end too: the gateway closes with something unread.
        while tokio::io::AsyncReadExt::read_buf(&mut reader, &mut answer)
            .await
            .is_ok_and(|read| read > 0)
        {}
    };
    let either = async {
        tokio::select! {
            () = reading => {}
            () = writing => {}
        }
    };
    within_patience("an answer", either).await;
    let head = String::from_utf8(answer).unwrap();
    Answer {
        status: head[9..12].parse().unwrap(),
        head,
        body: String::new(),
    }
}

#[tokio::test]
async fn a_client_whose_body_trickles() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let server = TestUpstream::start().await;
    let reading = service(async |request: http::Request<bulla_gateway::Body>| {
        let _ = http_body_util::BodyExt::collect(request.into_body()).await;
        http::Response::new(String::new())
    });
    for target in [upstream(server.address), reading] {
        let routes = vec![route("/{*rest}", Access::Public, target)];
        let gateway = TestGateway::start_with(routes, short_body).await;
        let answer = trickle(&gateway, head).await;
        assert_eq!(answer.status, 408);
        assert_eq!(answer.header("connection"), Some("close"));
        let whole = format!("{head}1\r\na\r\n0\r\n\r\n");
        assert_eq!(gateway.send(whole).await.status, 200);
    }
}

/// An upstream that sends without end; how many bytes it got rid of, once its connection ends.
async fn endless(listener: TcpListener) -> usize {
    let mut wire = Wire::over(listener.accept().await.unwrap().0);
    wire.head().await.unwrap();
    wire.write("HTTP/1.1 200 OK\r\n\r\n").await;
    let mut sent = 0;
    let writing = async {
        while let Ok(written) = wire.stream.write(&[b'a'; 4096]).await {
            sent += written;
        }
    };
    within_patience("the end of the connection", writing).await;
    sent
}

#[tokio::test]
async fn a_client_that_does_not_read() {
    let (gateway, listener) = in_front_of_silence(short_write).await;
    let mut silent = gateway.connect().await;
    silent.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(endless(listener).await > 0);
    // The control reads, and gets more than any buffer on the way holds.
    let (gateway, listener) = in_front_of_silence(short_write).await;
    let sending = tokio::spawn(endless(listener));
    let mut wire = gateway.connect().await;
    wire.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    wire.head().await.unwrap();
    assert!(wire.bytes(32 << 20).await.is_some());
    drop(wire);
    assert!(sending.await.unwrap() >= 32 << 20);
}

/// An answer to a client that opens a window of this size for each stream, and answers pings.
async fn over_http2(gateway: &TestGateway, window: u32) -> http::Response<Incoming> {
    let io = TokioIo::new(gateway.connect().await.stream);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    let handshake = builder.initial_stream_window_size(window).handshake(io);
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://a/").body(Empty::<Bytes>::new());
    sender.send_request(request.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_stream_whose_client_opens_no_window() {
    for window in [0, 100] {
        let (gateway, listener) = in_front_of_silence(short_window).await;
        let sending = tokio::spawn(endless(listener));
        let answer = over_http2(&gateway, window).await;
        assert_eq!(answer.status(), 200);
        // Its connection to the upstream is given up, and the client is told.
        sending.await.unwrap();
        if window == 0 {
            let broken = within_patience("a reset", answer.into_body().collect()).await;
            assert!(broken.is_err(), "the answer had no end");
        }
    }
    // The control opens one, and gets more than any buffer on the way holds.
    let (gateway, listener) = in_front_of_silence(short_window).await;
    let sending = tokio::spawn(endless(listener));
    let mut body = over_http2(&gateway, 65_535).await.into_body();
    let mut taken = 0;
    while taken < 32 << 20 {
        let frame = within_patience("more", body.frame()).await;
        taken += frame.unwrap().unwrap().into_data().unwrap().len();
    }
    drop(body);
    assert!(sending.await.unwrap() >= 32 << 20);
}

#[tokio::test]
async fn a_service_whose_client_opens_no_window() {
    let answering = service(async |_| http::Response::new("answer".to_owned()));
    let routes = vec![route("/{*rest}", Access::Public, answering)];
    let gateway = TestGateway::start_with(routes, short_window).await;
    let broken = over_http2(&gateway, 0).await.into_body().collect();
    assert!(within_patience("a reset", broken).await.is_err());
    let whole = over_http2(&gateway, 6).await.into_body().collect();
    let whole = within_patience("the answer", whole).await.unwrap();
    assert_eq!(whole.to_bytes(), "answer");
}
