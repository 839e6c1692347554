//! Connections of whoever is banned for long.

use std::time::Duration;

use bulla_gateway::{Entrance, Rules};
use bulla_guard::abuse::{AbuseLedger, Spared};
use tokio::io::AsyncReadExt as _;

use super::Judging;
use crate::support::{TestGateway, Wire, eventually, rules};

const LOOPBACK: &str = "127.0.0.1";

async fn direct() -> Judging {
    Judging::behind(&[], |table, path| table.with_challenge(path)).await
}

/// Whether a connection is ended without a byte.
async fn is_dropped(mut wire: Wire) -> bool {
    wire.write("GET /public HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut bytes = Vec::new();
    let _ = wire.stream.read_to_end(&mut bytes).await;
    bytes.is_empty()
}

#[tokio::test]
async fn they_are_dropped() {
    let judging = direct().await;
    assert_eq!(
        judging.gateway.get("/public", "").await.status,
        200,
        "the control"
    );
    let ban = |hours: u64| {
        let length = Some(Duration::from_secs(hours * 60 * 60));
        let prefix = LOOPBACK.parse().unwrap();
        judging
            .ledger
            .ban(prefix, length, None, judging.now())
            .unwrap();
    };
    ban(3);
    assert_eq!(
        judging.gateway.get("/public", "").await.code(),
        "address_banned"
    );
    ban(4);
    assert!(is_dropped(judging.gateway.connect().await).await);
    let dropped = "bulla_gateway_connections_dropped_total 1";
    assert!(judging.gateway.metrics().contains(dropped));
    let _ = judging.ledger.lift(LOOPBACK.parse().unwrap());
    assert_eq!(judging.gateway.get("/public", "").await.status, 200);
}

#[tokio::test]
async fn an_open_one_is_judged_at_each_request() {
    let judging = direct().await;
    let mut wire = judging.gateway.connect().await;
    let ask = "GET /public HTTP/1.1\r\nHost: a\r\n\r\n";
    wire.write(ask).await;
    assert_eq!(wire.answer("GET").await.status, 200);
    judging
        .ledger
        .ban(LOOPBACK.parse().unwrap(), None, None, judging.now())
        .unwrap();
    wire.write(ask).await;
    assert_eq!(wire.answer("GET").await.code(), "address_banned");
}

#[tokio::test]
async fn a_listed_proxy_is_never_dropped() {
    let judging = Judging::start().await;
    let all = "0.0.0.0/0".parse().unwrap();
    judging.ledger.ban(all, None, None, judging.now()).unwrap();
    let answer = judging.get("/public", "192.0.2.1", None).await;
    assert_eq!(answer.code(), "address_banned", "its client is");
    assert_eq!(
        judging.gateway.get("/public", "").await.status,
        200,
        "the proxy itself"
    );
}

#[tokio::test]
async fn the_client_that_a_proxy_names_before_tls_is_dropped() {
    let ledger = std::sync::Arc::new(AbuseLedger::new(Spared {
        proxies: vec![LOOPBACK.parse().unwrap()],
        ..Spared::default()
    }));
    let entrance = Entrance {
        proxy_protocol: true,
        ..Entrance::default()
    };
    let rules = Rules {
        trusted_proxies: vec![LOOPBACK.parse().unwrap()],
        ..rules(Vec::new())
    };
    let handed_in = std::sync::Arc::clone(&ledger);
    let gateway = TestGateway::start_behind(entrance, rules, |settings| settings.abuse = handed_in);
    let gateway = gateway.await;
    let now = crate::support::NOW * 1000;
    ledger
        .ban("192.0.2.1".parse().unwrap(), None, None, now)
        .unwrap();
    for (client, dropped) in [("192.0.2.1", true), ("192.0.2.2", false)] {
        let mut wire = gateway.connect().await;
        wire.write(format!("PROXY TCP4 {client} 192.0.2.9 4711 80\r\n"))
            .await;
        wire.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
        let mut bytes = Vec::new();
        let _ = wire.stream.read_to_end(&mut bytes).await;
        assert_eq!(bytes.is_empty(), dropped, "{client}");
    }
}

#[tokio::test]
async fn who_climbs_to_the_top_is_dropped() {
    let judging = direct().await;
    for minutes in [1, 5, 30] {
        judging.offend(400, LOOPBACK);
        assert_eq!(
            judging.gateway.get("/public", "").await.code(),
            "address_banned"
        );
        judging.advance(minutes * 60_000);
    }
    judging.offend(400, LOOPBACK);
    eventually("the drop", async || {
        is_dropped(judging.gateway.connect().await).await
    })
    .await;
}
