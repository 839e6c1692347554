//! More than one connection of HTTP/2 may take, with TLS and without.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use bulla_gateway::{Entrance, GatewaySettings, Timeouts};
use bulla_guard::access::Access;
use http::Response;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    time::advance,
};

use crate::support::{TestGateway, Wire, route, rules, service, tls};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

/// `GET https://a/`, packed by RFC 7541: three entries of the static table, and an authority as it is.
const GET: &[u8] = b"\x82\x87\x84\x01\x01a";

/// A header `x: a`, packed without a table.
const HEADER: &[u8] = b"\0\x01x\x01a";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let fixed = [kind, flags];
    [&length[1..], &fixed, &stream.to_be_bytes(), payload].concat()
}

fn get(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)
}

/// The streams of a client, from the first on.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|index| 2 * index + 1)
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// A connection that has begun to speak HTTP/2.
struct Http2(Wire<Box<dyn Io>>);

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn is(&self, kind: u8, flags: u8) -> bool {
        self.kind == kind && self.flags & flags == flags
    }

    /// The reason in a GOAWAY or an RST_STREAM.
    fn reason(&self) -> u32 {
        let start = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[start..start + 4].try_into().unwrap())
    }
}

impl Http2 {
    async fn connect(gateway: &TestGateway, encrypted: bool) -> Self {
        let stream: Box<dyn Io> = if encrypted {
            let client = tls::FIRST.client(&["h2"]);
            Box::new(client.try_connect(gateway.address).await.unwrap())
        } else {
            Box::new(gateway.connect().await.stream)
        };
        let mut http2 = Self(Wire::over(stream));
        http2
            .write([PREFACE, &frame(SETTINGS, 0, 0, &[])].concat())
            .await;
        http2
    }

    async fn write(&mut self, bytes: Vec<u8>) {
        self.0.write(bytes).await;
    }

    /// The next frame; `None` at the end.
    async fn next(&mut self) -> Option<Frame> {
        let head = self.0.bytes(9).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        Some(Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes(head[5..9].try_into().unwrap()),
            payload: self.0.bytes(length).await?,
        })
    }

    /// The next frame of this kind, the others passed over; `None` if there is none to the end.
    async fn find(&mut self, kind: u8, flags: u8) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.is(kind, flags) {
                return Some(frame);
            }
        }
    }

    /// Whether the stream is answered, pings being answered meanwhile.
    async fn is_answered(&mut self, stream: u32) -> bool {
        while let Some(frame) = self.next().await {
            if frame.is(PING, 0) && !frame.is(PING, ACK) {
                self.write(self::frame(PING, ACK, 0, &frame.payload)).await;
            }
            if frame.is(HEADERS, 0) && frame.stream == stream {
                return true;
            }
        }
        false
    }
}

/// A plain gateway and one over TLS, which answer once they are let.
async fn gateways(
    let_through: &Arc<Semaphore>,
    change: fn(&mut GatewaySettings),
) -> [(TestGateway, bool); 2] {
    let start = async |entrance| {
        let gate = Arc::clone(let_through);
        let answering = service(move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Response::new(String::new())
            }
        });
        let routes = vec![route("/{*rest}", Access::Public, answering)];
        TestGateway::start_behind(entrance, rules(routes), change).await
    };
    [
        (start(Entrance::default()).await, false),
        (start(tls::FIRST.entrance()).await, true),
    ]
}

fn open_gate() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(Semaphore::MAX_PERMITS))
}

#[tokio::test]
async fn one_stream_more_than_128() {
    let gate = Arc::new(Semaphore::new(0));
    for (gateway, encrypted) in gateways(&gate, |_| {}).await {
        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(streams(129).flat_map(get).collect()).await;
        let refused = http2.find(RST_STREAM, 0).await.unwrap();
        assert_eq!(refused.stream, 257);
        assert_eq!(refused.reason(), REFUSED_STREAM);
        gate.add_permits(128);
        for _ in 0..128 {
            let answered = http2.find(HEADERS, 0).await.unwrap();
            assert_ne!(answered.stream, 257);
        }
    }
}

#[tokio::test]
async fn streams_that_are_reset_as_soon_as_they_are_opened() {
    let reset = |stream| frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
    let flood = |count| -> Vec<u8> {
        let pair = |stream| [get(stream), reset(stream)].concat();
        streams(count).flat_map(pair).collect()
    };
    for (gateway, encrypted) in gateways(&open_gate(), |_| {}).await {
        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(flood(200)).await;
        let end = http2.find(GOAWAY, 0).await.unwrap();
        assert_eq!(end.reason(), ENHANCE_YOUR_CALM);
        assert!(http2.find(HEADERS, 0).await.is_none());

        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(flood(10)).await;
        http2.write(get(21)).await;
        assert!(http2.is_answered(21).await);
    }
}

#[tokio::test]
async fn a_head_that_goes_on_for_ever() {
    for (gateway, encrypted) in gateways(&open_gate(), |_| {}).await {
        let start = frame(HEADERS, END_STREAM, 1, GET);
        let more = |flags, count: usize| frame(CONTINUATION, flags, 1, &HEADER.repeat(count));
        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(start.clone()).await;
        for _ in 0..100 {
            http2.write(more(0, 1)).await;
        }
        let end = http2.find(GOAWAY, 0).await.unwrap();
        assert_eq!(end.reason(), ENHANCE_YOUR_CALM);

        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(start).await;
        http2.write(more(0, 10)).await;
        http2.write(more(END_HEADERS, 10)).await;
        assert!(http2.is_answered(1).await);
    }
}

fn short_head(settings: &mut GatewaySettings) {
    settings.timeouts.head = Duration::from_millis(200);
}

#[tokio::test]
async fn a_client_that_answers_no_ping() {
    // The gateways run on this thread, and the clock goes only when the test says so: not by itself while something blocks.
    tokio::time::pause();
    let (_until_the_end, ended) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || ended.recv());
    let interval = Timeouts::default().head + Duration::from_secs(1);
    for (entrance, encrypted) in [(Entrance::default(), false), (tls::FIRST.entrance(), true)] {
        let answering = service(async |_| Response::new(String::new()));
        let routes = vec![route("/{*rest}", Access::Public, answering)];
        let gateway = TestGateway::start_here_behind(entrance, rules(routes)).await;
        for answers in [true, false] {
            let mut http2 = Http2::connect(&gateway, encrypted).await;
            for stream in streams(3) {
                http2.write(get(stream)).await;
                assert!(http2.is_answered(stream).await);
                advance(interval).await;
                let ping = http2.find(PING, 0).await.unwrap();
                if !answers {
                    break;
                }
                http2.write(frame(PING, ACK, 0, &ping.payload)).await;
            }
            if !answers {
                advance(interval).await;
                assert!(http2.find(HEADERS, 0).await.is_none(), "it is closed");
            }
        }
    }
}

#[tokio::test]
async fn a_head_that_does_not_end() {
    let start = frame(HEADERS, END_STREAM, 1, &GET[..3]);
    for (gateway, encrypted) in gateways(&open_gate(), short_head).await {
        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(start.clone()).await;
        // Between the two halves of a head, nothing else may be said: no ping is answered.
        assert!(http2.find(HEADERS, 0).await.is_none());
    }
    for (gateway, encrypted) in gateways(&open_gate(), |_| {}).await {
        let mut http2 = Http2::connect(&gateway, encrypted).await;
        http2.write(start.clone()).await;
        http2
            .write(frame(CONTINUATION, END_HEADERS, 1, &GET[3..]))
            .await;
        assert!(http2.is_answered(1).await);
    }
}
