//! Another site makes a browser use the cookies it has.

use bulla_gateway::{
    Rules,
    route::{RouteTable, Site, WebOrigin},
};
use bulla_guard::access::Access;
use serde_json::json;

use crate::support::{
    Answer, NOW, TestGateway, TestUpstream, claims, route, rules, tampered_token, token, upstream,
};

const OWN: &str = "Origin: https://api.example\r\n";
const LISTED: &str = "Origin: https://app.example\r\n";
const EVIL: &str = "Origin: https://evil.example\r\n";
const MEANT: &str = "X-Bulla-CSRF: 1\r\n";
const WEBSOCKET: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A gateway of its own origin: `/open/…` is public, `/shared/…` lists another origin, the rest is for signed-in users.
async fn in_front_of(server: &TestUpstream) -> TestGateway {
    let target = upstream(server.address);
    let mut shared = route("/shared/{*rest}", Access::Authenticated, target.clone());
    shared.cors = vec![WebOrigin::parse("https://app.example").unwrap()];
    let routes = vec![
        route("/open/{*rest}", Access::Public, target.clone()),
        shared,
        route("/{*rest}", Access::Authenticated, target),
    ];
    let site = Site {
        origins: vec![WebOrigin::parse("https://api.example").unwrap()],
        ..Site::default()
    };
    TestGateway::start_by(
        Rules {
            routes: RouteTable::build(routes).unwrap().with_site(site),
            ..rules(Vec::new())
        },
        |_| {},
    )
    .await
}

fn cookie() -> String {
    format!("Cookie: a=1; __Host-bulla_access={}\r\n", token(&claims()))
}

async fn ask(gateway: &TestGateway, method: &str, path: &str, headers: &str) -> Answer {
    let head = format!("{method} {path} HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0\r\n");
    gateway.send(format!("{head}{headers}\r\n")).await
}

#[tokio::test]
async fn an_unsafe_method_by_cookie() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let cookie = cookie();
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for headers in [
            String::new(),
            OWN.to_owned(),
            MEANT.to_owned(),
            format!("{MEANT}{EVIL}"),
            format!("{MEANT}{LISTED}"),
            format!("{MEANT}Origin: null\r\nSec-Fetch-Site: same-origin\r\n"),
            format!("{MEANT}Sec-Fetch-Site: same-site\r\n"),
            format!("X-Bulla-CSRF: 1, 1\r\n{OWN}"),
            format!("X_Bulla_CSRF: 1\r\n{OWN}"),
        ] {
            let answer = ask(&gateway, method, "/a", &format!("{cookie}{headers}")).await;
            let found = (answer.status, answer.code());
            assert_eq!(
                found,
                (403, "csrf_refused".to_owned()),
                "{method} {headers}"
            );
            assert_eq!(answer.header("www-authenticate"), None);
        }
    }
    server.assert_untouched();
    assert_eq!(gateway.sightings(), []);
    for headers in [
        format!("{MEANT}{OWN}"),
        format!("{MEANT}Sec-Fetch-Site: same-origin\r\n"),
    ] {
        let answer = ask(&gateway, "DELETE", "/a", &format!("{cookie}{headers}")).await;
        assert_eq!(answer.status, 200, "{headers}");
    }
    for received in server.received() {
        assert_eq!(received.header("x-bulla-subject"), Some("usr_1"));
        assert_eq!(received.header("cookie"), Some("a=1"));
        assert_eq!(received.header("x-bulla-csrf"), None);
        assert_eq!(received.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_token_in_the_header_is_nothing_that_a_browser_adds() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    for headers in [bearer.clone(), format!("{bearer}{EVIL}{}", cookie())] {
        assert_eq!(ask(&gateway, "POST", "/a", &headers).await.status, 200);
    }
    let bad = format!("Authorization: Bearer {}\r\n{}", tampered_token(), cookie());
    let refused = ask(&gateway, "GET", "/a", &bad).await;
    assert_eq!(refused.code(), "token_signature_invalid", "the header wins");
}

#[tokio::test]
async fn a_safe_method_by_cookie_passes_from_anywhere() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for method in ["GET", "OPTIONS"] {
        let answer = ask(&gateway, method, "/a", &format!("{}{EVIL}", cookie())).await;
        assert_eq!(answer.status, 200, "{method}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn an_origin_counts_on_the_route_that_lists_it() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = format!("{}{MEANT}{LISTED}", cookie());
    assert_eq!(
        ask(&gateway, "POST", "/a", &headers).await.code(),
        "csrf_refused"
    );
    server.assert_untouched();
    assert_eq!(
        ask(&gateway, "POST", "/shared/a", &headers).await.status,
        200
    );
}

#[tokio::test]
async fn a_websocket_by_cookie() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let ask = |headers: &str| format!("{}{WEBSOCKET}{headers}", cookie());
    for headers in [
        "",
        EVIL,
        "Sec-Fetch-Site: same-origin\r\n",
        "X-Bulla-CSRF: 1\r\nSec-Fetch-Site: same-origin\r\n",
    ] {
        let answer = gateway.get("/a", &ask(headers)).await;
        assert_eq!(answer.code(), "csrf_refused", "{headers}");
    }
    server.assert_untouched();
    assert_eq!(gateway.get("/a", &ask(OWN)).await.status, 200);
    assert_eq!(server.only().header("x-bulla-subject"), Some("usr_1"));
}

#[tokio::test]
async fn on_a_public_route_such_a_cookie_is_nobodys() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let foreign = format!("{}{MEANT}{EVIL}", cookie());
    assert_eq!(ask(&gateway, "POST", "/open/a", &foreign).await.status, 200);
    let own = format!("{}{MEANT}{OWN}", cookie());
    assert_eq!(ask(&gateway, "POST", "/open/a", &own).await.status, 200);
    let received = server.received();
    assert_eq!(received[0].header("x-bulla-subject"), None);
    assert_eq!(received[1].header("x-bulla-subject"), Some("usr_1"));
    assert_eq!(gateway.sightings().len(), 1);
}

#[tokio::test]
async fn two_cookies_an_empty_one_and_bad_ones() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let good = token(&claims());
    let mut expired = claims();
    expired["exp"] = json!(NOW);
    for (cookies, code) in [
        (
            format!("__Host-bulla_access={good}; __Host-bulla_access={good}"),
            "token_malformed",
        ),
        (
            format!("__Host-bulla_access={good}\r\nCookie: __Host-bulla_access=x"),
            "token_malformed",
        ),
        ("__Host-bulla_access=".to_owned(), "token_malformed"),
        (format!("__Host-bulla_access=\"{good}\""), "token_malformed"),
        (
            format!("__Host-bulla_access={}", tampered_token()),
            "token_signature_invalid",
        ),
        (
            format!("__Host-bulla_access={}", token(&expired)),
            "token_expired",
        ),
        (format!("__host-bulla_access={good}"), "token_missing"),
        (format!("a=b,__Host-bulla_access={good}"), "token_missing"),
        (format!("__Host-bulla_refresh={good}"), "token_missing"),
    ] {
        let answer = gateway.get("/a", &format!("Cookie: {cookies}\r\n")).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, code),
            "{cookies}"
        );
    }
    // Who it is comes before whether they meant it.
    let forged = format!("Cookie: __Host-bulla_access={}\r\n", tampered_token());
    let refused = ask(&gateway, "POST", "/a", &forged).await;
    assert_eq!(refused.code(), "token_signature_invalid");
    server.assert_untouched();
    assert_eq!(gateway.get("/a", &cookie()).await.status, 200);
}
