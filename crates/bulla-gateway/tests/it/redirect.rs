//! From plain HTTP to HTTPS.

use std::{net::SocketAddr, time::Duration};

use bulla_gateway::{GatewaySettings, Redirect, route::HostName};
use bulla_guard::access::Access;
use http::Response;

use crate::support::{Answer, TestGateway, Wire, route, service};

/// A gateway that also has routes of `app.example`, and the listener that sends to `api.example` and this port.
async fn start(authority: &str, change: fn(&mut GatewaySettings)) -> (TestGateway, SocketAddr) {
    let answering = || service(async |_| Response::new(String::new()));
    let mut named = route("/{*rest}", Access::Public, answering());
    named.host = Some(HostName::parse("app.example").unwrap());
    let routes = vec![named, route("/{*rest}", Access::Public, answering())];
    let gateway = TestGateway::start_with(routes, change).await;
    let address = gateway.redirecting(Redirect::to(authority).unwrap()).await;
    (gateway, address)
}

async fn ask(address: SocketAddr, method: &str, head: &str) -> Answer {
    let mut wire = Wire::connect(address).await;
    wire.write(format!("{method} {head}\r\n\r\n")).await;
    wire.answer(method).await
}

#[tokio::test]
async fn every_method_is_sent_to_the_same_place_by_https() {
    let (_gateway, address) = start("api.example", |_| {}).await;
    for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] {
        let answer = ask(address, method, "/a/b?c=d HTTP/1.1\r\nHost: api.example").await;
        assert_eq!(answer.status, 308, "{method}");
        let location = answer.header("location");
        assert_eq!(location, Some("https://api.example/a/b?c=d"), "{method}");
        assert!(answer.header("x-request-id").is_some());
    }
}

#[tokio::test]
async fn hosts_that_are_known_keep_their_name_and_get_the_port_of_https() {
    let (_gateway, address) = start("api.example:8443", |_| {}).await;
    for (host, expected) in [
        ("api.example", "https://api.example:8443/"),
        ("api.example:80", "https://api.example:8443/"),
        ("app.example:8080", "https://app.example:8443/"),
    ] {
        let answer = ask(address, "GET", &format!("/ HTTP/1.1\r\nHost: {host}")).await;
        assert_eq!(answer.header("location"), Some(expected), "{host}");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_another_host() {
    let (_gateway, address) = start("api.example", |_| {}).await;
    for head in [
        "/ HTTP/1.1\r\nHost: evil.example",
        "/ HTTP/1.1\r\nHost: api.example.evil.example",
        "/ HTTP/1.1\r\nHost: 127.0.0.1",
        "http://evil.example/ HTTP/1.1\r\nHost: evil.example",
        "/ HTTP/1.0",
    ] {
        let answer = ask(address, "GET", head).await;
        let found = (answer.status, answer.code(), answer.header("location"));
        assert_eq!(found, (404, "not_found".to_owned(), None), "{head}");
    }
    for head in [
        "/ HTTP/1.1\r\nHost: api.example@evil.example",
        "/ HTTP/1.1\r\nHost: api.example/evil.example",
        "/ HTTP/1.1\r\nHost: api.example\r\nHost: evil.example",
        "http://evil.example/ HTTP/1.1\r\nHost: api.example",
        "/%2f/evil.example HTTP/1.1\r\nHost: api.example",
        "/\\evil.example HTTP/1.1\r\nHost: api.example",
        "/?caf\u{e9} HTTP/1.1\r\nHost: api.example",
    ] {
        let answer = ask(address, "GET", head).await;
        let found = (answer.status, answer.header("location"));
        assert_eq!(found, (400, None), "{head}");
    }
    // A path that looks like a host is a path.
    let answer = ask(
        address,
        "GET",
        "//evil.example/.. HTTP/1.1\r\nHost: api.example",
    )
    .await;
    assert_eq!(answer.header("location"), Some("https://api.example/"));
}

#[tokio::test]
async fn heads_have_the_limits_that_they_have_elsewhere() {
    let (_gateway, address) = start("api.example", |_| {}).await;
    let head = |count: usize| {
        let headers = "\r\nX-A: 1".repeat(count);
        format!("/ HTTP/1.1\r\nHost: api.example{headers}")
    };
    assert_eq!(ask(address, "GET", &head(99)).await.status, 308);
    assert_eq!(ask(address, "GET", &head(100)).await.status, 431);
}

#[tokio::test]
async fn who_is_slow_is_cut_off() {
    let short = |settings: &mut GatewaySettings| {
        settings.timeouts.head = Duration::from_millis(20);
    };
    let (_gateway, address) = start("api.example", short).await;
    for said in ["", "GET / HTTP/1.1\r\nHost: a", "PRI * HTTP/2.0\r\n"] {
        let mut wire = Wire::connect(address).await;
        wire.write(said).await;
        assert_eq!(wire.rest().await.find("308"), None, "{said:?}");
    }
    let (_gateway, address) = start("api.example", |_| {}).await;
    let mut wire = Wire::connect(address).await;
    wire.write("GET / HTTP/1.1\r\nHost: ").await;
    wire.write("api.example\r\n\r\n").await;
    assert_eq!(wire.answer("GET").await.status, 308);
}

#[test]
fn where_to_is_a_host_with_maybe_a_port() {
    for authority in ["api.example", "api.example:8443", "[::1]:8443"] {
        assert!(Redirect::to(authority).is_some(), "{authority}");
    }
    for authority in ["", "api.example:", "api.example/x", "u@api.example"] {
        assert!(Redirect::to(authority).is_none(), "{authority}");
    }
}
