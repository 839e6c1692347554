//! What a route changes about requests and answers.

use std::time::Duration;

use bulla_gateway::{
    Rules,
    route::{AddedHeader, PathPrefix, RouteError, RouteTable},
};
use bulla_guard::access::Access;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{TestGateway, TestUpstream, Wire, claims, route, rules, token, upstream};

#[tokio::test]
async fn a_prefix_is_taken_off_after_the_path_was_matched() {
    let server = TestUpstream::start().await;
    let mut stripped = route("/api/v1/{*rest}", Access::Public, upstream(server.address));
    stripped.strip_prefix = Some(PathPrefix::parse("/api/v1").unwrap());
    let guarded = route(
        "/users/{*rest}",
        Access::Authenticated,
        upstream(server.address),
    );
    let gateway = TestGateway::start(vec![stripped, guarded]).await;
    for (path, line) in [
        (
            "/api/v1/users/7?a=/api/v1",
            "GET /users/7?a=/api/v1 HTTP/1.1",
        ),
        ("/api/./v1//x/..", "GET / HTTP/1.1"),
        ("/api/v1", "GET / HTTP/1.1"),
        ("/%61pi/v1?", "GET /? HTTP/1.1"),
    ] {
        let headers = "X-Forwarded-Prefix: /evil\r\n";
        assert_eq!(gateway.get(path, headers).await.status, 200, "{path}");
        let received = server.received().last().unwrap().clone();
        assert_eq!(received.line(), line);
        assert_eq!(received.header("x-forwarded-prefix"), Some("/api/v1"));
    }
    for path in ["/api/v10", "/users/7", "/api/v1/../../users/7"] {
        assert_ne!(gateway.get(path, "").await.status, 200, "{path}");
    }
    assert_eq!(
        gateway.get("/api/v1/..%2fv1", "").await.code(),
        "request_malformed"
    );
    assert_eq!(server.received().len(), 4);
}

#[test]
fn a_prefix_that_not_all_paths_have_is_refused() {
    let mut elsewhere = route("/{*rest}", Access::Public, upstream("127.0.0.1:1"));
    elsewhere.strip_prefix = Some(PathPrefix::parse("/api").unwrap());
    let refused = RouteTable::build(vec![elsewhere]).unwrap_err();
    assert!(
        matches!(refused, RouteError::PrefixElsewhere { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn headers_are_added_in_place_of_the_clients() {
    let server = TestUpstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Powered-By: x\r\n\r\nok",
    )
    .await;
    let mut adding = route("/{*rest}", Access::Authenticated, upstream(server.address));
    adding.forward_token = false;
    adding.request_headers = [
        AddedHeader::for_requests("X-From", "bulla").unwrap(),
        AddedHeader::for_requests("Authorization", "Basic YTpi").unwrap(),
    ]
    .into();
    adding.response_headers = vec![
        AddedHeader::for_answers("X-Powered-By", "bulla").unwrap(),
        AddedHeader::for_answers("X-Frame-Options", "DENY").unwrap(),
    ];
    let gateway = TestGateway::start(vec![adding]).await;
    let headers = format!(
        "Authorization: Bearer {}\r\nX-From: evil\r\nX_From: evil\r\nConnection: X-From\r\n",
        token(&claims())
    );
    let answer = gateway.get("/", &headers).await;
    assert_eq!(answer.header("x-powered-by"), Some("bulla"));
    let received = server.only();
    assert_eq!(received.header("x-from"), Some("bulla"));
    assert_eq!(received.header("authorization"), Some("Basic YTpi"));
    assert!(!received.head.contains("evil"), "{}", received.head);
    let refused = gateway.get("/", "").await;
    assert_eq!(
        (refused.status, refused.header("x-frame-options")),
        (401, Some("DENY"))
    );
}

#[tokio::test]
async fn an_answer_is_waited_for_as_long_as_the_route_says() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut hasty = route(
        "/hasty",
        Access::Public,
        upstream(silent.local_addr().unwrap()),
    );
    hasty.response_timeout = Some(Duration::from_millis(100));
    // The gateway's own patience is a minute.
    let gateway = TestGateway::start(vec![hasty]).await;
    assert_eq!(gateway.get("/hasty", "").await.code(), "upstream_timeout");
}

#[tokio::test]
async fn a_websocket_may_be_idle_for_as_long_as_the_route_says() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    let mut hasty = route("/hasty", Access::Public, target);
    hasty.tunnel_timeout = Some(Duration::from_millis(50));
    // The gateway's own patience is an hour.
    let gateway = TestGateway::start(vec![hasty]).await;
    let mut client = gateway.connect().await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let ask = format!("GET /hasty HTTP/1.1\r\nHost: a\r\n{upgrade}");
    client.write(ask).await;
    let mut server = Wire::over(listener.accept().await.unwrap().0);
    server.head().await.unwrap();
    server
        .write(format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}"))
        .await;
    assert_eq!(client.answer("GET").await.status, 101);
    assert_eq!(
        (client.rest().await, server.rest().await),
        Default::default()
    );
}

#[tokio::test]
async fn who_has_no_token_is_told_where_visitors_get_one_that_is_enough() {
    let server = TestUpstream::start().await;
    let table = |challenge| {
        let open = route("/open", Access::Anonymous, upstream(server.address));
        let closed = route("/closed", Access::Authenticated, upstream(server.address));
        let routes = RouteTable::build(vec![open, closed]).unwrap();
        Rules {
            routes: routes.with_challenge(challenge),
            ..rules(Vec::new())
        }
    };
    let gateway = TestGateway::start_by(table(Some("/auth/challenge")), |_| {}).await;
    let told = async |gateway: &TestGateway, path, headers| {
        let answer = gateway.get(path, headers).await;
        (answer.status, answer.problem()["challenge"].clone())
    };
    let invited = (401, json!("/auth/challenge"));
    assert_eq!(told(&gateway, "/open", "").await, invited);
    assert_eq!(told(&gateway, "/closed", "").await, (401, json!(null)));
    let bad = "Authorization: Bearer x\r\n";
    assert_eq!(told(&gateway, "/open", bad).await, (401, json!(null)));
    let without = TestGateway::start_by(table(None), |_| {}).await;
    assert_eq!(told(&without, "/open", "").await, (401, json!(null)));
}

#[tokio::test]
async fn anonymous_tokens_pass_where_they_are_welcome() {
    let server = TestUpstream::start().await;
    let open = route("/open", Access::Anonymous, upstream(server.address));
    let closed = route("/closed", Access::Authenticated, upstream(server.address));
    let gateway = TestGateway::start(vec![open, closed]).await;
    let mut visitor = claims();
    visitor["anon"] = json!(true);
    let visitor = format!("Authorization: Bearer {}\r\n", token(&visitor));
    let user = format!("Authorization: Bearer {}\r\n", token(&claims()));
    let refused = gateway.get("/closed", &visitor).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "sign_in_required")
    );
    assert_eq!(gateway.get("/open", "").await.code(), "token_missing");
    server.assert_untouched();
    for (path, headers) in [("/open", &visitor), ("/open", &user), ("/closed", &user)] {
        assert_eq!(gateway.get(path, headers).await.status, 200, "{path}");
    }
    let told: Vec<_> = server
        .received()
        .iter()
        .map(|received| received.header("x-bulla-anonymous").unwrap().to_owned())
        .collect();
    assert_eq!(told, ["true", "false", "false"]);
}
