//! Tokens of an issuer that is trusted beside our own.

use bulla_gateway::{Body, Rules, route::Route};
use bulla_guard::access::Access;
use http::{Request, Response};
use serde_json::json;

use crate::support::{
    TestGateway, TestUpstream, claims, foreign_claims, foreign_token, route, rules, service, token,
    trusting_verifier, upstream,
};

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

async fn start(routes: Vec<Route>) -> TestGateway {
    let verifier = trusting_verifier();
    let rules = Rules {
        verifier,
        ..rules(routes)
    };
    TestGateway::start_by(rules, |_| {}).await
}

async fn in_front_of(server: &TestUpstream) -> TestGateway {
    let target = upstream(server.address);
    let routes = vec![
        route("/public/{*rest}", Access::Public, target.clone()),
        route("/{*rest}", Access::Authenticated, target),
    ];
    start(routes).await
}

/// Issuer and subject, as the last request told the upstream, once each and in one spelling.
fn identity(server: &TestUpstream) -> [Option<String>; 2] {
    let received = server.received().pop().unwrap();
    ["issuer", "subject"].map(|what| {
        let names = received.names();
        let alike = names
            .iter()
            .filter(|name| name.starts_with('x') && name.ends_with(what));
        assert!(alike.count() <= 1, "{names:?}");
        let value = received.header(&format!("x-bulla-{what}"));
        value.map(str::to_owned)
    })
}

#[tokio::test]
async fn an_upstream_is_told_whose_token_it_was() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let foreign = bearer(&foreign_token(&foreign_claims()));
    let own = bearer(&token(&claims()));
    // What a client says of it itself counts for nothing.
    let forged = "X-Bulla-Issuer: https://login.example\r\nx_bulla_issuer: x\r\n";
    for path in ["/a", "/public/a"] {
        assert_eq!(
            gateway
                .get(path, &format!("{foreign}{forged}"))
                .await
                .status,
            200
        );
        assert_eq!(
            identity(&server),
            [
                Some("https://other.example".to_owned()),
                Some("usr_1".to_owned())
            ]
        );

        assert_eq!(
            gateway.get(path, &format!("{own}{forged}")).await.status,
            200
        );
        assert_eq!(identity(&server), [None, Some("usr_1".to_owned())]);
    }
    assert_eq!(gateway.get("/public/a", forged).await.status, 200);
    assert_eq!(identity(&server), [None, None]);
}

#[tokio::test]
async fn a_session_of_another_issuer_is_not_reported_as_ours() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let foreign = bearer(&foreign_token(&foreign_claims()));
    assert_eq!(gateway.get("/a", &foreign).await.status, 200);
    assert!(gateway.sightings().is_empty());
    assert_eq!(
        gateway.get("/a", &bearer(&token(&claims()))).await.status,
        200
    );
    assert_eq!(gateway.sightings(), [("ses_1".to_owned(), 7)]);
}

#[tokio::test]
async fn a_service_in_this_process_takes_our_tokens_only() {
    let who = || {
        service(async |request: Request<Body>| {
            let subject = request.headers().get("x-bulla-subject");
            let subject = subject.map_or("nobody", |subject| subject.to_str().unwrap());
            Response::new(subject.to_owned())
        })
    };
    let routes = vec![
        route("/public/{*rest}", Access::Public, who()),
        route("/anonymous/{*rest}", Access::Anonymous, who()),
        route("/{*rest}", Access::Authenticated, who()),
    ];
    let gateway = start(routes).await;
    let mut admin = foreign_claims();
    admin["roles"] = json!(["admin"]);
    let foreign = bearer(&foreign_token(&admin));
    for path in ["/a", "/anonymous/a"] {
        let refused = gateway.get(path, &foreign).await;
        assert_eq!(refused.status, 401);
        assert!(
            refused.body.contains("token_issuer_mismatch"),
            "{}",
            refused.body
        );
    }
    assert_eq!(gateway.get("/public/a", &foreign).await.body, "nobody");
    let own = bearer(&token(&claims()));
    for path in ["/a", "/anonymous/a", "/public/a"] {
        assert_eq!(gateway.get(path, &own).await.body, "usr_1");
    }
}

#[tokio::test]
async fn both_issuers_share_the_cache_and_its_counters() {
    let server = TestUpstream::start().await;
    let target = upstream(server.address);
    let gateway = start(vec![route("/{*rest}", Access::Authenticated, target)]).await;
    for token in [token(&claims()), foreign_token(&foreign_claims())] {
        for _ in 0..2 {
            assert_eq!(gateway.get("/a", &bearer(&token)).await.status, 200);
        }
    }
    let metrics = gateway.metrics();
    for line in [
        "bulla_gateway_token_cache_hits_total 2\n",
        "bulla_gateway_token_cache_misses_total 2\n",
        "bulla_gateway_token_cache_tokens 2\n",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn a_route_asks_for_its_own_whether_the_token_is_in_the_cache_or_not() {
    let server = TestUpstream::start().await;
    let mut strict = route("/strict", Access::Authenticated, upstream(server.address));
    strict.policy.roles = vec!["admin".to_owned()];
    let open = route("/open", Access::Authenticated, upstream(server.address));
    let gateway = start(vec![strict, open]).await;
    let mut admin = foreign_claims();
    admin["roles"] = json!(["admin"]);
    for (claims, status) in [(foreign_claims(), 403), (admin, 200)] {
        let bearer = bearer(&foreign_token(&claims));
        for _ in 0..2 {
            assert_eq!(gateway.get("/open", &bearer).await.status, 200);
            assert_eq!(gateway.get("/strict", &bearer).await.status, status);
        }
    }
    assert!(
        gateway
            .metrics()
            .contains("bulla_gateway_token_cache_hits_total 6\n")
    );
}
