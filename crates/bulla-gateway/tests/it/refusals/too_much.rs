//! More than the gateway takes.

use bulla_guard::access::Access;

use crate::support::{TestGateway, TestUpstream, in_front_of, route, upstream};

#[tokio::test]
async fn a_head_over_64_kib() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let head = |bytes: usize| {
        let start = "GET /public/a HTTP/1.1\r\nHost: api.example\r\n";
        let line = |length| format!("X-A: {}\r\n", "a".repeat(length - 7));
        let rest = bytes - start.len() - 2 - 32_000;
        format!("{start}{}{}\r\n", line(32_000), line(rest))
    };
    assert_eq!(gateway.send(head(64 * 1024 + 1)).await.status, 431);
    server.assert_untouched();
    assert_eq!(gateway.send(head(64 * 1024)).await.status, 200);
}

#[tokio::test]
async fn more_than_100_headers() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    assert_eq!(
        gateway
            .get("/public/a", &"X-A: 1\r\n".repeat(100))
            .await
            .status,
        431
    );
    server.assert_untouched();
    assert_eq!(
        gateway
            .get("/public/a", &"X-A: 1\r\n".repeat(99))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_body_over_the_routes_limit() {
    let server = TestUpstream::start().await;
    let mut limited = route("/{*rest}", Access::Public, upstream(server.address));
    limited.body_limit = Some(5);
    let gateway = TestGateway::start(vec![limited]).await;
    let post = |framing: &str, body: &str| {
        format!("POST /a HTTP/1.1\r\nHost: api.example\r\n{framing}\r\n\r\n{body}")
    };
    for (framing, body) in [
        ("Content-Length: 6", "hello!"),
        (
            "Transfer-Encoding: chunked",
            "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n",
        ),
    ] {
        let answer = gateway.send(post(framing, body)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (413, "body_too_large"),
            "{framing}"
        );
    }
    server.assert_untouched();
    for (framing, body) in [
        ("Content-Length: 5", "hello"),
        (
            "Transfer-Encoding: chunked",
            "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        ),
    ] {
        assert_eq!(
            gateway.send(post(framing, body)).await.status,
            200,
            "{framing}"
        );
    }
}
