//! What has begun, and the token that opened it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bulla_gateway::{clock::Clock, route::Streams};
use bulla_guard::{
    UnixTime,
    access::Access,
    revocation::{RevocationRecord, RevocationSet, Target as Revoked},
};
use tokio::net::TcpListener;

use crate::support::{NOW, TestGateway, Wire, claims, eventually, route, rules, token, upstream};

const LOOK: Duration = Duration::from_millis(20);

/// The end of the good token.
const END: u64 = NOW + 900;

const SWITCH: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const EVENTS: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n";
const DOWNLOAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\nhi";
const SHORT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\nhi";

/// A clock that a test puts forward; counts how often it was asked.
#[derive(Default)]
struct MovedClock {
    milliseconds: AtomicU64,
    asked: AtomicU64,
}

impl Clock for MovedClock {
    fn milliseconds(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.milliseconds.load(Ordering::SeqCst)
    }
}

struct World {
    _gateway: TestGateway,
    clock: Arc<MovedClock>,
    revocations: Arc<RevocationSet>,
    client: Wire,
    server: Wire,
    /// The body that has begun.
    begun: String,
}

impl World {
    /// A client with a good token, and an upstream that has begun to answer it.
    async fn begun(streams: Streams, answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut only = route(
            "/{*rest}",
            Access::Authenticated,
            upstream(listener.local_addr().unwrap()),
        );
        only.streams = streams;
        let rules = rules(vec![only]);
        let revocations = Arc::clone(rules.verifier.revocations());
        let clock = Arc::new(MovedClock::default());
        clock.milliseconds.store(NOW * 1000, Ordering::SeqCst);
        let handed_in = Arc::clone(&clock);
        let gateway = TestGateway::start_by(rules, move |settings| {
            settings.clock = handed_in;
            settings.timeouts.token_look = LOOK;
        })
        .await;
        let mut client = gateway.connect().await;
        let bearer = format!("Authorization: Bearer {}", token(&claims()));
        let ask = match answer {
            SWITCH => "\r\nConnection: upgrade\r\nUpgrade: websocket",
            _ => "",
        };
        let head = format!("GET /a HTTP/1.1\r\nHost: a\r\n{bearer}{ask}\r\n\r\n");
        client.write(head).await;
        let mut server = Wire::over(listener.accept().await.unwrap().0);
        server.head().await.unwrap();
        server.write(answer).await;
        client.head().await.unwrap();
        Self {
            _gateway: gateway,
            clock,
            revocations,
            client,
            server,
            begun: answer.split_once("\r\n\r\n").unwrap().1.to_owned(),
        }
    }

    fn expire(&self) {
        self.clock.milliseconds.store(END * 1000, Ordering::SeqCst);
    }

    fn revoke(&self, session: &str) {
        self.revocations.apply([RevocationRecord {
            target: Revoked::Session(session.to_owned()),
            until: UnixTime::from_seconds(END),
        }]);
    }

    async fn assert_ended(mut self, what: &str) {
        // Neither side did it.
        let rest = self.client.rest().await;
        assert!(self.begun.starts_with(&rest), "more than that: {what}");
        assert_eq!(self.server.rest().await, "", "{what}");
    }

    /// Until the token was looked at several times.
    async fn looked_at(&self) {
        let asked = self.clock.asked.load(Ordering::SeqCst);
        eventually("looks at the token", async || {
            self.clock.asked.load(Ordering::SeqCst) >= asked + 3
        })
        .await;
    }

    async fn assert_open(&mut self, what: &str) {
        self.server.write("3\r\nyou\r\n").await;
        while self.client.line().await.expect(what) != "you\r\n" {}
    }
}

#[tokio::test]
async fn they_end_when_the_session_does() {
    for streams in [Streams::UntilRevoked, Streams::UntilExpired] {
        for answer in [SWITCH, EVENTS, DOWNLOAD] {
            let what = format!("{streams:?} {answer}");
            let world = World::begun(streams, answer).await;
            world.revoke("ses_1");
            world.assert_ended(&what).await;
        }
    }
    let mut world = World::begun(Streams::UntilRevoked, SWITCH).await;
    world.revoke("ses_2");
    world.looked_at().await;
    world.assert_open("another session").await;
}

#[tokio::test]
async fn they_end_when_the_token_expires_where_the_route_says_so() {
    for answer in [SWITCH, EVENTS, DOWNLOAD] {
        let world = World::begun(Streams::UntilExpired, answer).await;
        world.expire();
        world.assert_ended(answer).await;
    }
    let mut world = World::begun(Streams::UntilRevoked, SWITCH).await;
    world.expire();
    world.looked_at().await;
    world.assert_open("the default").await;
}

#[tokio::test]
async fn nothing_ends_them_where_the_route_keeps_them_nor_a_short_answer() {
    let pacemaker = World::begun(Streams::UntilRevoked, EVENTS).await;
    for (streams, answer) in [
        (Streams::Keep, SWITCH),
        (Streams::Keep, EVENTS),
        (Streams::UntilExpired, SHORT),
    ] {
        let mut world = World::begun(streams, answer).await;
        let asked = world.clock.asked.load(Ordering::SeqCst);
        world.expire();
        world.revoke("ses_1");
        pacemaker.looked_at().await;
        world.assert_open(answer).await;
        assert_eq!(world.clock.asked.load(Ordering::SeqCst), asked, "{answer}");
    }
}
