//! A collector of spans: OTLP over HTTP.

use std::{
    collections::BTreeMap,
    io::{BufReader, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;

use super::upstream::{Seen, read_request};

/// Takes spans, or refuses them.
pub(crate) struct Collector {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Collector {
    /// Takes all.
    pub(crate) fn start() -> Self {
        Self::answering(|_| (200, 0))
    }

    /// Answers its first request, number 0, and each later one with a status, and says how many spans it refused.
    pub(crate) fn answering(answer: impl Fn(usize) -> (u16, i64) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let keep = Arc::clone(&seen);
        thread::spawn(move || {
            // One connection after another: the exporter has one request under way at a time.
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(request) = read_request(&mut reader) {
                    let mut seen = keep.lock().unwrap();
                    let (status, rejected_spans) = answer(seen.len());
                    seen.push(request);
                    let body = ExportTraceServiceResponse {
                        partial_success: (rejected_spans > 0).then(|| ExportTracePartialSuccess {
                            rejected_spans,
                            ..ExportTracePartialSuccess::default()
                        }),
                    }
                    .encode_to_vec();
                    let head = format!(
                        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
                }
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What arrived so far.
    pub(crate) fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let seen = self.seen.lock().unwrap();
        let decoded = seen.iter().map(|request| {
            assert_eq!(request.request_line, "POST /v1/traces HTTP/1.1");
            assert_eq!(request.all("content-type"), ["application/x-protobuf"]);
            ExportTraceServiceRequest::decode(&*request.body).unwrap()
        });
        decoded.collect()
    }

    /// The spans in it.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let resources = self
            .requests()
            .into_iter()
            .flat_map(|one| one.resource_spans);
        let scopes = resources.flat_map(|one| one.scope_spans);
        scopes.flat_map(|one| one.spans).collect()
    }
}

/// Attributes by name; numbers as texts.
pub(crate) fn attributes(all: &[KeyValue]) -> BTreeMap<&str, String> {
    let text = |pair: &KeyValue| match pair.value.clone().unwrap().value.unwrap() {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::DoubleValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    all.iter()
        .map(|pair| (pair.key.as_str(), text(pair)))
        .collect()
}
