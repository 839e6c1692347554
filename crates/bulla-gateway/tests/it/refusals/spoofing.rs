//! Claiming to be somebody else.

use bulla_gateway::{
    Rules,
    route::{AddedHeader, CredentialPlace, PathPrefix, WebOrigin},
    target::{Protocol, UpstreamOptions},
};
use bulla_guard::access::Access;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

use crate::support::{
    Http2Upstream, TestGateway, TestUpstream, balanced, claims, in_front_of, route, rules, service,
    token, upstream,
};

/// Identity headers as an upstream behind CGI or another mapping might read them.
const SPOOFED: &str = "X-Bulla-Subject: usr_admin\r\nx-bulla-roles: admin\r\nX-BULLA-PLAN: gold\r\nX_Bulla_Subject: usr_admin\r\n\
    X-Bulla_Roles: admin\r\nX.Bulla.Scope: all\r\nX-Bulla-Claim-Team-Id: t_1\r\nX-Bulla-Anonymous: false\r\nX-Bulla: 1\r\n\
    X-Bulla-Session: ses_admin\r\n";

#[tokio::test]
async fn identity_headers_on_a_public_route() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    assert_eq!(
        gateway
            .get("/public/a", &format!("{SPOOFED}X-Other: 1\r\n"))
            .await
            .status,
        200
    );
    let received = server.only();
    assert!(
        !received.head.to_ascii_lowercase().contains("bulla"),
        "{}",
        received.head
    );
    assert_eq!(received.header("x-other"), Some("1"));
}

#[tokio::test]
async fn identity_headers_beside_a_token() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = format!("{SPOOFED}Authorization: Bearer {}\r\n", token(&claims()));
    assert_eq!(gateway.get("/a", &headers).await.status, 200);
    let received = server.only();
    let own: Vec<String> = received
        .names()
        .into_iter()
        .filter(|name| name.contains("bulla"))
        .collect();
    let expected = [
        "x-bulla-anonymous",
        "x-bulla-plan",
        "x-bulla-roles",
        "x-bulla-scope",
        "x-bulla-session",
        "x-bulla-subject",
    ];
    assert_eq!(own, expected);
    assert_eq!(received.header("x-bulla-subject"), Some("usr_1"));
    assert_eq!(received.header("x-bulla-roles"), Some("user,editor"));
}

