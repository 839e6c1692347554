//! Ways around the gateway: other hosts, other methods, other protocols.

use bulla_guard::access::Access;

use crate::support::{Answer, TestGateway, TestUpstream, in_front_of, route, upstream};

#[tokio::test]
async fn absolute_form_with_another_host() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let request = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: api.example\r\n\r\n");
    for target in [
        "http://other.example/public/a",
        "http://api.example:81/public/a",
        "http://u@api.example/public/a",
    ] {
        assert_eq!(
            gateway.send(request(target)).await.code(),
            "request_malformed",
            "{target}"
        );
    }
    server.assert_untouched();
    assert_eq!(
        gateway
            .send(request("http://api.example/public/a?b"))
            .await
            .status,
        200
    );
    assert_eq!(server.only().line(), "GET /public/a?b HTTP/1.1");
    assert_eq!(server.only().header("host"), Some("api.example"));
}

#[tokio::test]
async fn a_fragment_in_place_of_the_path() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let request = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: api.example\r\n\r\n");
    for target in ["http://api.example#f", "http://api.example#", "#", "#f"] {
        let answer = gateway.send(request(target)).await;
        assert_eq!(answer.status, 400, "{target}");
    }
    server.assert_untouched();
    // Behind a path, it is cut off: no server is asked for a part of what it has.
    let answer = gateway.send(request("http://api.example/public/a#f")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.only().line(), "GET /public/a HTTP/1.1");
}

#[tokio::test]
async fn two_hosts_or_none() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for hosts in [
        "Host: api.example\r\nHost: other.example\r\n",
        "Host: a\r\nHost: a\r\n",
        "",
        "Host:\r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: u@a\r\n",
        "Host: a:b\r\n",
        "Host: a:0\r\n",
        "Host: ..\r\n",
        "Host: a..b\r\n",
        "Host: -\r\n",
        "Host: a, b\r\n",
    ] {
        let answer = gateway
            .send(format!("GET /public/a HTTP/1.1\r\n{hosts}\r\n"))
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "request_malformed"),
            "{hosts:?}"
        );
    }
    server.assert_untouched();
    assert_eq!(gateway.get("/public/a", "").await.status, 200);
}

#[tokio::test]
async fn two_authorizations() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let answer = gateway
        .get(
            "/public/a",
            "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
        )
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "request_malformed")
    );
    server.assert_untouched();
    assert_eq!(
        gateway
            .get("/public/a", "Authorization: Bearer a\r\n")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn connect_and_trace() {
    let server = TestUpstream::start().await;
    let gateway = TestGateway::start(vec![route(
        "/{*rest}",
        Access::Public,
        upstream(server.address),
    )])
    .await;
    let connect = gateway
        .send("CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n")
        .await;
    assert_eq!(
        (connect.status, connect.code().as_str()),
        (400, "request_malformed")
    );
    let trace = gateway
        .send("TRACE / HTTP/1.1\r\nHost: api.example\r\n\r\n")
        .await;
    assert_eq!(
        (trace.status, trace.code().as_str()),
        (405, "method_not_allowed")
    );
    assert_eq!(
        trace.header("allow"),
        Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    );
    server.assert_untouched();
    assert_eq!(
        gateway
            .send("OPTIONS / HTTP/1.1\r\nHost: api.example\r\n\r\n")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn upgrade_to_anything_but_websocket_is_not_passed_on() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
    assert_eq!(gateway.get("/public/a", headers).await.status, 200);
    let names = server.only().names();
    for name in ["connection", "upgrade", "http2-settings"] {
        assert!(!names.contains(&name.to_owned()), "{names:?}");
    }
}

#[tokio::test]
async fn an_upstream_that_switches_protocols_unasked() {
    let server = TestUpstream::answering(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    )
    .await;
    let gateway = in_front_of(&server).await;
    assert_eq!(
        gateway.get("/public/a", "").await.code(),
        "upstream_unavailable"
    );
    let websocket = "Connection: upgrade\r\nUpgrade: websocket\r\n";
    assert_eq!(
        gateway.get("/public/a", websocket).await.code(),
        "upstream_unavailable"
    );
}

#[tokio::test]
async fn every_refusal_says_which_request_it_was() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let same = |answer: &Answer| {
        let named = answer.problem()["request_id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("x-request-id"), Some(named.as_str()));
    };
    same(&gateway.get("/public/%2f", "").await);
    same(&gateway.get("/secret", "").await);
    same(&gateway.get("/public/a", "Host: b\r\n").await);
}
