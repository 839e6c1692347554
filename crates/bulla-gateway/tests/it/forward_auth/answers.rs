//! Who may pass, and what their proxy is told about them.

use serde_json::json;

use super::{ANY, ask, ask_as_nginx, bearer, listed, start};
use crate::support::{Answer, TestUpstream, claims, token};

fn identity(answer: &Answer) -> Vec<(&str, &str)> {
    let lines = answer.head.lines().filter_map(|line| line.split_once(':'));
    let mut identity: Vec<(&str, &str)> = lines
        .filter(|(name, _)| name.starts_with("x-bulla-"))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    identity.sort_unstable();
    identity
}

#[tokio::test]
async fn whoever_may_pass_is_named() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let mut claims = claims();
    claims["team_id"] = json!("t7");
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims));
    let known = |team| {
        [
            ("x-bulla-anonymous", "false"),
            ("x-bulla-claim-team-id", team),
            ("x-bulla-issuer", ""),
            ("x-bulla-plan", "free"),
            ("x-bulla-roles", "user,editor"),
            ("x-bulla-scope", "read write"),
            ("x-bulla-session", "ses_1"),
            ("x-bulla-subject", "usr_1"),
        ]
    };
    for answer in [
        ask(&gateway, "POST", "/api/a?b=%2f..", &bearer).await,
        ask_as_nginx(&gateway, "POST", "/api/a?b=%2f..", &bearer).await,
    ] {
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("x-request-id").is_some());
        assert_eq!(identity(&answer), known("t7"));
    }
    // A claim that this route does not forward, but another does.
    let public = ask(&gateway, "GET", "/public/a", &bearer).await;
    assert_eq!(
        (public.status, identity(&public)),
        (200, known("").to_vec())
    );
    server.assert_untouched();
}

#[tokio::test]
async fn nobody_has_every_header_and_all_of_them_empty() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let spoofed = "X-Bulla-Subject: usr_2\r\nX-Bulla-Roles: admin\r\nX_Bulla_Plan: pro\r\n";
    let names = [
        "x-bulla-anonymous",
        "x-bulla-claim-team-id",
        "x-bulla-issuer",
        "x-bulla-plan",
        "x-bulla-roles",
        "x-bulla-scope",
        "x-bulla-session",
        "x-bulla-subject",
    ];
    let headers = ["", spoofed, "Authorization: Bearer not.a.token\r\n"];
    for headers in headers {
        let answer = ask(&gateway, "GET", "/public/a", headers).await;
        assert_eq!(answer.status, 200);
        assert_eq!(identity(&answer), names.map(|name| (name, "")));
    }
}

#[tokio::test]
async fn a_path_that_bulla_answers_itself_is_for_nobody_else() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    assert_eq!(gateway.get("/mine/a", "").await.status, 418);
    for path in ["/mine/a", ANY, "/forward-auth/nginx"] {
        assert_eq!(
            ask(&gateway, "GET", path, &bearer()).await.code(),
            "not_found"
        );
    }
    // One that asks for a token is decided about as any.
    assert_eq!(
        ask(&gateway, "GET", "/mine/own", &bearer()).await.status,
        200
    );
    assert_eq!(
        ask(&gateway, "GET", "/mine/own", "").await.code(),
        "token_missing"
    );
}

#[tokio::test]
async fn the_host_is_the_one_that_the_client_asked_for() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let of = |host: &str| {
        let host = format!("X-Forwarded-Host: {host}\r\n");
        format!("X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /api/a\r\n{host}")
    };
    assert_eq!(gateway.get(ANY, &of("other.example")).await.status, 200);
    assert_eq!(
        gateway.get(ANY, &of("Other.Example:8443")).await.status,
        200
    );
    let elsewhere = gateway.get(ANY, &of("another.example")).await;
    assert_eq!(elsewhere.code(), "token_missing");
    // For nginx it is the one that nginx names, whatever the client writes beside it.
    let spoofed = "X-Forwarded-Host: other.example\r\n";
    let refused = ask_as_nginx(&gateway, "GET", "/api/a", spoofed).await;
    assert_eq!(refused.code(), "token_missing");
}

#[tokio::test]
async fn a_preflight_goes_on_from_a_listed_origin_alone() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let preflight = |origin: &str| {
        format!("Origin: https://{origin}.example\r\nAccess-Control-Request-Method: GET\r\n")
    };
    let answer = ask(&gateway, "OPTIONS", "/shared", &preflight("app")).await;
    assert_eq!(
        (answer.status, answer.header("x-bulla-subject")),
        (200, Some(""))
    );
    let refused = ask(&gateway, "OPTIONS", "/shared", &preflight("evil")).await;
    assert_eq!(refused.code(), "csrf_refused");
    // Without `cors` it is a request as any other, and so is an OPTIONS that asks nothing.
    for (path, headers) in [("/ws", preflight("app")), ("/shared", String::new())] {
        let refused = ask(&gateway, "OPTIONS", path, &headers).await;
        assert_eq!(refused.code(), "token_missing", "{path}");
    }
    // Whoever may read answers may read refusals.
    let refused = ask(
        &gateway,
        "GET",
        "/shared",
        "Origin: https://app.example\r\n",
    )
    .await;
    let allowed = refused.header("access-control-allow-origin");
    assert_eq!(
        (refused.status, allowed),
        (401, Some("https://app.example"))
    );
}

#[tokio::test]
async fn questions_are_counted_by_themselves_and_tokens_are_seen() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    ask(&gateway, "GET", "/api/a", &bearer()).await;
    ask(&gateway, "GET", "/nowhere", &bearer()).await;
    ask_as_nginx(&gateway, "GET", "/api/a", "").await;
    let metrics = gateway.metrics();
    for line in [
        r#"bulla_gateway_requests_total{route="/forward-auth",verdict="accepted"} 1"#,
        r#"bulla_gateway_requests_total{route="/forward-auth",verdict="not_found"} 1"#,
        r#"bulla_gateway_requests_total{route="/forward-auth/nginx",verdict="token_missing"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} in\n{metrics}"
        );
    }
    let of_the_route = r#"bulla_gateway_requests_total{route="/api/"#;
    assert!(!metrics.contains(of_the_route), "{metrics}");
    assert_eq!(gateway.sightings(), [("ses_1".to_owned(), 7)]);
}

#[tokio::test]
async fn who_is_not_listed_finds_nothing_there() {
    let server = TestUpstream::start().await;
    let gateway = start(&server, "192.0.2.0/24").await;
    // Nor does it help to claim a listed address.
    for headers in [
        bearer(),
        format!("{}X-Forwarded-For: 192.0.2.1\r\n", bearer()),
    ] {
        for answer in [
            ask(&gateway, "GET", "/public/a", &headers).await,
            ask_as_nginx(&gateway, "GET", "/public/a", &headers).await,
        ] {
            assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
            assert!(!answer.head.contains("x-bulla-"), "{}", answer.head);
        }
    }
    assert_eq!(gateway.get("/api/a", &bearer()).await.status, 200);
}

#[tokio::test]
async fn every_method_may_ask_and_a_body_is_no_part_of_the_question() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    for method in ["GET", "POST", "OPTIONS", "DELETE", "PROPFIND"] {
        let head = format!(
            "{method} {ANY}?mode=what&ever HTTP/1.1\r\nHost: bulla.example\r\nContent-Length: 5\r\n{}\
             X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /api/a\r\n\r\nhello",
            bearer()
        );
        assert_eq!(gateway.send(head).await.status, 200, "{method}");
    }
    server.assert_untouched();
}
