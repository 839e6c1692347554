//! Several servers of one upstream: whose turn it is, and who is left out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bulla_gateway::target::{Balance, HealthCheck, UpstreamOptions};
use bulla_guard::access::Access;
use tokio::net::TcpListener;

use crate::support::{Nobody, TestGateway, TestUpstream, Wire, balanced, eventually, route, rules};

async fn gateway<T: std::fmt::Display>(addresses: &[T], options: UpstreamOptions) -> TestGateway {
    let target = balanced(addresses, &options);
    TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await
}

fn least_connections() -> UpstreamOptions {
    UpstreamOptions {
        balance: Balance::LeastConnections,
        ..UpstreamOptions::default()
    }
}

/// A server that reads every request and then hangs up; how many it read.
async fn hanging_up() -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let read = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&read);
    tokio::spawn(async move {
        loop {
            let mut wire = Wire::over(listener.accept().await.unwrap().0);
            wire.head().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, read)
}

#[tokio::test]
async fn they_take_turns() {
    let (first, second) = (TestUpstream::start().await, TestUpstream::start().await);
    let options = UpstreamOptions::default();
    let gateway = gateway(&[first.address, second.address], options).await;
    for _ in 0..4 {
        assert_eq!(gateway.get("/", "").await.status, 200);
    }
    assert_eq!((first.received().len(), second.received().len()), (2, 2));
}

#[tokio::test]
async fn the_one_with_the_fewest_requests_is_asked() {
    let busy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = TestUpstream::start().await;
    let addresses = [busy.local_addr().unwrap(), free.address];
    let gateway = gateway(&addresses, least_connections()).await;
    // Until one of them is held by the busy server.
    let mut held = gateway.connect().await;
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    held.write(get).await;
    let mut server = tokio::select! {
        accepted = busy.accept() => Wire::over(accepted.unwrap().0),
        answer = held.answer("GET") => {
            assert_eq!(answer.status, 200);
            held.write(get).await;
            Wire::over(busy.accept().await.unwrap().0)
        }
    };
    server.head().await.unwrap();
    let before = free.received().len();
    for _ in 0..4 {
        assert_eq!(gateway.get("/", "").await.status, 200);
    }
    assert_eq!(free.received().len(), before + 4);
    // An answer counts until its end.
    server
        .write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhal")
        .await;
    held.head().await.unwrap();
    assert_eq!(gateway.get("/", "").await.status, 200);
    assert_eq!(free.received().len(), before + 5);
}

#[tokio::test]
async fn what_was_not_sent_is_sent_to_another_whatever_it_is() {
    let (nobody, somebody) = (Nobody::bind(), TestUpstream::start().await);
    let options = UpstreamOptions::default();
    let gateway = gateway(&[nobody.address, somebody.address], options).await;
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    ] {
        for _ in 0..2 {
            assert_eq!(gateway.send(request).await.status, 200, "{request}");
        }
    }
    assert_eq!(somebody.received().len(), 4);
    assert_eq!(somebody.received()[3].body, "hello");
}

#[tokio::test]
async fn what_may_have_been_read_is_sent_to_another_only_if_it_changes_nothing() {
    for (request, sorted) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", [200, 200]),
        ("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", [200, 502]),
    ] {
        let ((broken, read), good) = (hanging_up().await, TestUpstream::start().await);
        let gateway = gateway(&[broken, good.address], UpstreamOptions::default()).await;
        let mut statuses = [
            gateway.send(request).await.status,
            gateway.send(request).await.status,
        ];
        statuses.sort_unstable();
        assert_eq!(statuses, sorted, "{request}");
        assert_eq!(read.load(Ordering::SeqCst), 1, "{request}");
        let answered = sorted.iter().filter(|status| **status == 200).count();
        assert_eq!(good.received().len(), answered, "{request}");
    }
}

#[tokio::test]
async fn each_is_asked_once_and_then_the_client_is_told() {
    let ((first, first_read), (second, second_read)) = (hanging_up().await, hanging_up().await);
    let gateway = gateway(&[first, second], UpstreamOptions::default()).await;
    assert_eq!(gateway.get("/", "").await.code(), "upstream_unavailable");
    let read = [&first_read, &second_read].map(|read| read.load(Ordering::SeqCst));
    assert_eq!(read, [1, 1]);
}

