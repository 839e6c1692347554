//! Who is slow before, in and after the handshake.

use std::time::Duration;

use bulla_gateway::{Drained, GatewaySettings};
use bulla_guard::access::Access;
use http::Response;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::support::{TestGateway, Wire, route, rules, service, tls};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async fn start(change: fn(&mut GatewaySettings)) -> TestGateway {
    let answering = service(async |_| Response::new(String::new()));
    let routes = vec![route("/{*rest}", Access::Public, answering)];
    TestGateway::start_behind(tls::FIRST.entrance(), rules(routes), change).await
}

fn short_handshake(settings: &mut GatewaySettings) {
    settings.timeouts.handshake = Duration::from_millis(50);
}

fn short_head(settings: &mut GatewaySettings) {
    settings.timeouts.head = Duration::from_millis(20);
}

/// The first bytes of every handshake: a record that has not come whole.
const HALF_A_HELLO: [u8; 7] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00];

#[tokio::test]
async fn a_handshake_that_is_not_finished() {
    let gateway = start(short_handshake).await;
    for said in [&[][..], &HALF_A_HELLO] {
        let mut wire = gateway.connect().await;
        wire.write(said).await;
        assert_eq!(wire.rest().await, "");
    }
    // With the usual time, the very same start is enough once the rest has come.
    let gateway = start(|_| {}).await;
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = relay.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut client, _) = relay.accept().await.unwrap();
        let mut server = TcpStream::connect(gateway.address).await.unwrap();
        server.set_nodelay(true).unwrap();
        let mut start = [0; 7];
        client.read_exact(&mut start).await.unwrap();
        server.write_all(&start).await.unwrap();
        copy_bidirectional(&mut client, &mut server).await.unwrap();
    });
    let mut wire = tls::FIRST.client(&[]).connect(address).await;
    wire.write(GET).await;
    assert_eq!(wire.answer("GET").await.status, 200);
}

#[tokio::test]
async fn a_head_or_a_preface_that_does_not_come() {
    let gateway = start(short_head).await;
    for (alpn, said) in [
        (&["http/1.1"][..], ""),
        (&["http/1.1"], "GET / HTTP/1.1\r\nHost: a"),
        (&["h2"], ""),
        (&["h2"], "PRI * HTTP/2.0\r\n\r\n"),
    ] {
        let mut wire = tls::FIRST.client(alpn).connect(gateway.address).await;
        wire.write(said).await;
        assert_eq!(wire.rest().await, "", "{alpn:?} {said:?}");
    }
    // The usual time is enough for the very same head.
    let patient = start(|_| {}).await;
    let mut wire = tls::FIRST
        .client(&["http/1.1"])
        .connect(patient.address)
        .await;
    wire.write("GET / HTTP/1.1\r\nHost: a").await;
    wire.write("\r\n\r\n").await;
    assert_eq!(wire.answer("GET").await.status, 200);
}

#[tokio::test]
async fn a_shutdown_waits_neither_for_handshakes_nor_for_idle_connections() {
    let gateway = start(|_| {}).await;
    let mut idle = tls::FIRST.client(&[]).connect(gateway.address).await;
    idle.write(GET).await;
    assert_eq!(idle.answer("GET").await.status, 200);
    let mut half: Wire = gateway.connect().await;
    half.write(HALF_A_HELLO).await;
    assert_eq!(gateway.stop().await.unwrap(), Drained::Completely);
    assert_eq!(idle.rest().await, "");
    assert_eq!(half.rest().await, "");
}
