//! Upstreams that speak HTTP/2, and gRPC through both sides.

use std::time::Duration;

use bulla_gateway::{
    route::Route,
    target::{HealthCheck, Protocol, UpstreamOptions},
};
use bulla_guard::access::Access;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::support::{
    Answering, Http2Upstream, TestGateway, TestUpstream, balanced, claims, eventually, route, token,
};

type Sender = http2::SendRequest<BoxBody<Bytes, hyper::Error>>;

fn options() -> UpstreamOptions {
    UpstreamOptions {
        protocol: Protocol::Http2,
        ..UpstreamOptions::default()
    }
}

fn to(upstream: &Http2Upstream, path: &str, access: Access) -> Route {
    route(path, access, balanced(&[upstream.address], &options()))
}

async fn in_front_of(upstream: &Http2Upstream) -> TestGateway {
    TestGateway::start_here(vec![to(upstream, "/{*rest}", Access::Public)]).await
}

async fn connect(gateway: &TestGateway) -> Sender {
    let io = TokioIo::new(gateway.connect().await.stream);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn bytes(text: impl Into<Bytes>) -> BoxBody<Bytes, hyper::Error> {
    Full::new(text.into())
        .map_err(|never| match never {})
        .boxed()
}

fn trailers(name: &'static str, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(
        http::HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )])
}

/// Says what it was asked, line by line.
async fn describing(request: Request<Incoming>) -> Answering {
    let (head, body) = request.into_parts();
    let header = |name: &str| {
        let value = head.headers.get(name).map(|value| value.to_str().unwrap());
        format!("{name}: {}\n", value.unwrap_or("-"))
    };
    let names = [
        "host",
        "te",
        "connection",
        "transfer-encoding",
        "x-bulla-subject",
    ];
    let lines: String = names.map(header).concat();
    let body = body.collect().await.unwrap().to_bytes();
    let text = format!(
        "{} {}\n{lines}{}",
        head.method,
        head.uri,
        body.escape_ascii()
    );
    Response::new(bytes(text))
}

#[tokio::test]
async fn a_request_arrives_as_a_stream_in_the_form_of_http_2() {
    let upstream = Http2Upstream::answering(describing).await;
    let gateway = TestGateway::start(vec![to(&upstream, "/{*rest}", Access::Authenticated)]).await;
    let bearer = format!("Authorization: Bearer {}", token(&claims()));
    for (framing, body) in [
        ("Content-Length: 5", "hello"),
        ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
    ] {
        let answer = gateway
            .send(format!(
                "PUT /a/../b?c=d HTTP/1.1\r\nHost: api.example:81\r\n{bearer}\r\nTE: gzip\r\n{framing}\r\n\r\n{body}"
            ))
            .await;
        assert_eq!(
            answer.body,
            "PUT http://api.example:81/b?c=d\nhost: -\nte: -\nconnection: -\ntransfer-encoding: -\nx-bulla-subject: usr_1\nhello"
        );
    }
}

#[tokio::test]
async fn requests_share_a_connection_until_the_server_says_goodbye() {
    let upstream = Http2Upstream::answering(describing).await;
    let gateway = in_front_of(&upstream).await;
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    let ask = || async { assert_eq!(gateway.send(post).await.status, 200) };
    tokio::join!(ask(), ask(), ask(), ask());
    ask().await;
    assert_eq!(upstream.connections(), 1);
    upstream.say_goodbye();
    for _ in 0..3 {
        ask().await;
    }
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn a_client_that_sends_too_much_is_told_and_the_server_is_not_blamed() {
    let upstream = Http2Upstream::answering(describing).await;
    let mut limited = to(&upstream, "/{*rest}", Access::Public);
    limited.body_limit = Some(4);
    let gateway = TestGateway::start_here(vec![limited]).await;
    let post = |body: &str| {
        format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}0\r\n\r\n")
    };
    for _ in 0..4 {
        let refused = gateway.send(post("5\r\nhello\r\n")).await;
        assert_eq!(refused.code(), "body_too_large");
    }
    assert!(gateway.metrics().contains(&healthy(&upstream, 1)));
    assert_eq!(gateway.send(post("4\r\nhell\r\n")).await.status, 200);
    assert_eq!(upstream.connections(), 1);
}