#[tokio::test]
async fn one_that_keeps_failing_is_left_out_and_all_are_asked_if_all_fail() {
    let ((broken, read), good) = (hanging_up().await, TestUpstream::start().await);
    let gateway = gateway(&[broken, good.address], UpstreamOptions::default()).await;
    let healthy = |server: &dyn std::fmt::Display, value: u8| {
        format!(
            r#"bulla_gateway_upstream_healthy{{upstream="test",server="http://{server}"}} {value}"#
        )
    };
    assert!(gateway.metrics().contains(&healthy(&broken, 1)));
    eventually("the broken one to be left out", async || {
        assert_eq!(gateway.get("/", "").await.status, 200);
        !gateway.metrics().contains(&healthy(&broken, 1))
    })
    .await;
    assert_eq!(read.load(Ordering::SeqCst), 3);
    assert!(gateway.metrics().contains(&healthy(&broken, 0)));
    assert!(gateway.metrics().contains(&healthy(&good.address, 1)));

    let alone = self::gateway(&[broken], UpstreamOptions::default()).await;
    for _ in 0..5 {
        assert_eq!(alone.get("/", "").await.code(), "upstream_unavailable");
    }
    assert_eq!(read.load(Ordering::SeqCst), 8, "it is asked all the same");
}

#[tokio::test]
async fn one_that_stays_over_a_change_of_the_rules_is_known_and_one_that_goes_is_forgotten() {
    let ((broken, _), good) = (hanging_up().await, TestUpstream::start().await);
    let addresses = [broken, good.address];
    let gateway = gateway(&addresses, UpstreamOptions::default()).await;
    let left_out = format!(r#"server="http://{broken}"}} 0"#);
    eventually("the broken one to be left out", async || {
        gateway.get("/", "").await;
        gateway.metrics().contains(&left_out)
    })
    .await;
    let change = |addresses: &[std::net::SocketAddr]| {
        let target = balanced(addresses, &UpstreamOptions::default());
        let routes = vec![route("/other", Access::Public, target)];
        gateway.gateway.replace_rules(rules(routes)).unwrap();
    };
    change(&addresses);
    assert!(gateway.metrics().contains(&left_out));
    assert_eq!(gateway.get("/other", "").await.status, 200);
    change(&[good.address]);
    // A request may still be on its way out of the rules before.
    eventually("the one that went to be forgotten", async || {
        !gateway.metrics().contains(&broken.to_string())
    })
    .await;
    assert!(gateway.metrics().contains(&good.address.to_string()));
}

/// A server that answers health checks with a status that can be changed, and everything else with 200.
async fn checked() -> (std::net::SocketAddr, Arc<AtomicU16>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let status = Arc::new(AtomicU16::new(200));
    let said = Arc::clone(&status);
    tokio::spawn(async move {
        loop {
            let mut wire = Wire::over(listener.accept().await.unwrap().0);
            let said = Arc::clone(&said);
            tokio::spawn(async move {
                while let Some(head) = wire.head().await {
                    let status = match head.starts_with("GET /healthz HTTP/1.1\r\n") {
                        true => said.load(Ordering::SeqCst),
                        false => 200,
                    };
                    let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
                    wire.write(answer).await;
                }
            });
        }
    });
    (address, status)
}

#[tokio::test]
async fn one_that_fails_its_check_is_left_out_until_it_passes() {
    let ((address, status), other) = (checked().await, TestUpstream::start().await);
    let interval = Duration::from_millis(20);
    let options = UpstreamOptions {
        health: Some(HealthCheck::new("/healthz", interval, Duration::from_secs(10)).unwrap()),
        ..UpstreamOptions::default()
    };
    let gateway = gateway(&[address, other.address], options).await;
    let line = |value: u8| {
        format!(
            r#"bulla_gateway_upstream_healthy{{upstream="test",server="http://{address}"}} {value}"#
        )
    };
    for (answered, value) in [(200, 1), (503, 0), (204, 1), (302, 0)] {
        status.store(answered, Ordering::SeqCst);
        eventually(line(value), async || {
            gateway.metrics().contains(&line(value))
        })
        .await;
        if value == 0 {
            let before = requests(&other);
            for _ in 0..4 {
                assert_eq!(gateway.get("/", "").await.status, 200);
            }
            assert_eq!(requests(&other), before + 4);
        }
    }
}

/// Those that are not health checks.
fn requests(server: &TestUpstream) -> usize {
    let received = server.received();
    let checks = received
        .iter()
        .filter(|received| received.line() == "GET /healthz HTTP/1.1");
    received.len() - checks.count()
}
