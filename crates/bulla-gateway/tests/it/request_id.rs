//! Names of requests.

use std::collections::HashSet;

use bulla_gateway::route::{Methods, Route};
use bulla_guard::access::Access;

use crate::support::{Nobody, TestGateway, TestUpstream, in_front_of, route, upstream};

#[tokio::test]
async fn every_request_has_its_own_and_takes_none_over() {
    let server = TestUpstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Request-Id: theirs\r\n\r\n",
    )
    .await;
    let gateway = in_front_of(&server).await;
    let mut seen = HashSet::new();
    for headers in ["", "X-Request-Id: mine\r\n", "X_Request_Id: mine\r\n"] {
        let answer = gateway.get("/public/a", headers).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        let received = server.received().pop().unwrap();
        assert_eq!(
            received.header("x-request-id"),
            Some(id.as_str()),
            "the upstream gets the same"
        );
        assert_eq!(received.header("x_request_id"), None);
        assert_eq!(id.len(), 22);
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn every_refusal_has_one_but_those_of_what_is_no_request() {
    let nobody = Nobody::bind();
    let gateway = TestGateway::start(vec![
        route("/public/{*rest}", Access::Public, upstream(nobody.address)),
        route(
            "/api/{*rest}",
            Access::Authenticated,
            upstream(nobody.address),
        ),
        Route {
            methods: Methods::parse(&["POST"]).unwrap(),
            ..route("/posted", Access::Public, upstream(nobody.address))
        },
    ])
    .await;
    for (request, status) in [
        ("GET /public/%2f HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("GET /api/a HTTP/1.1\r\nHost: a\r\n\r\n", 401),
        ("GET /posted HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /public/a HTTP/1.1\r\nHost: a\r\n\r\n", 502),
    ] {
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, status, "{request}");
        let id = answer.header("x-request-id").unwrap();
        assert!(answer.body.contains(&format!("\"request_id\":\"{id}\"")));
    }
    let headers = "A: b\r\n".repeat(101);
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\n{headers}\r\n"), 431),
    ] {
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-request-id"), None);
    }
    assert!(!gateway.metrics().contains("head_too_large"));
}
