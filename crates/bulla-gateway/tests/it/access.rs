//! Who passes, and what the upstream is told about them.

use bulla_gateway::route::{ForwardedClaim, HostName};
use bulla_guard::access::Access;
use serde_json::json;

use crate::support::{
    NOW, TestGateway, TestUpstream, claims, in_front_of, route, tampered_token, token, upstream,
};

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn without_a_token_nobody_passes() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let answer = gateway.get("/a", "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "token_missing")
    );
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
    server.assert_untouched();
    assert_eq!(gateway.sightings(), []);
}

#[tokio::test]
async fn a_good_token_passes_and_its_session_is_reported() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    assert_eq!(
        gateway.get("/a", &bearer(&token(&claims()))).await.status,
        200
    );
    let received = server.only();
    for (name, value) in [
        ("x-bulla-subject", "usr_1"),
        ("x-bulla-session", "ses_1"),
        ("x-bulla-roles", "user,editor"),
        ("x-bulla-scope", "read write"),
        ("x-bulla-plan", "free"),
        ("x-bulla-anonymous", "false"),
    ] {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    assert_eq!(gateway.sightings(), [("ses_1".to_owned(), 7)]);
}

#[tokio::test]
async fn a_tampered_or_expired_token_does_not_pass() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut expired = claims();
    expired["exp"] = json!(NOW);
    for (token, code) in [
        (tampered_token(), "token_signature_invalid"),
        (token(&expired), "token_expired"),
        ("x".to_owned(), "token_malformed"),
        (String::new(), "token_malformed"),
    ] {
        let answer = gateway.get("/a", &bearer(&token)).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, code));
    }
    server.assert_untouched();
    assert_eq!(gateway.sightings(), []);
    let mut last_second = claims();
    last_second["exp"] = json!(NOW + 1);
    assert_eq!(
        gateway
            .get("/a", &bearer(&token(&last_second)))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_public_route_ignores_a_bad_token_and_heeds_a_good_one() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for headers in [
        bearer(&tampered_token()),
        "Authorization: Bearer \r\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(gateway.get("/public/a", &headers).await.status, 200);
    }
    assert!(
        server
            .received()
            .iter()
            .all(|received| received.header("x-bulla-subject").is_none())
    );
    assert_eq!(
        gateway
            .get("/public/a", &bearer(&token(&claims())))
            .await
            .status,
        200
    );
    assert_eq!(
        server.received().last().unwrap().header("x-bulla-subject"),
        Some("usr_1")
    );
}

#[tokio::test]
async fn a_role_is_asked_for() {
    let server = TestUpstream::start().await;
    let mut admins = route("/admin", Access::Authenticated, upstream(server.address));
    admins.policy.roles = vec!["admin".to_owned()];
    let gateway = TestGateway::start(vec![admins]).await;
    let refused = gateway.get("/admin", &bearer(&token(&claims()))).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "role_required")
    );
    server.assert_untouched();
    assert_eq!(
        gateway.sightings(),
        [],
        "only what was accepted is reported"
    );
    let mut admin = claims();
    admin["roles"] = json!(["admin"]);
    assert_eq!(
        gateway.get("/admin", &bearer(&token(&admin))).await.status,
        200
    );
}

#[tokio::test]
async fn claims_are_forwarded_where_the_route_says_so() {
    let server = TestUpstream::start().await;
    let mut telling = route("/told", Access::Authenticated, upstream(server.address));
    telling.forward_claims = ["team_id", "beta", "name", "tags", "absent"]
        .map(|name| ForwardedClaim::parse(name).unwrap())
        .to_vec();
    let silent = route("/{*rest}", Access::Authenticated, upstream(server.address));
    let gateway = TestGateway::start(vec![telling, silent]).await;
    let mut claims = claims();
    claims["team_id"] = json!("t_1");
    claims["beta"] = json!(true);
    claims["name"] = json!("Zoë\r\nX-Bulla-Roles: admin");
    claims["tags"] = json!(["a", 1]);
    let headers = bearer(&token(&claims));
    assert_eq!(gateway.get("/told", &headers).await.status, 200);
    assert_eq!(gateway.get("/untold", &headers).await.status, 200);
    let received = server.received();
    let told = |name: &str| received[0].header(name);
    assert_eq!(told("x-bulla-claim-team-id"), Some("t_1"));
    assert_eq!(told("x-bulla-claim-beta"), Some("true"));
    assert_eq!(
        told("x-bulla-claim-name"),
        Some("Zo%C3%AB%0D%0AX-Bulla-Roles: admin")
    );
    assert_eq!(told("x-bulla-claim-tags"), Some("[\"a\",1]"));
    assert_eq!(told("x-bulla-claim-absent"), None);
    assert_eq!(told("x-bulla-roles"), Some("user,editor"));
    assert!(!received[1].head.contains("claim"));
}

#[tokio::test]
async fn the_token_goes_on_unless_the_route_keeps_it() {
    let server = TestUpstream::start().await;
    let mut keeping = route("/kept", Access::Authenticated, upstream(server.address));
    keeping.forward_token = false;
    let passing = route("/passed", Access::Authenticated, upstream(server.address));
    let gateway = TestGateway::start(vec![keeping, passing]).await;
    let token = token(&claims());
    assert_eq!(gateway.get("/kept", &bearer(&token)).await.status, 200);
    assert_eq!(gateway.get("/passed", &bearer(&token)).await.status, 200);
    let received = server.received();
    assert_eq!(received[0].header("authorization"), None);
    assert_eq!(
        received[1].header("authorization"),
        Some(format!("Bearer {token}").as_str())
    );
}

#[tokio::test]
async fn another_spelling_of_an_ipv6_host_passes_no_route() {
    let server = TestUpstream::start().await;
    let mut guarded = route("/{*rest}", Access::Authenticated, upstream(server.address));
    guarded.host = Some(HostName::parse("[::1]").unwrap());
    let open = route("/{*rest}", Access::Public, upstream(server.address));
    let gateway = TestGateway::start(vec![guarded, open]).await;
    let status = async |host: &str| {
        let request = format!("GET /a HTTP/1.1\r\nHost: {host}\r\n\r\n");
        gateway.send(request).await.status
    };
    for host in ["[::1]", "[0:0:0:0:0:0:0:1]", "[0::0001]:80", "[::0.0.0.1]"] {
        assert_eq!(status(host).await, 401, "{host}");
    }
    server.assert_untouched();
    assert_eq!(status("[::2]").await, 200, "the control: another host");
}