#[tokio::test]
async fn identity_headers_to_a_service_in_the_process() {
    let echo = service(async |request: http::Request<bulla_gateway::Body>| {
        let names: Vec<&str> = request
            .headers()
            .keys()
            .map(http::HeaderName::as_str)
            .collect();
        http::Response::new(names.join(" "))
    });
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, echo)]).await;
    let answer = gateway.get("/a", &format!("{SPOOFED}X-Other: 1\r\n")).await;
    assert!(
        !answer.body.contains("bulla") && answer.body.contains("x-other"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn identity_headers_on_every_other_kind_of_route() {
    let server = TestUpstream::start().await;
    let target = upstream(server.address);
    let mut stripped = route("/api/{*rest}", Access::Public, target.clone());
    stripped.strip_prefix = Some(PathPrefix::parse("/api").unwrap());
    stripped.request_headers = [AddedHeader::for_requests("X-Added", "1").unwrap()].into();
    let mut shared = route("/shared", Access::Public, target.clone());
    shared.cors = vec![WebOrigin::parse("https://app.example").unwrap()];
    let mut formal = route("/form", Access::Public, target.clone());
    formal.credential = [CredentialPlace::Form].into_iter().collect();
    let mut remembered = route("/remembered", Access::Anonymous, target.clone());
    remembered.credential = [CredentialPlace::Cookie].into_iter().collect();
    let visitors = route("/visitors", Access::Anonymous, target);
    let gateway = TestGateway::start(vec![stripped, shared, formal, remembered, visitors]).await;
    let mut visitor = claims();
    visitor["anon"] = serde_json::json!(true);
    let visitor = token(&visitor);
    let bearer = format!("Authorization: Bearer {visitor}\r\n");
    let cookie = format!("Cookie: __Host-bulla_access={visitor}\r\n");
    let socket = "Connection: upgrade, X-Bulla-Subject\r\nUpgrade: websocket\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n";
    for (method, path, more, body) in [
        ("GET", "/api/a", "", ""),
        ("GET", "/api/a", socket, ""),
        ("GET", "/shared", "Origin: https://app.example\r\n", ""),
        ("POST", "/form", form, "a=b"),
        ("GET", "/remembered", &cookie, ""),
        ("GET", "/visitors", &bearer, ""),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: api.example\r\n");
        let request = format!("{head}{SPOOFED}{more}X-Other: 1\r\n\r\n{body}");
        assert_eq!(gateway.send(request).await.status, 200, "{path}");
        let received = server.received().last().unwrap().clone();
        assert_eq!(received.body, body, "{path}");
        assert!(!received.head.contains("admin"), "{}", received.head);
        assert!(!received.names().contains(&"x_bulla_subject".to_owned()));
        let known = ["/remembered", "/visitors"].contains(&path);
        let subject = known.then_some("usr_1");
        assert_eq!(received.header("x-bulla-subject"), subject, "{path}");
        assert_eq!(received.header("x-other"), Some("1"));
    }
}

#[tokio::test]
async fn identity_headers_before_a_websocket() {
    let switch =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let server = TestUpstream::answering(switch).await;
    let gateway = in_front_of(&server).await;
    let ask = "Connection: upgrade, X-Bulla-Subject\r\nUpgrade: websocket\r\n";
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    for (path, more, subject) in [
        ("/public/a", "", None),
        ("/a", bearer.as_str(), Some("usr_1")),
    ] {
        let headers = format!("{SPOOFED}{ask}{more}X-Other: 1\r\n");
        assert_eq!(gateway.get(path, &headers).await.status, 101, "{path}");
        let received = server.received().last().unwrap().clone();
        assert!(!received.head.contains("admin"), "{}", received.head);
        assert_eq!(received.header("x-bulla-subject"), subject);
        assert_eq!(received.header("upgrade"), Some("websocket"));
        assert_eq!(received.header("x-other"), Some("1"));
    }
}

#[tokio::test]
async fn identity_headers_to_an_http_2_upstream() {
    let server = Http2Upstream::answering(async |request: Request<Incoming>| {
        let headers = request.headers().iter();
        let lines: String = headers
            .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
            .collect();
        let body = Full::new(Bytes::from(lines));
        http::Response::new(body.map_err(|never| match never {}).boxed())
    })
    .await;
    let options = UpstreamOptions {
        protocol: Protocol::Http2,
        ..UpstreamOptions::default()
    };
    let target = balanced(&[server.address], &options);
    let gateway = TestGateway::start(vec![
        route("/public/{*rest}", Access::Public, target.clone()),
        route("/{*rest}", Access::Authenticated, target),
    ])
    .await;
    let reached = async |path: &str, more: &str| {
        let headers = format!("{SPOOFED}{more}X-Other: 1\r\n");
        let answer = gateway.get(path, &headers).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("x-other: 1\n"), "{}", answer.body);
        assert!(!answer.body.contains("admin"), "{}", answer.body);
        answer.body
    };
    let public = reached("/public/a", "").await;
    assert!(!public.contains("bulla"), "{public}");
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    let known = reached("/a", &bearer).await;
    assert!(known.contains("x-bulla-subject: usr_1\n"), "{known}");
}

#[tokio::test]
async fn connection_names_the_gateways_own_headers() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let named = "Connection: X-Bulla-Subject, X-Bulla-Roles, X-Forwarded-For, X-Request-Id, Host, X-Mine\r\nX-Mine: 1\r\n";
    let headers = format!("{named}Authorization: Bearer {}\r\n", token(&claims()));
    assert_eq!(gateway.get("/a", &headers).await.status, 200);
    let received = server.only();
    assert_eq!(received.header("x-bulla-subject"), Some("usr_1"));
    assert_eq!(received.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(received.header("host"), Some("api.example"));
    assert!(received.header("x-request-id").is_some());
    assert_eq!(
        received.header("x-mine"),
        None,
        "the control: what is the client's, it may name"
    );
}

#[tokio::test]
async fn connection_names_the_length() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let head = "POST /public/a HTTP/1.1\r\nHost: api.example\r\nConnection: content-length\r\nContent-Length: 5";
    assert_eq!(
        gateway.send(format!("{head}\r\n\r\nhello")).await.status,
        200
    );
    assert_eq!(server.only().body, "hello");
}

