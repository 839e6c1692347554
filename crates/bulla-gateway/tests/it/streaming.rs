//! Bodies that pass while they are still being written.

use bulla_guard::access::Access;
use tokio::net::TcpListener;

use crate::support::{TestGateway, Wire, route, upstream};

async fn gateway_and_upstream() -> (TestGateway, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    (
        TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await,
        listener,
    )
}

async fn accept(listener: &TcpListener) -> Wire {
    Wire::over(listener.accept().await.unwrap().0)
}

#[tokio::test]
async fn an_answer_arrives_while_it_is_being_written() {
    let (gateway, listener) = gateway_and_upstream().await;
    let mut client = gateway.connect().await;
    client
        .write("GET /events HTTP/1.1\r\nHost: api.example\r\n\r\n")
        .await;
    let mut server = accept(&listener).await;
    server.head().await.unwrap();
    server.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    assert!(client.head().await.unwrap().starts_with("HTTP/1.1 200"));
    for event in ["data: 1\n\n", "data: 2\n\n"] {
        server.write(format!("9\r\n{event}\r\n")).await;
        assert_eq!(client.line().await.unwrap(), "9\r\n");
        assert_eq!(
            client.bytes(11).await.unwrap(),
            format!("{event}\r\n").as_bytes()
        );
    }
}

#[tokio::test]
async fn a_body_arrives_while_it_is_being_sent_and_may_be_answered_before_its_end() {
    let (gateway, listener) = gateway_and_upstream().await;
    let mut client = gateway.connect().await;
    client
        .write("POST /upload HTTP/1.1\r\nHost: api.example\r\nContent-Length: 6\r\n\r\nabc")
        .await;
    let mut server = accept(&listener).await;
    server.head().await.unwrap();
    assert_eq!(server.bytes(3).await.unwrap(), b"abc");
    server
        .write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    assert!(client.head().await.unwrap().starts_with("HTTP/1.1 200"));
    client.write("def").await;
    assert_eq!(server.bytes(3).await.unwrap(), b"def");
    server.write("2\r\nok\r\n0\r\n\r\n").await;
    assert_eq!(client.rest_of_chunks().await, "ok");
}

#[tokio::test]
async fn an_upstream_that_breaks_off_breaks_off_the_answer() {
    let (gateway, listener) = gateway_and_upstream().await;
    let mut client = gateway.connect().await;
    client
        .write("GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n")
        .await;
    let mut server = accept(&listener).await;
    server.head().await.unwrap();
    server
        .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        .await;
    drop(server);
    client.head().await.unwrap();
    assert_eq!(
        client.rest().await,
        "half",
        "and the connection ends: nobody takes it for the whole"
    );
}

#[tokio::test]
async fn a_client_that_breaks_off_breaks_off_the_request() {
    let (gateway, listener) = gateway_and_upstream().await;
    let mut client = gateway.connect().await;
    client.write("POST /a HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n").await;
    let mut server = accept(&listener).await;
    server.head().await.unwrap();
    assert_eq!(server.bytes(9).await.unwrap(), b"4\r\nhalf\r\n");
    drop(client);
    assert_eq!(
        server.rest().await,
        "",
        "without the last chunk, nobody takes it for the whole"
    );
}

#[tokio::test]
async fn trailers_of_an_answer_reach_a_client_that_takes_them() {
    let (gateway, listener) = gateway_and_upstream().await;
    let mut client = gateway.connect().await;
    client
        .write("GET /a HTTP/1.1\r\nHost: api.example\r\nTE: trailers\r\n\r\n")
        .await;
    let mut server = accept(&listener).await;
    server.head().await.unwrap();
    server.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n0\r\nx-sum: 7\r\n\r\n").await;
    client.head().await.unwrap();
    assert_eq!(client.bytes(15).await.unwrap(), b"0\r\nx-sum: 7\r\n\r\n");
}
