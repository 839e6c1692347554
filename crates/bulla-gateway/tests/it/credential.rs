//! Where a token may be.

use bulla_gateway::route::{CredentialPlace, Route};
use bulla_guard::access::Access;

use crate::support::{Answer, TestGateway, TestUpstream, claims, route, token, upstream};

const WEBSOCKET: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// `/open/…` is public, the rest is not; tokens are taken from these places.
async fn in_front_of(server: &TestUpstream, places: &[CredentialPlace]) -> TestGateway {
    let taking = |path, access| Route {
        credential: places.iter().copied().collect(),
        ..route(path, access, upstream(server.address))
    };
    let open = taking("/open/{*rest}", Access::Public);
    TestGateway::start(vec![open, taking("/{*rest}", Access::Authenticated)]).await
}

fn bearer() -> String {
    format!("Authorization: Bearer {}\r\n", token(&claims()))
}

async fn post(gateway: &TestGateway, path: &str, headers: &str, form: &str) -> Answer {
    let head = format!("POST {path} HTTP/1.1\r\nHost: api.example\r\n{headers}");
    let form_type = "Content-Type: application/x-www-form-urlencoded";
    let length = form.len();
    let request = format!("{head}{form_type}\r\nContent-Length: {length}\r\n\r\n{form}");
    gateway.send(request).await
}

#[tokio::test]
async fn only_in_the_places_of_the_route() {
    let server = TestUpstream::start().await;
    let token = token(&claims());
    let cookie = format!("Cookie: __Host-bulla_access={token}\r\n");
    let query = format!("/a?access_token={token}");
    let form = format!("access_token={token}");
    let mut accepted = Vec::new();
    for place in [
        CredentialPlace::Header,
        CredentialPlace::Cookie,
        CredentialPlace::Query,
        CredentialPlace::Form,
    ] {
        let gateway = in_front_of(&server, &[place]).await;
        accepted.push([
            gateway.get("/a", &bearer()).await.status,
            gateway.get("/a", &cookie).await.status,
            gateway.get(&query, WEBSOCKET).await.status,
            post(&gateway, "/a", "", &form).await.status,
        ]);
    }
    let only = |position: usize| {
        let mut statuses = [401; 4];
        statuses[position] = 200;
        statuses
    };
    assert_eq!(accepted, [only(0), only(1), only(2), only(3)]);
}

#[tokio::test]
async fn a_query_counts_for_websockets_alone_and_never_goes_on() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server, &[CredentialPlace::Header, CredentialPlace::Query]).await;
    let token = token(&claims());
    let target = format!("/a?x=%7e&access_token={token}&y");
    assert_eq!(gateway.get(&target, "").await.code(), "token_missing");
    server.assert_untouched();
    assert_eq!(gateway.get(&target, WEBSOCKET).await.status, 200);
    assert_eq!(gateway.get(&target, &bearer()).await.status, 200);
    let escaped = format!("/a?access%5ftoken={token}&Access_Token={token}");
    assert_eq!(gateway.get(&escaped, WEBSOCKET).await.status, 200);
    let lines: Vec<String> = server
        .received()
        .iter()
        .map(|received| received.line().to_owned())
        .collect();
    let expected = [
        "GET /a?x=%7e&y HTTP/1.1",
        "GET /a?x=%7e&y HTTP/1.1",
        "GET /a HTTP/1.1",
    ];
    assert_eq!(lines, expected);
    assert_eq!(
        server.received()[0].header("x-bulla-subject"),
        Some("usr_1")
    );
}

#[tokio::test]
async fn a_form_loses_its_token() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server, &[CredentialPlace::Header, CredentialPlace::Form]).await;
    let token = token(&claims());
    let form = format!("a=1+2&access_token={token}&b=%C3%A9");
    assert_eq!(post(&gateway, "/a", "", &form).await.status, 200);
    let head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked";
    let only = format!("access_token={token}");
    let chunks = format!("{:x}\r\n{only}\r\n0\r\nX-Sum: 7\r\n\r\n", only.len());
    assert_eq!(
        gateway.send(format!("{head}\r\n\r\n{chunks}")).await.status,
        200
    );
    // Without one in it, and a token elsewhere, it goes on as it is.
    assert_eq!(
        post(&gateway, "/a", &bearer(), "a=1&&b=+").await.status,
        200
    );
    let received = server.received();
    for (received, body) in received.iter().zip(["a=1+2&b=%C3%A9", "", "a=1&&b=+"]) {
        assert_eq!(received.raw_body, body);
        assert_eq!(
            received.header("content-length"),
            Some(body.len().to_string().as_str())
        );
        assert_eq!(received.header("transfer-encoding"), None);
        assert_eq!(received.header("x-bulla-subject"), Some("usr_1"));
    }
    assert_eq!(received.len(), 3);
}

