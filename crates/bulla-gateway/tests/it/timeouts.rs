//! Who is not waited for.

use std::time::Duration;

use bulla_gateway::GatewaySettings;
use bulla_guard::access::Access;
use tokio::net::TcpListener;

use crate::support::{TestGateway, route, service, upstream};

/// Short, but only for the phase that the test holds up: the others may be slow on a busy machine.
fn short_head(settings: &mut GatewaySettings) {
    settings.timeouts.head = Duration::from_millis(20);
}

fn short_response(settings: &mut GatewaySettings) {
    settings.timeouts.response = Duration::from_millis(300);
}

/// A gateway in front of a listener that accepts and never answers.
async fn in_front_of_silence(change: fn(&mut GatewaySettings)) -> (TestGateway, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let routes = vec![route(
        "/{*rest}",
        Access::Public,
        upstream(listener.local_addr().unwrap()),
    )];
    (TestGateway::start_with(routes, change).await, listener)
}

#[tokio::test]
async fn an_upstream_that_does_not_answer() {
    let (gateway, _silent) = in_front_of_silence(short_response).await;
    let answer = gateway.get("/", "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (504, "upstream_timeout")
    );
}

#[tokio::test]
async fn a_client_that_says_nothing_at_all() {
    let (gateway, _silent) = in_front_of_silence(short_head).await;
    assert_eq!(gateway.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_client_that_stops_amid_the_head() {
    let (gateway, _silent) = in_front_of_silence(short_head).await;
    for start in ["P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nHost: a"] {
        let mut wire = gateway.connect().await;
        wire.write(start).await;
        assert_eq!(wire.rest().await.find("HTTP/1.1 200"), None, "{start:?}");
    }
}

#[tokio::test]
async fn a_client_that_stops_amid_the_body() {
    let (gateway, _silent) = in_front_of_silence(short_response).await;
    let half = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
    assert_eq!(gateway.send(half).await.status, 408);
    let reading = service(async |request: http::Request<bulla_gateway::Body>| {
        let _ = http_body_util::BodyExt::collect(request.into_body()).await;
        http::Response::new(String::new())
    });
    let gateway = TestGateway::start_with(
        vec![route("/{*rest}", Access::Public, reading)],
        short_response,
    )
    .await;
    assert_eq!(
        gateway.send(half).await.status,
        408,
        "a service in the process is not kept waiting either"
    );
}
