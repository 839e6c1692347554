//! Spans for a collector: what they say, what they never say, and what happens without one.

use std::net::TcpListener;

use crate::harness::{
    Folder, Session,
    collector::{Collector, attributes},
    poll,
    server::ServerBuilder,
    upstream::Upstream,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn sampled() -> String {
    format!("00-{TRACE}-{PARENT}-01")
}

fn telling(folder: &Folder, collector: &str) -> ServerBuilder {
    folder.server().env("BULLA__TELEMETRY__OTLP", collector)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_request_is_a_span_between_the_clients_and_the_upstreams() {
    let (folder, upstream, collector) = (Folder::new(), Upstream::start(), Collector::start());
    let server = telling(&folder, &collector.url())
        .args(&["--upstream", &upstream.url()])
        .env("BULLA__TELEMETRY__SERVICE_NAME", "edge")
        .env("BULLA__LOG__FIELDS", "subject,address,path")
        .start();
    let session = Session::register(server.public, "ada@example.com");
    let request = server.public.get("/orders/7?token=canary");
    let answer = request
        .bearer(&session.access_token)
        .header("traceparent", &sampled())
        .send();
    answer.expect(200);
    let request_id = answer.header("x-request-id").unwrap().to_owned();
    server.stop();

    let requests = collector.requests();
    let resource = requests[0].resource_spans[0].resource.clone().unwrap();
    assert_eq!(attributes(&resource.attributes)["service.name"], "edge");

    let spans = collector.spans();
    let span = spans
        .iter()
        .find(|span| hex(&span.trace_id) == TRACE)
        .unwrap();
    assert_eq!(hex(&span.parent_span_id), PARENT);
    let seen = upstream.seen();
    let told = format!("00-{TRACE}-{}-01", hex(&span.span_id));
    assert_eq!(seen[0].all("traceparent"), [told]);
    assert_eq!(span.name, "GET /{*rest}");
    assert!(span.start_time_unix_nano < span.end_time_unix_nano);
    assert_eq!(span.status, None);
    let mut said = attributes(&span.attributes);
    assert!(
        said.remove("bulla.upstream_ms")
            .unwrap()
            .parse::<f64>()
            .unwrap()
            > 0.0
    );
    let expected = [
        ("bulla.request_id", request_id.as_str()),
        ("bulla.upstream", "upstream"),
        ("client.address", "127.0.0.1"),
        ("enduser.id", &session.user),
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.route", "/{*rest}"),
        ("network.protocol.version", "1.1"),
        ("server.address", "127.0.0.1"),
        ("url.path", "/orders/7"),
        ("url.scheme", "http"),
    ];
    let said: Vec<_> = said
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    assert_eq!(said, expected);
}

#[test]
fn a_request_without_a_trace_begins_one_and_no_secret_is_told() {
    let (folder, collector) = (Folder::new(), Collector::start());
    let server = telling(&folder, &collector.url()).start();
    let session = Session::register(server.public, "ada@example.com");
    let asked = server.public.get("/api/profile?token=canary");
    asked.bearer(&session.access_token).send().expect(200);
    server.stop();
    let spans = collector.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["POST /auth/{*rest}", "GET /api/profile"]);
    for span in &spans {
        assert!(span.parent_span_id.is_empty());
        assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8));
    }
    let everything = format!("{:?}", collector.requests());
    for secret in ["canary", &session.access_token, &session.refresh_token] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn a_refusal_says_its_code_and_of_a_person_only_what_the_log_may() {
    let (folder, collector) = (Folder::new(), Collector::start());
    let server = telling(&folder, &collector.url())
        .env("BULLA__LOG__FIELDS", "")
        .start();
    let asked = server.public.get("/api/profile").send();
    asked.expect_problem(401, "token_missing");
    server.stop();
    let spans = collector.spans();
    let said = attributes(&spans[0].attributes);
    assert_eq!(
        spans[0].status, None,
        "the client's mistake is no error of ours"
    );
    assert_eq!(said["error.type"], "token_missing");
    assert_eq!(said["http.response.status_code"], "401");
    for personal in ["client.address", "enduser.id", "url.path"] {
        assert!(!said.contains_key(personal), "{personal}");
    }
}

#[test]
fn what_the_client_did_not_sample_is_not_told_and_goes_on_as_it_came() {
    let (folder, upstream, collector) = (Folder::new(), Upstream::start(), Collector::start());
    let config = format!(
        "[[upstream]]\nname = \"up\"\nservers = [\"{}\"]\n[[route]]\npath = \"/a\"\nupstream = \"up\"\naccess = \"public\"\n",
        upstream.url()
    );
    folder.write("bulla.toml", config);
    let server = telling(&folder, &collector.url())
        .env("BULLA__LOG__TRACE", "pass")
        .start();
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    for parent in [&unsampled, &sampled()] {
        let asked = server.public.get("/a").header("traceparent", parent);
        asked.send().expect(200);
    }
    server.public.get("/a").send().expect(200);
    server.stop();
    assert_eq!(collector.spans().len(), 1, "the sampled one");
    let seen = upstream.seen();
    assert_eq!(seen[0].all("traceparent"), [unsampled]);
    assert!(seen[2].all("traceparent").is_empty());
}

#[test]
fn a_collector_that_never_answers_holds_nothing_up() {
    // Connections are accepted by the system, and nobody reads them.
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new();
    let server = telling(&folder, &format!("http://{}", dead.local_addr().unwrap())).start();
    for _ in 0..1000 {
        let asked = server.public.get("/api/profile").send();
        asked.expect_problem(401, "token_missing");
    }
    let log = server.stop();
    assert!(log.contains("the last spans were not sent"), "{log}");
}

#[test]
fn what_the_collector_refuses_is_counted_and_what_it_cannot_take_now_is_sent_again() {
    // The first batch is refused, the second later taken, one span of the third refused.
    let collector = Collector::answering(|request| match request {
        0 => (400, 0),
        1 => (503, 0),
        3 => (200, 1),
        _ => (200, 0),
    });
    let folder = Folder::new();
    let server = telling(&folder, &collector.url()).start();
    let counters = [(0, 1), (1, 1), (1, 2)];
    for (sent, dropped) in counters {
        server.public.get("/api/profile").send().expect(401);
        let expected = [
            format!("bulla_telemetry_spans_sent_total {sent}\n"),
            format!("bulla_telemetry_spans_dropped_total{{reason=\"not_taken\"}} {dropped}\n"),
        ];
        poll::until(&format!("{expected:?}"), || {
            let metrics = server.admin.get("/metrics").send().text();
            let there = |line: &String| metrics.contains(line.as_str());
            expected.iter().all(there).then_some(())
        });
    }
    let log = server.stop();
    for said in [
        "the collector takes no spans",
        "the collector takes spans again",
    ] {
        assert_eq!(log.matches(said).count(), 1, "{log}");
    }
    let spans = collector.spans();
    assert_eq!(spans.len(), 4);
    assert_eq!(spans[1], spans[2], "sent again");
}