#[tokio::test]
async fn a_form_loses_its_token_whatever_its_headers_say_besides() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server, &[CredentialPlace::Header, CredentialPlace::Form]).await;
    let form = format!("a=b&access_token={}", token(&claims()));
    let plain = "Content-Encoding: identity\r\n";
    assert_eq!(post(&gateway, "/open/a", plain, &form).await.status, 200);
    assert_eq!(post(&gateway, "/a", plain, &form).await.status, 200);
    for received in server.received() {
        assert_eq!(received.raw_body, "a=b");
    }
    for second in [
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Encoding: gzip\r\nConnection: content-encoding\r\n",
        "Connection: Content-Type\r\n",
    ] {
        for headers in [second.to_owned(), format!("{second}{}", bearer())] {
            let answer = post(&gateway, "/a", &headers, &form).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (400, "request_malformed")
            );
        }
        assert_eq!(post(&gateway, "/open/a", second, &form).await.status, 400);
    }
    assert_eq!(server.received().len(), 2);

    let other = TestUpstream::start().await;
    let gateway = in_front_of(&other, &[CredentialPlace::Header]).await;
    let second = format!("Content-Type: text/plain\r\n{}", bearer());
    assert_eq!(
        post(&gateway, "/a", &second, "a=b").await.status,
        200,
        "the control: a route that looks into no form"
    );
}

#[tokio::test]
async fn a_form_is_bounded() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server, &[CredentialPlace::Header, CredentialPlace::Form]).await;
    let form = |length: usize| format!("a={}", "x".repeat(length - 2));
    let large = post(&gateway, "/a", &bearer(), &form(64 * 1024 + 1)).await;
    assert_eq!(
        (large.status, large.code().as_str()),
        (413, "body_too_large")
    );
    let head = format!(
        "POST /a HTTP/1.1\r\nHost: a\r\n{}Content-Type: application/x-www-form-urlencoded\r\n",
        bearer()
    );
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n10001\r\n{}\r\n0\r\n\r\n",
        form(64 * 1024 + 1)
    );
    assert_eq!(gateway.send(chunked).await.code(), "body_too_large");
    server.assert_untouched();
    assert_eq!(
        post(&gateway, "/a", &bearer(), &form(64 * 1024))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn two_tokens_are_no_token() {
    let server = TestUpstream::start().await;
    let all = [
        CredentialPlace::Header,
        CredentialPlace::Query,
        CredentialPlace::Form,
    ];
    let gateway = in_front_of(&server, &all).await;
    let token = token(&claims());
    let form = format!("access_token={token}");
    let twice = format!("{form}&{form}");
    let query = format!("?access_token={token}");
    let handshake = format!("{}{WEBSOCKET}", bearer());
    for answer in [
        post(&gateway, "/a", &bearer(), &form).await,
        post(&gateway, "/a", "", &twice).await,
        gateway.get(&format!("/a{query}"), &handshake).await,
    ] {
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "request_malformed")
        );
        assert!(!answer.body.contains(&token));
    }
    let malformed = post(&gateway, "/a", "", "access_token=a%20b").await;
    assert_eq!(malformed.code(), "token_malformed");
    let beyond_ascii = post(&gateway, "/a", "", "a=\u{e9}").await;
    assert_eq!(beyond_ascii.code(), "token_missing");
    server.assert_untouched();
    assert_eq!(
        post(&gateway, "/open/a", &bearer(), &twice).await.status,
        200
    );
    assert_eq!(
        server.only().header("x-bulla-subject"),
        None,
        "a public route ignores them"
    );
    assert_eq!(server.only().raw_body, "");
}

#[tokio::test]
async fn a_form_that_is_not_utf8() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server, &[CredentialPlace::Form]).await;
    let head = "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n";
    let answer = gateway.send([head.as_bytes(), b"a=\xff"].concat()).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "request_malformed")
    );
    server.assert_untouched();
    assert_eq!(
        gateway
            .send([head.as_bytes(), b"a=b"].concat())
            .await
            .status,
        200
    );
}
