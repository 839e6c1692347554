//! How serving ends.

use std::{sync::Arc, time::Duration};

use bulla_gateway::Drained;
use bulla_guard::access::Access;
use http::Response;
use tokio::sync::Notify;

use crate::support::{TestGateway, TestUpstream, in_front_of, route, service};

#[tokio::test]
async fn a_request_in_flight_is_answered_and_idle_connections_end() {
    let (arrived, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (arriving, releasing) = (Arc::clone(&arrived), Arc::clone(&released));
    let slow = service(move |_| {
        let (arriving, releasing) = (Arc::clone(&arriving), Arc::clone(&releasing));
        async move {
            arriving.notify_one();
            releasing.notified().await;
            Response::new("at last".to_owned())
        }
    });
    let quick = service(async |_| Response::new(String::new()));
    let routes = vec![
        route("/slow", Access::Public, slow),
        route("/quick", Access::Public, quick),
    ];
    let gateway = TestGateway::start(routes).await;
    let mut idle = gateway.connect().await;
    idle.write("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(idle.answer("GET").await.status, 200);
    let mut busy = gateway.connect().await;
    busy.write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    arrived.notified().await;
    let drained = gateway.stop();
    assert_eq!(idle.rest().await, "");
    released.notify_one();
    assert_eq!(busy.answer("GET").await.body, "at last");
    assert_eq!(drained.await.unwrap(), Drained::Completely);
}

#[tokio::test]
async fn what_outlasts_the_deadline_is_cut_off() {
    let arrived = Arc::new(Notify::new());
    let arriving = Arc::clone(&arrived);
    let endless = service(move |_| {
        arriving.notify_one();
        std::future::pending()
    });
    let routes = vec![route("/", Access::Public, endless)];
    let gateway =
        TestGateway::start_with(routes, |settings| settings.timeouts.drain = Duration::ZERO).await;
    let mut wire = gateway.connect().await;
    wire.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    arrived.notified().await;
    assert_eq!(
        gateway.stop().await.unwrap(),
        Drained::AtDeadline { cut_off: 1 }
    );
    assert_eq!(wire.rest().await, "");
}

#[tokio::test]
async fn nothing_in_flight_ends_at_once() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    assert_eq!(gateway.stop().await.unwrap(), Drained::Completely);
}
