//! Services in the gateway's process.

use bulla_gateway::{
    Body, Rules,
    route::{RouteTable, Site, WebOrigin},
};
use bulla_guard::{
    access::Access,
    client::{BrowserRequest, ClientAddress, CookieNames, CookieToken, RequestId},
    refusal::Refusal,
};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use crate::support::{TestGateway, claims, route, rules, service, token};

#[tokio::test]
async fn a_service_gets_what_an_upstream_would_and_who_asked() {
    let echo = service(async |request: Request<Body>| {
        let address = request.extensions().get::<ClientAddress>().unwrap().0;
        let id = request.extensions().get::<RequestId>().unwrap().clone();
        let subject = request.headers()["x-bulla-subject"]
            .to_str()
            .unwrap()
            .to_owned();
        let target = request.uri().to_string();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Response::new(format!(
            "{address} {id} {subject} {target} {}",
            String::from_utf8_lossy(&body)
        ))
    });
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Authenticated, echo)]).await;
    let head = format!(
        "POST /a/../b?c HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer {}",
        token(&claims())
    );
    let answer = gateway
        .send(format!("{head}\r\nContent-Length: 5\r\n\r\nhello"))
        .await;
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(answer.body, format!("127.0.0.1 {id} usr_1 /b?c hello"));
}

/// What a service is told of the browser, and the headers in which it could have found it itself.
async fn told(request: Request<Body>) -> Response<String> {
    let told = request.extensions().get::<BrowserRequest>().unwrap();
    let token = |found: &Result<Option<CookieToken>, Refusal>| match found {
        Ok(token) => token.as_ref().map_or("-", CookieToken::expose).to_owned(),
        Err(refusal) => refusal.code.to_string(),
    };
    let headers: Vec<&str> = ["cookie", "x-bulla-mode", "x-bulla-csrf"]
        .into_iter()
        .filter_map(|name| request.headers().get(name)?.to_str().ok())
        .collect();
    Response::new(format!(
        "{} {} {} {} {headers:?}",
        token(&told.access),
        token(&told.refresh),
        told.asks_for_cookies,
        told.meant.is_ok(),
    ))
}

/// A gateway of one origin, whose cookies are called so, before such a service.
async fn telling(cookies: CookieNames) -> TestGateway {
    let routes = vec![route("/{*rest}", Access::Public, service(told))];
    let site = Site {
        origins: vec![WebOrigin::parse("https://api.example").unwrap()],
        cookies,
    };
    let rules = Rules {
        routes: RouteTable::build(routes).unwrap().with_site(site),
        ..rules(Vec::new())
    };
    TestGateway::start_by(rules, |_| {}).await
}

#[tokio::test]
async fn a_service_is_told_of_the_browser_and_sees_nothing_of_it() {
    let gateway = telling(CookieNames::Host).await;
    let meant = "X-Bulla-CSRF: 1\r\nOrigin: https://api.example\r\n";
    let cookies = "Cookie: __Host-bulla_access=a; b=1; __Host-bulla_refresh=r\r\n";
    for (headers, expected) in [
        (String::new(), "- - false false []"),
        (meant.to_owned(), "- - false true []"),
        (
            format!("{cookies}X-Bulla-Mode: cookie\r\n{meant}"),
            "a r true true [\"b=1\"]",
        ),
        (cookies.to_owned(), "a r false false [\"b=1\"]"),
        ("X-Bulla-Mode: token\r\n".to_owned(), "- - false false []"),
        ("X_Bulla_Mode: cookie\r\n".to_owned(), "- - false false []"),
        (
            "X-Bulla-CSRF: 1\r\nOrigin: https://evil.example\r\n".to_owned(),
            "- - false false []",
        ),
        (
            "X-Bulla-CSRF: 1\r\nSec-Fetch-Site: same-origin\r\n".to_owned(),
            "- - false true []",
        ),
        (
            "Cookie: __Host-bulla_refresh=r; __Host-bulla_refresh=r\r\n".to_owned(),
            "- refresh_invalid false false []",
        ),
        (
            "Cookie: __Host-bulla_access=a b; bulla_refresh=r\r\n".to_owned(),
            "token_malformed - false false [\"bulla_refresh=r\"]",
        ),
    ] {
        assert_eq!(gateway.get("/", &headers).await.body, expected, "{headers}");
    }
}

#[tokio::test]
async fn on_plain_loopback_the_other_names_are_told() {
    let gateway = telling(CookieNames::PlainLoopback).await;
    let cookies = "Cookie: bulla_access=a; __Host-bulla_access=h; bulla_refresh=r\r\n";
    let answer = gateway.get("/", cookies).await;
    assert_eq!(answer.body, "a r false false []");
}

#[tokio::test]
async fn a_services_own_refusal_comes_back_as_it_is() {
    let refusing = service(async |_| {
        let mut response = Response::new("no".to_owned());
        *response.status_mut() = StatusCode::CONFLICT;
        response
    });
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, refusing)]).await;
    let answer = gateway.get("/", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "no"));
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn a_body_over_the_limit_breaks_off() {
    let reading =
        service(
            async |request: Request<Body>| match request.into_body().collect().await {
                Ok(body) => Response::new(body.to_bytes().len().to_string()),
                Err(error) => Response::new(error.to_string()),
            },
        );
    let mut limited = route("/{*rest}", Access::Public, reading);
    limited.body_limit = Some(5);
    let gateway = TestGateway::start(vec![limited]).await;
    let post = |body: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}\r\n0\r\n\r\n"
        )
    };
    assert_eq!(
        gateway.send(post("6\r\nhello!")).await.body,
        "the body is larger than 5 bytes"
    );
    assert_eq!(gateway.send(post("5\r\nhello")).await.body, "5");
}
