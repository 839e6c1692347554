//! HTTP/2 with prior knowledge.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::support::{TestGateway, TestUpstream, in_front_of};

type Sender = http2::SendRequest<Full<Bytes>>;

async fn connect(gateway: &TestGateway) -> Sender {
    let io = TokioIo::new(gateway.connect().await.stream);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(path: &str, body: &'static str) -> Request<Full<Bytes>> {
    let target = format!("http://api.example{path}");
    Request::post(target)
        .version(Version::HTTP_2)
        .body(Full::from(body))
        .unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test]
async fn streams_of_one_connection_become_requests_of_their_own() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut sender = connect(&gateway).await;
    let answers = [
        sender.send_request(request("/public/a", "1")),
        sender.send_request(request("/secret", "2")),
    ];
    let [first, second] = answers;
    let (first, second) = tokio::join!(first, second);
    assert_eq!(
        (
            first.as_ref().unwrap().status(),
            second.as_ref().unwrap().status()
        ),
        (StatusCode::OK, StatusCode::UNAUTHORIZED)
    );
    assert_eq!(text(first.unwrap()).await, "ok");
    assert!(text(second.unwrap()).await.contains("token_missing"));
    let received = server.only();
    assert_eq!(
        (received.line(), received.raw_body.as_str()),
        ("POST /public/a HTTP/1.1", "1")
    );
    assert_eq!(received.header("host"), Some("api.example"));
}

#[tokio::test]
async fn the_crumbs_of_a_cookie_arrive_as_one() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut request = request("/public/a", "");
    for crumb in ["a=1", "__Host-bulla_access=x", "b=2"] {
        request
            .headers_mut()
            .append("cookie", crumb.parse().unwrap());
    }
    assert_eq!(
        connect(&gateway)
            .await
            .send_request(request)
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    assert_eq!(server.only().header("cookie"), Some("a=1; b=2"));
}

#[tokio::test]
async fn a_host_that_is_not_the_authority() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut sender = connect(&gateway).await;
    let mut other = request("/public/a", "");
    other
        .headers_mut()
        .insert("host", "other.example".parse().unwrap());
    assert_eq!(
        sender.send_request(other).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    server.assert_untouched();
    let mut same = request("/public/a", "");
    same.headers_mut()
        .insert("host", "api.example".parse().unwrap());
    assert_eq!(
        sender.send_request(same).await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn too_many_and_too_large_headers() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let with = |count: usize, length: usize| {
        let mut request = request("/public/a", "");
        for index in 0..count {
            request.headers_mut().insert(
                http::HeaderName::try_from(format!("x-{index}")).unwrap(),
                "a".repeat(length).parse().unwrap(),
            );
        }
        request
    };
    for (count, length) in [(101, 1), (2, 40_000)] {
        let mut sender = connect(&gateway).await;
        let answer = sender.send_request(with(count, length)).await.unwrap();
        assert_eq!(
            answer.status(),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "{count} of {length}"
        );
    }
    server.assert_untouched();
    for (count, length) in [(98, 1), (2, 30_000)] {
        let mut sender = connect(&gateway).await;
        assert_eq!(
            sender
                .send_request(with(count, length))
                .await
                .unwrap()
                .status(),
            StatusCode::OK,
            "{count} of {length}"
        );
    }
}
