//! What a proxy is answered that asks before it passes a request on.

mod answers;
mod credentials;
mod refusals;

use bulla_gateway::{
    Rules,
    route::{ForwardedClaim, HostName, Methods, Route, RouteTable, Site, WebOrigin},
    target::{AskingProxy, Target},
};
use bulla_guard::access::Access;
use http::{Response, StatusCode};

use crate::support::{
    Answer, TestGateway, TestUpstream, claims, route, rules, service, token, upstream,
};

const ANY: &str = "/forward-auth";
const NGINX: &str = "/forward-auth/nginx";
const ENVOY: &str = "/forward-auth/envoy";

/// A gateway that lets these proxies ask, in front of `/public/…` for anybody, `/admin` for administrators, `/shared`
/// for pages of another origin, `/ws` for WebSockets with their token in the query, `/mine/…` that a service in this
/// process answers anybody, and `/api/…` for signed-in users.
async fn start(server: &TestUpstream, trusted: &str) -> TestGateway {
    let target = upstream(server.address);
    let guarded = |path| route(path, Access::Authenticated, target.clone());
    let mut admin = guarded("/admin");
    admin.policy.roles = vec!["admin".to_owned()];
    let mut api = guarded("/api/{*rest}");
    api.methods = Methods::parse(&["GET", "POST"]).unwrap();
    api.forward_claims = vec![ForwardedClaim::parse("team_id").unwrap()];
    let mut shared = guarded("/shared");
    shared.cors = vec![WebOrigin::parse("https://app.example").unwrap()];
    let mut sockets = guarded("/ws");
    sockets.credential = ["query", "cookie"]
        .into_iter()
        .map(|place| bulla_gateway::route::CredentialPlace::parse(place).unwrap())
        .collect();
    let other = Route {
        host: Some(HostName::parse("other.example").unwrap()),
        ..route("/api/{*rest}", Access::Public, target.clone())
    };
    let teapot = service(async |_| {
        let mut response = Response::new(String::new());
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        response
    });
    let routes = vec![
        route("/public/{*rest}", Access::Public, target.clone()),
        admin,
        api,
        shared,
        sockets,
        other,
        route("/mine/{*rest}", Access::Public, teapot.clone()),
        route("/mine/own", Access::Authenticated, teapot),
        route(ANY, Access::Public, Target::ForwardAuth(AskingProxy::Any)),
        route(
            NGINX,
            Access::Public,
            Target::ForwardAuth(AskingProxy::Nginx),
        ),
        route(
            ENVOY,
            Access::Public,
            Target::ForwardAuth(AskingProxy::Envoy),
        ),
    ];
    let site = Site {
        origins: vec![WebOrigin::parse("https://api.example").unwrap()],
        ..Site::default()
    };
    let rules = Rules {
        routes: RouteTable::build(routes).unwrap().with_site(site),
        trusted_proxies: vec![trusted.parse().unwrap()],
        ..rules(Vec::new())
    };
    TestGateway::start_by(rules, |_| {}).await
}

/// One that this machine may ask.
async fn listed(server: &TestUpstream) -> TestGateway {
    start(server, "127.0.0.1").await
}

/// What the gateway says of a request, asked as Traefik and Caddy do.
async fn ask(gateway: &TestGateway, method: &str, uri: &str, headers: &str) -> Answer {
    let asked = format!(
        "X-Forwarded-Method: {method}\r\nX-Forwarded-Uri: {uri}\r\nX-Forwarded-Host: api.example\r\n\
         X-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n"
    );
    gateway.get(ANY, &format!("{asked}{headers}")).await
}

/// The same, asked as nginx does.
async fn ask_as_nginx(gateway: &TestGateway, method: &str, uri: &str, headers: &str) -> Answer {
    let asked = format!("X-Original-Method: {method}\r\nX-Original-URI: {uri}\r\n");
    gateway.get(NGINX, &format!("{asked}{headers}")).await
}

/// The same, asked as Envoy does.
async fn ask_as_envoy(gateway: &TestGateway, method: &str, uri: &str, headers: &str) -> Answer {
    let question = format!("{method} {ENVOY}?{uri} HTTP/1.1\r\nHost: api.example\r\n{headers}\r\n");
    gateway.send(question).await
}

fn bearer() -> String {
    format!("Authorization: Bearer {}\r\n", token(&claims()))
}
