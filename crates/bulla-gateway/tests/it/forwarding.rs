//! What reaches an upstream, and what comes back.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bulla_gateway::{
    GatewaySettings,
    target::{Target, Upstream, UpstreamOptions},
};
use bulla_guard::access::Access;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::{
    Nobody, TestGateway, TestUpstream, Wire, eventually, in_front_of, route, upstream,
};

#[tokio::test]
async fn a_request_arrives_as_it_was_sent_but_for_what_the_gateway_says() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = "Accept: */*\r\nX-A: 1\r\nContent-Type: text/plain\r\nContent-Length: 5";
    let answer = gateway
        .send(format!(
            "PATCH /public/a?b=c HTTP/1.1\r\nHost: api.example:8080\r\n{headers}\r\n\r\nhello"
        ))
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    let received = server.only();
    assert_eq!(
        (received.line(), received.raw_body.as_str()),
        ("PATCH /public/a?b=c HTTP/1.1", "hello")
    );
    assert_eq!(received.header("host"), Some("api.example:8080"));
    assert_eq!(received.header("content-length"), Some("5"));
    let expected = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "x-a",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
    ];
    assert_eq!(received.names(), expected);
}

#[tokio::test]
async fn headers_about_the_connection_stay_on_it() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=9\r\nX-Hop: 1\r\n\
        Proxy-Authenticate: Basic\r\nX-End: 1\r\n\r\nok";
    let server = TestUpstream::answering(answer).await;
    let gateway = in_front_of(&server).await;
    let headers = "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\n\
        TE: trailers\r\nExpect: 100-continue\r\nX-End: 1\r\n";
    let answer = gateway.get("/public/a", headers).await;
    let expected = [
        "host",
        "x-end",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
    ];
    assert_eq!(server.only().names(), expected);
    for gone in ["connection", "keep-alive", "x-hop", "proxy-authenticate"] {
        assert_eq!(answer.header(gone), None, "{gone}");
    }
    assert_eq!(answer.header("x-end"), Some("1"));
}

#[tokio::test]
async fn a_body_of_unknown_length_arrives_whatever_the_method() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for method in ["POST", "GET", "DELETE"] {
        let head = format!(
            "{method} /public/a HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked"
        );
        assert_eq!(
            gateway
                .send(format!("{head}\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
                .await
                .status,
            200
        );
        assert_eq!(server.received().last().unwrap().body, "hello", "{method}");
    }
}

#[tokio::test]
async fn an_http_1_0_client_is_served() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut wire = gateway.connect().await;
    wire.write("GET /public/a HTTP/1.0\r\n\r\n").await;
    assert_eq!(wire.answer("GET").await.body, "ok");
    assert_eq!(wire.rest().await, "", "and the connection ends");
    let received = server.only();
    assert_eq!(received.line(), "GET /public/a HTTP/1.1");
    assert_eq!(
        received.header("host"),
        Some(server.address.to_string().as_str())
    );
    assert_eq!(received.header("x-forwarded-host"), None);
}

