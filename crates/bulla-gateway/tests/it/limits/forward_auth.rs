//! Limits of requests that another proxy asks about.

use bulla_gateway::{
    Limits, Rules,
    route::{Route, RouteLimit},
    target::{AskingProxy, Target},
};
use bulla_guard::access::Access;

use super::{address_limit, plans};
use crate::support::{Answer, TestGateway, TestUpstream, claims, route, rules, token, upstream};

async fn start(limits: Limits) -> TestGateway {
    let server = TestUpstream::start().await;
    let api = Route {
        limit: RouteLimit::OwnPlan,
        ..route(
            "/api/{*rest}",
            Access::Authenticated,
            upstream(server.address),
        )
    };
    let ask = |path, proxy| route(path, Access::Public, Target::ForwardAuth(proxy));
    let rules = Rules {
        limits,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..rules(vec![
            api,
            ask("/forward-auth", AskingProxy::Any),
            ask("/forward-auth/nginx", AskingProxy::Nginx),
        ])
    };
    TestGateway::start_by(rules, |_| {}).await
}

async fn ask(gateway: &TestGateway, address: &str, token: &str) -> Answer {
    let headers = format!(
        "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /api/a\r\nX-Forwarded-For: {address}\r\n\
         Authorization: Bearer {token}\r\n"
    );
    gateway.get("/forward-auth", &headers).await
}

#[tokio::test]
async fn a_question_counts_as_the_request_it_is_about() {
    let gateway = start(plans(&[("free", "60/m", 1, "subject")])).await;
    let bearer = token(&claims());
    let passes = ask(&gateway, "192.0.2.1", &bearer).await;
    assert_eq!(
        (passes.status, passes.header("ratelimit")),
        (200, Some("\"free\";r=0;t=1"))
    );
    let over = ask(&gateway, "192.0.2.1", &bearer).await;
    assert_eq!((over.status, over.code().as_str()), (429, "rate_limited"));
    assert_eq!(over.header("x-bulla-code"), Some("rate_limited"));
    let nginx = format!(
        "X-Original-Method: GET\r\nX-Original-URI: /api/a\r\nAuthorization: Bearer {bearer}\r\n"
    );
    let over = gateway.get("/forward-auth/nginx", &nginx).await;
    assert_eq!(
        (over.status, over.header("x-bulla-code")),
        (403, Some("rate_limited"))
    );
    assert_eq!(over.header("retry-after"), Some("1"));
    // The request itself has nothing left either.
    let own = format!("Authorization: Bearer {bearer}\r\n");
    assert_eq!(gateway.get("/api/a", &own).await.status, 429);
}

#[tokio::test]
async fn a_question_is_charged_to_the_address_that_it_is_about() {
    let gateway = start(address_limit("1/s", 2)).await;
    for (address, codes) in [
        (
            "192.0.2.1",
            ["token_malformed", "token_malformed", "rate_limited"],
        ),
        (
            "192.0.2.2",
            ["token_malformed", "token_malformed", "rate_limited"],
        ),
    ] {
        for code in codes {
            assert_eq!(ask(&gateway, address, "a.b.c").await.code(), code);
        }
    }
}
