//! Pages of other origins.

use bulla_gateway::route::{Methods, WebOrigin};
use bulla_guard::access::Access;

use crate::support::{Answer, Nobody, TestGateway, TestUpstream, claims, route, token, upstream};

const LISTED: &str = "Origin: https://app.example\r\n";
const EVIL: &str = "Origin: https://evil.example\r\n";

/// What an upstream says of CORS on its own.
const OPEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Methods: DELETE\r\nAccess-Control-Expose-Headers: X-Total\r\nVary: Accept\r\n\r\nok";

/// `GET` and `POST` of `/shared` are shared with one origin, `DELETE` of it with nobody; so is the rest.
async fn in_front_of(server: impl std::fmt::Display) -> TestGateway {
    let target = upstream(server);
    let mut shared = route("/shared", Access::Authenticated, target.clone());
    shared.methods = Methods::parse(&["GET", "POST"]).unwrap();
    shared.cors = vec![WebOrigin::parse("https://app.example").unwrap()];
    let mut own = route("/shared", Access::Authenticated, target.clone());
    own.methods = Methods::parse(&["DELETE"]).unwrap();
    TestGateway::start(vec![shared, own, route("/{*rest}", Access::Public, target)]).await
}

async fn preflight(gateway: &TestGateway, path: &str, method: &str, headers: &str) -> Answer {
    let head = format!("OPTIONS {path} HTTP/1.1\r\nHost: api.example\r\n");
    let asked = format!("Access-Control-Request-Method: {method}\r\n");
    gateway.send(format!("{head}{asked}{headers}\r\n")).await
}

fn says_nothing(answer: &Answer) -> bool {
    !answer.head.to_ascii_lowercase().contains("access-control-")
}

#[tokio::test]
async fn a_preflight_is_answered_at_the_edge() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(server.address).await;
    let headers = format!("{LISTED}Access-Control-Request-Headers: authorization,x-bulla-csrf\r\n");
    let answer = preflight(&gateway, "//shared/", "POST", &headers).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "POST, GET, HEAD"),
        ("access-control-allow-headers", "authorization,x-bulla-csrf"),
        ("access-control-max-age", "3600"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert!(
        answer
            .head
            .to_ascii_lowercase()
            .contains("vary: origin\r\n")
    );
    assert!(answer.header("x-request-id").is_some());
    server.assert_untouched();
}

#[tokio::test]
async fn a_preflight_of_another_origin_is_refused() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(server.address).await;
    for origin in [
        EVIL,
        "Origin: null\r\n",
        "Origin: *\r\n",
        "Origin: https://app.example.evil.example\r\n",
        "Origin: https://app.example:443\r\n",
        "Origin: http://app.example\r\n",
        "Origin: https://app.example\r\nOrigin: https://evil.example\r\n",
    ] {
        let answer = preflight(&gateway, "/shared", "POST", origin).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "csrf_refused"),
            "{origin}"
        );
        assert!(says_nothing(&answer), "{answer:?}");
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    server.assert_untouched();
}

#[tokio::test]
async fn without_a_list_a_preflight_is_the_targets_affair() {
    let server = TestUpstream::answering(OPEN).await;
    let gateway = in_front_of(server.address).await;
    let answer = preflight(&gateway, "/other", "POST", EVIL).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(server.only().line(), "OPTIONS /other HTTP/1.1");
    // About a method that is not shared: nobody asks the upstream, which has no such route.
    let answer = preflight(&gateway, "/shared", "DELETE", LISTED).await;
    assert_eq!(answer.status, 405);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn an_answer_says_who_may_read_it_whatever_the_target_says() {
    let server = TestUpstream::answering(OPEN).await;
    let gateway = in_front_of(server.address).await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    let answer = gateway.get("/shared", &format!("{bearer}{LISTED}")).await;
    for (name, value) in [
        ("access-control-allow-origin", Some("https://app.example")),
        ("access-control-allow-credentials", Some("true")),
        ("access-control-allow-methods", None),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(
        exposed.starts_with("WWW-Authenticate, ") && exposed.ends_with(", X-Total"),
        "{exposed}"
    );
    for headers in [format!("{bearer}{EVIL}"), bearer.clone()] {
        let answer = gateway.get("/shared", &headers).await;
        assert_eq!(
            (answer.status, says_nothing(&answer)),
            (200, true),
            "{answer:?}"
        );
        assert!(
            answer
                .head
                .to_ascii_lowercase()
                .contains("vary: origin\r\n"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn every_refusal_can_be_read() {
    let nobody = Nobody::bind();
    let gateway = in_front_of(nobody.address).await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    let cookie = format!("Cookie: __Host-bulla_access={}\r\n", token(&claims()));
    for (method, headers, code) in [
        ("GET", String::new(), "token_missing"),
        ("POST", cookie, "csrf_refused"),
        ("GET", bearer.clone(), "upstream_unavailable"),
        ("PUT", bearer, "method_not_allowed"),
    ] {
        let ask = |origin| {
            format!("{method} /shared HTTP/1.1\r\nHost: api.example\r\n{headers}{origin}\r\n")
        };
        let answer = gateway.send(ask(LISTED)).await;
        assert_eq!(answer.code(), code);
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!(allowed, Some("https://app.example"), "{code}");
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["WWW-Authenticate", "Date", "Retry-After"] {
            assert!(exposed.contains(name), "{name}: {exposed}");
        }
        assert!(says_nothing(&gateway.send(ask(EVIL)).await), "{code}");
    }
}