#[tokio::test]
async fn answers_without_a_body_come_back_so() {
    let server = TestUpstream::answering("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n").await;
    let gateway = in_front_of(&server).await;
    let mut wire = gateway.connect().await;
    for method in ["DELETE", "HEAD"] {
        wire.write(format!(
            "{method} /public/a HTTP/1.1\r\nHost: api.example\r\n\r\n"
        ))
        .await;
        let answer = wire.answer(method).await;
        assert_eq!(
            (answer.status, answer.header("x-a"), answer.body.as_str()),
            (204, Some("1"), "")
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_length_comes_back_whole() {
    let server = TestUpstream::answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
    )
    .await;
    let gateway = in_front_of(&server).await;
    assert_eq!(gateway.get("/public/a", "").await.body, "hello!");
}

#[tokio::test]
async fn connections_on_both_sides_are_kept_alive() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut wire = gateway.connect().await;
    for _ in 0..20 {
        wire.write("GET /public/a HTTP/1.1\r\nHost: api.example\r\n\r\n")
            .await;
        assert_eq!(wire.answer("GET").await.status, 200);
    }
    let received = server.received();
    let connections: HashSet<usize> = received
        .iter()
        .map(|received| received.connection)
        .collect();
    assert_eq!(received.len(), 20);
    assert_eq!(connections.len(), 1);
}

/// An upstream that answers the first request of each connection and hangs up at the second; how many requests it read.
async fn hanging_up() -> (TestGateway, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    let counted = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&counted);
    tokio::spawn(async move {
        loop {
            let mut wire = Wire::over(listener.accept().await.unwrap().0);
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                wire.head().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                wire.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    .await;
                if wire.head().await.is_some() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    let routes = vec![route("/{*rest}", Access::Public, target)];
    (TestGateway::start(routes).await, counted)
}

#[tokio::test]
async fn what_changes_nothing_is_sent_again_over_a_new_connection() {
    for method in ["GET", "OPTIONS"] {
        let (gateway, read) = hanging_up().await;
        let mut sent = 0;
        eventually("one to be sent twice", async || {
            let request = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
            assert_eq!(gateway.send(request).await.status, 200, "{method}");
            sent += 1;
            read.load(Ordering::SeqCst) > sent
        })
        .await;
    }
}

#[tokio::test]
async fn what_may_change_something_is_sent_once() {
    for request in [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let (gateway, read) = hanging_up().await;
        let mut sent = 0;
        eventually("one to be refused", async || {
            sent += 1;
            gateway.send(request).await.status != 200
        })
        .await;
        assert_eq!(read.load(Ordering::SeqCst), sent, "{request}");
    }
}

/// Reads the head of one request, answers, and hangs up with the body unread.
async fn answering_early(listener: TcpListener) {
    loop {
        let mut wire = Wire::over(listener.accept().await.unwrap().0);
        tokio::spawn(async move {
            wire.head().await.unwrap();
            wire.write("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge")
                .await;
        });
    }
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_was_read_is_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    tokio::spawn(answering_early(listener));
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await;
    for _ in 0..50 {
        let (reader, mut writer) = gateway.connect().await.stream.into_split();
        let sending = tokio::spawn(async move {
            let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n";
            writer.write_all(head.as_bytes()).await.unwrap();
            // Until the gateway has heard enough.
            while writer.write_all(&[b'a'; 4000]).await.is_ok() {}
        });
        let mut answer = String::new();
        let mut reader = tokio::io::BufReader::new(reader);
        reader.read_line(&mut answer).await.unwrap();
        assert_eq!(answer, "HTTP/1.1 413 Too Large\r\n");
        sending.abort();
    }
}

#[tokio::test]
async fn a_connection_over_which_the_answer_came_first_carries_no_other_request() {
    let keep = |settings: &mut GatewaySettings| {
        settings.timeouts.upstream_idle = Duration::from_secs(3600);
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = upstream(listener.local_addr().unwrap());
    let routes = vec![route("/{*rest}", Access::Public, target)];
    let gateway = TestGateway::start_with(routes, keep).await;
    let mut client = gateway.connect().await;
    client
        .write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha")
        .await;
    let mut server = Wire::over(listener.accept().await.unwrap().0);
    server.head().await.unwrap();
    server
        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .await;
    assert_eq!(client.answer("POST").await.body, "ok");
    client.write("lf").await;
    assert_eq!(server.rest().await, "half", "all of it, and then the end");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let mut wire = gateway.connect().await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: api.example\r\n\r\n");
    wire.write(get("/public/1") + &get("/nowhere") + &get("/public/2"))
        .await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(wire.answer("GET").await.status);
    }
    assert_eq!(statuses, [200, 401, 200]);
}

#[tokio::test]
async fn an_upstream_that_is_not_there() {
    let nobody = Nobody::bind();
    let gateway = TestGateway::start(vec![route(
        "/{*rest}",
        Access::Public,
        upstream(nobody.address),
    )])
    .await;
    let answer = gateway.get("/", "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (502, "upstream_unavailable")
    );
    assert!(
        !answer.body.contains(&nobody.address.to_string()),
        "the client is not told where: {}",
        answer.body
    );
}

#[tokio::test]
async fn an_upstream_that_answers_nonsense_or_breaks_off() {
    for nonsense in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: a\0\r\n\r\n",
    ] {
        let server = TestUpstream::answering(nonsense).await;
        let gateway = in_front_of(&server).await;
        assert_eq!(
            gateway.get("/public/a", "").await.code(),
            "upstream_unavailable",
            "{nonsense:?}"
        );
    }
}

#[tokio::test]
async fn no_route_is_404_and_another_method_is_405() {
    let server = TestUpstream::start().await;
    let mut reading = route("/a", Access::Public, upstream(server.address));
    reading.methods = bulla_gateway::route::Methods::parse(&["GET"]).unwrap();
    let gateway = TestGateway::start(vec![reading]).await;
    assert_eq!(gateway.get("/b", "").await.code(), "not_found");
    let answer = gateway
        .send("PUT /a HTTP/1.1\r\nHost: api.example\r\n\r\n")
        .await;
    assert_eq!(
        (answer.code().as_str(), answer.header("allow")),
        ("method_not_allowed", Some("GET, HEAD"))
    );
    server.assert_untouched();
    assert_eq!(gateway.get("/a", "").await.status, 200);
}

#[tokio::test]
async fn a_tls_upstream_is_greeted_in_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    let target =
        Target::Upstream(Upstream::parse("tls", &[server], &UpstreamOptions::default()).unwrap());
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, target)]).await;
    let mut client = gateway.connect().await;
    client
        .write("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n")
        .await;
    let mut greeted = Wire::over(listener.accept().await.unwrap().0);
    assert_eq!(
        greeted.bytes(2).await.unwrap(),
        [0x16, 0x03],
        "a handshake record"
    );
    drop(greeted);
    assert_eq!(client.answer("GET").await.code(), "upstream_unavailable");
}