#[tokio::test]
async fn identity_in_trailers() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let head = "POST /public/a HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\nTrailer: X-Bulla-Subject, X-Sum";
    let body = "1\r\na\r\n0\r\nX-Bulla-Subject: usr_admin\r\nX_Bulla_Roles: admin\r\nAuthorization: Bearer x\r\nX-Sum: 7\r\n\r\n";
    assert_eq!(
        gateway.send(format!("{head}\r\n\r\n{body}")).await.status,
        200
    );
    assert_eq!(
        server.only().raw_body.to_ascii_lowercase(),
        "1\r\na\r\n0\r\nx-sum: 7\r\n\r\n"
    );
}

#[tokio::test]
async fn a_header_of_the_route_in_trailers() {
    let server = TestUpstream::start().await;
    let mut adding = route("/adding/a", Access::Public, upstream(server.address));
    adding.request_headers = [AddedHeader::for_requests("X-Key", "1").unwrap()].into();
    let plain = route("/plain/a", Access::Public, upstream(server.address));
    let gateway = TestGateway::start(vec![adding, plain]).await;
    let rest = "HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\nTrailer: X-Key, X_Key, X-Sum\r\n\r\n\
        1\r\na\r\n0\r\nX-Key: evil\r\nX_Key: evil\r\nX-Sum: 7\r\n\r\n";
    for path in ["/adding/a", "/plain/a"] {
        let answer = gateway.send(format!("POST {path} {rest}")).await;
        assert_eq!(answer.status, 200);
    }
    let received = server.received();
    assert_eq!(
        received[0].raw_body.to_ascii_lowercase(),
        "1\r\na\r\n0\r\nx-sum: 7\r\n\r\n"
    );
    let plain = received[1].raw_body.to_ascii_lowercase();
    assert!(
        plain.contains("x-key: evil") && plain.contains("x-sum: 7"),
        "the control: what no route adds is the client's: {plain}"
    );
}

#[tokio::test]
async fn forwarded_headers_from_somebody_unlisted() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = "Forwarded: for=10.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\nX_Forwarded_For: 10.0.0.1\r\nX-Forwarded-Host: evil\r\n\
        X-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\nX-Real-IP: 10.0.0.1\r\nX-Forwarded-User: admin\r\n";
    assert_eq!(gateway.get("/public/a", headers).await.status, 200);
    let received = server.only();
    let expected = [
        "host",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
    ];
    assert_eq!(received.names(), expected);
    assert_eq!(received.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(received.header("x-forwarded-host"), Some("api.example"));
    assert_eq!(received.header("x-forwarded-proto"), Some("http"));
}

#[tokio::test]
async fn forwarded_headers_from_a_listed_proxy_are_believed() {
    let server = TestUpstream::start().await;
    let routes = vec![route("/{*rest}", Access::Public, upstream(server.address))];
    let gateway = TestGateway::start_by(
        Rules {
            trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
            ..rules(routes)
        },
        |_| {},
    )
    .await;
    let headers = "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: https\r\n";
    assert_eq!(gateway.get("/", headers).await.status, 200);
    let received = server.only();
    assert_eq!(received.header("x-forwarded-for"), Some("192.0.2.7"));
    assert_eq!(received.header("x-forwarded-host"), Some("shop.example"));
    assert_eq!(received.header("x-forwarded-proto"), Some("https"));
}

#[tokio::test]
async fn the_gateways_cookies_go_no_further() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = "Cookie: a=1; __Host-bulla_access=x; b=2, __Host-bulla_refresh=y\r\n";
    assert_eq!(gateway.get("/public/a", headers).await.status, 200);
    assert_eq!(server.only().header("cookie"), Some("a=1; b=2"));
}

#[tokio::test]
async fn another_method_another_user_another_address() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = "X-HTTP-Method-Override: DELETE\r\nX_HTTP_Method_Override: DELETE\r\nX-HTTP-Method: DELETE\r\n\
        X-Method-Override: DELETE\r\nRemote-User: admin\r\nRemote_User: admin\r\nX-Remote-User: admin\r\n\
        X-Client-IP: 10.0.0.1\r\nTrue-Client-IP: 10.0.0.1\r\nCF-Connecting-IP: 10.0.0.1\r\n\
        X-Cluster-Client-IP: 10.0.0.1\r\nClient-IP: 10.0.0.1\r\nX-Original-Host: evil\r\nX-Host: evil\r\nX-Own: 1\r\n";
    assert_eq!(gateway.get("/public/a", headers).await.status, 200);
    let expected = [
        "host",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-own",
        "x-request-id",
    ];
    assert_eq!(server.only().names(), expected);
}
