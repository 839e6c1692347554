//! What is told of requests that belong to a trace.

use std::sync::{Arc, Mutex};

use bulla_gateway::{
    AccessLog, Sampling,
    span::{Span, SpanSink},
};
use bulla_guard::access::Access;

use crate::support::{TestGateway, TestUpstream, claims, route, token, upstream};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl SpanSink for Told {
    fn record(&self, span: &Span<'_>) {
        let Span {
            trace,
            id,
            parent,
            duration: _,
            request_id,
            method,
            version,
            secure,
            host,
            path,
            route,
            address,
            subject,
            status,
            refusal,
            upstream,
        } = span;
        let upstream = upstream.map(|(name, _)| name);
        assert!(!request_id.is_empty());
        let [trace, id] = [u128::from_be_bytes(*trace), u64::from_be_bytes(*id).into()];
        let parent = parent.map(u64::from_be_bytes);
        self.0.lock().unwrap().push(format!(
            "{trace:032x} {id:016x} {parent:x?} {method} {version:?} {secure} {host:?} {path:?} {route:?} {address:?} {subject:?} {status:?} {refusal:?} {upstream:?}"
        ));
    }
}

/// A gateway whose log may tell all or nothing of a person, and what it tells.
async fn telling(everything: bool) -> (TestGateway, TestUpstream, Arc<Told>) {
    let server = TestUpstream::start().await;
    let told = Arc::new(Told::default());
    let sink = Arc::clone(&told) as Arc<dyn SpanSink>;
    let routes = vec![route(
        "/a/{id}",
        Access::Authenticated,
        upstream(server.address),
    )];
    let gateway = TestGateway::start_with(routes, |settings| {
        settings.spans = Some(sink);
        settings.access_log = AccessLog {
            subject: everything,
            address: everything,
            path: everything,
            ..AccessLog::default()
        };
    })
    .await;
    (gateway, server, told)
}

#[tokio::test]
async fn a_request_that_passes_tells_what_the_log_may_tell_and_its_span_is_the_upstreams_parent() {
    let bearer = format!(
        "Authorization: Bearer {}\r\ntraceparent: {PARENT}\r\n",
        token(&claims())
    );
    for (everything, of_a_person) in [
        (
            true,
            [r#"Some("/a/7")"#, "Some(127.0.0.1)", r#"Some("usr_1")"#],
        ),
        (false, ["None", "None", "None"]),
    ] {
        let (gateway, server, told) = telling(everything).await;
        assert_eq!(gateway.get("/a/7?q=secret", &bearer).await.status, 200);
        let reached = server.received().pop().unwrap();
        let parent = reached.header("traceparent").unwrap();
        let [path, address, subject] = of_a_person;
        let expected = format!(
            r#"{} {} Some(b7ad6b7169203331) GET HTTP/1.1 false Some("api.example") {path} Some("/a/{{id}}") {address} {subject} Some(200) None Some("test")"#,
            &PARENT[3..35],
            &parent[36..52],
        );
        assert_ne!(&parent[36..52], &PARENT[36..52]);
        assert_eq!(*told.0.lock().unwrap(), [expected]);
    }
}

#[tokio::test]
async fn a_refused_request_tells_its_code_however_early_it_was_refused() {
    let (gateway, _server, told) = telling(false).await;
    let traced = format!("traceparent: {PARENT}\r\n");
    for (path, rest) in [
        (
            "/%2f",
            r#"Some("api.example") None None None None Some(400) Some("request_malformed") None"#,
        ),
        (
            "/b",
            r#"Some("api.example") None None None None Some(404) Some("not_found") None"#,
        ),
        (
            "/a/7",
            r#"Some("api.example") None Some("/a/{id}") None None Some(401) Some("token_missing") None"#,
        ),
    ] {
        assert!(gateway.get(path, &traced).await.status >= 400);
        let said = told.0.lock().unwrap().pop().unwrap();
        assert!(said.ends_with(rest), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_trace_that_is_not_sampled_is_none_of_a_collectors_business() {
    let (gateway, _server, told) = telling(true).await;
    for headers in [
        "",
        &format!("traceparent: {}\r\n", PARENT.replace("-01", "-00")),
    ] {
        assert_eq!(gateway.get("/b", headers).await.status, 404);
    }
    assert_eq!(told.0.lock().unwrap().len(), 0);
    let traced = format!("traceparent: {PARENT}\r\n");
    assert_eq!(gateway.get("/b", &traced).await.status, 404);
    assert_eq!(told.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_trace_that_is_begun_here_has_a_span_without_a_parent() {
    let told = Arc::new(Told::default());
    let sink = Arc::clone(&told) as Arc<dyn SpanSink>;
    let gateway = TestGateway::start_with(Vec::new(), |settings| {
        settings.spans = Some(sink);
        settings.begin_traces = Some(Sampling::of_a_million(1_000_000).unwrap());
    })
    .await;
    assert_eq!(gateway.get("/b", "").await.status, 404);
    let said = told.0.lock().unwrap().pop().unwrap();
    assert!(said.contains(" None GET "), "{said}");
}