fn healthy(upstream: &Http2Upstream, value: u8) -> String {
    let server = upstream.address;
    format!(r#"bulla_gateway_upstream_healthy{{upstream="test",server="http://{server}"}} {value}"#)
}

#[tokio::test]
async fn one_that_speaks_something_else_is_unavailable() {
    let http1 = TestUpstream::start().await;
    let target = balanced(&[http1.address], &options());
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await;
    assert_eq!(gateway.get("/", "").await.code(), "upstream_unavailable");
}

#[tokio::test]
async fn its_servers_are_checked_over_http_2() {
    let upstream = Http2Upstream::answering(async |request: Request<Incoming>| {
        let mut answer = Response::new(bytes(""));
        if request.uri().path() == "/healthz" {
            *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        answer
    })
    .await;
    let (often, long) = (Duration::from_millis(20), Duration::from_secs(10));
    let options = UpstreamOptions {
        health: Some(HealthCheck::new("/healthz", often, long).unwrap()),
        ..options()
    };
    let target = balanced(&[upstream.address], &options);
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await;
    eventually("the check to fail", async || {
        gateway.metrics().contains(&healthy(&upstream, 0))
    })
    .await;
    assert_eq!(gateway.get("/", "").await.status, 200, "it is the only one");
}

#[tokio::test]
async fn a_websocket_is_not_asked_for() {
    let upstream = Http2Upstream::answering(describing).await;
    let gateway = in_front_of(&upstream).await;
    let ask = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    let answer = gateway.get("/", ask).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("connection: -\n"), "{}", answer.body);
}

fn call(path: &str, body: BoxBody<Bytes, hyper::Error>) -> Request<BoxBody<Bytes, hyper::Error>> {
    Request::post(format!("http://api.example{path}"))
        .version(Version::HTTP_2)
        .header("content-type", "application/grpc+proto")
        .header("te", "trailers")
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn a_grpc_call_passes_with_its_trailers_both_ways() {
    let upstream = Http2Upstream::answering(async |request: Request<Incoming>| {
        assert_eq!(request.headers()["te"], "trailers");
        assert_eq!(request.headers()["content-type"], "application/grpc+proto");
        let sent = request.into_body().collect().await.unwrap();
        let sum = sent.trailers().unwrap()["x-sum"].clone();
        let mut trailers = trailers("grpc-status", "0");
        trailers.insert("x-sum", sum);
        let body = bytes(sent.to_bytes()).with_trailers(async { Some(Ok(trailers)) });
        let mut answer = Response::new(body.boxed());
        let grpc = HeaderValue::from_static("application/grpc+proto");
        answer.headers_mut().insert("content-type", grpc);
        answer
    })
    .await;
    let gateway = in_front_of(&upstream).await;
    let body = bytes("\0\0\0\0\x02hi").with_trailers(async { Some(Ok(trailers("x-sum", "7"))) });
    let mut sender = connect(&gateway).await;
    let answer = sender
        .send_request(call("/s/m", body.boxed()))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/grpc+proto");
    assert!(!answer.headers().contains_key("grpc-status"));
    let answered = answer.into_body().collect().await.unwrap();
    let trailers = answered.trailers().unwrap().clone();
    assert_eq!(
        (&trailers["grpc-status"], &trailers["x-sum"]),
        (&HeaderValue::from(0), &HeaderValue::from(7))
    );
    assert_eq!(answered.to_bytes(), "\0\0\0\0\x02hi");
}

#[tokio::test]
async fn a_refused_grpc_call_ends_with_a_status_of_its_own() {
    let upstream = Http2Upstream::answering(describing).await;
    let mut admins = to(&upstream, "/admins", Access::Authenticated);
    admins.policy.roles = ["admin".to_owned()].into();
    let routes = vec![to(&upstream, "/users", Access::Authenticated), admins];
    let gateway = TestGateway::start(routes).await;
    let mut sender = connect(&gateway).await;
    let bearer = format!("Bearer {}", token(&claims()));
    for (path, bearer, status, code) in [
        ("/users", None, "16", "token_missing: "),
        ("/admins", Some(&bearer), "7", "role_required: "),
        ("/nowhere", Some(&bearer), "12", "not_found: "),
    ] {
        let mut request = call(path, bytes(""));
        if let Some(bearer) = bearer {
            let bearer = bearer.parse().unwrap();
            request.headers_mut().insert("authorization", bearer);
        }
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["grpc-status"], status, "{path}");
        let message = answer.headers()["grpc-message"].to_str().unwrap();
        assert!(message.starts_with(code), "{message}");
        assert!(answer.headers().contains_key("x-request-id"));
        let rest = answer.into_body().collect().await.unwrap();
        assert!(rest.to_bytes().is_empty(), "trailers only");
    }
    assert_eq!(upstream.connections(), 0);
    let mut other = call("/users", bytes(""));
    let json = HeaderValue::from_static("application/json");
    other.headers_mut().insert("content-type", json);
    let answer = sender.send_request(other).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let mut good = call("/users", bytes(""));
    good.headers_mut()
        .insert("authorization", bearer.parse().unwrap());
    let answer = sender.send_request(good).await.unwrap();
    assert!(!answer.headers().contains_key("grpc-status"));
}
