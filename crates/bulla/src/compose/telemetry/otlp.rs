//! Requests as OTLP says them: OpenTelemetry's semantic conventions for HTTP servers, and a few names of our own.

use std::time::{Duration, SystemTime};

use bulla_gateway::span;
use bytes::Bytes;
use http::{Method, Version};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode::Error,
    },
};
use prost::Message as _;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Flags of a span: its trace is sampled, and whether its parent is elsewhere is known; the third, that it is.
const SAMPLED: u32 = 1;
const PARENT_IS_KNOWN: u32 = 1 << 8;
const PARENT_IS_REMOTE: u32 = 1 << 9;

/// Who speaks.
pub(super) fn resource(service_name: &str) -> Resource {
    Resource {
        attributes: vec![
            text("service.name", service_name),
            text("service.version", VERSION),
        ],
        ..Resource::default()
    }
}

/// What a collector is sent.
pub(super) fn request(resource: &Resource, spans: Vec<Span>) -> Bytes {
    let scope = InstrumentationScope {
        name: "bulla".to_owned(),
        version: VERSION.to_owned(),
        ..InstrumentationScope::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource.clone()),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    request.encode_to_vec().into()
}

/// How many spans a collector says it refused.
pub(super) fn refused(answer: Bytes) -> u64 {
    let refused = ExportTraceServiceResponse::decode(answer)
        .ok()
        .and_then(|answer| answer.partial_success)
        .map_or(0, |partial| partial.rejected_spans);
    refused.try_into().unwrap_or(0)
}

/// A request that ended then.
pub(super) fn span(span: &span::Span<'_>, ended: SystemTime) -> Span {
    let remote = if span.parent.is_some() {
        PARENT_IS_REMOTE
    } else {
        0
    };
    let ended = ended
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let method = known(span.method).unwrap_or("HTTP");
    Span {
        trace_id: span.trace.to_vec(),
        span_id: span.id.to_vec(),
        parent_span_id: span.parent.map_or_else(Vec::new, |parent| parent.to_vec()),
        flags: SAMPLED | PARENT_IS_KNOWN | remote,
        name: match span.route {
            Some(route) => format!("{method} {route}"),
            None => method.to_owned(),
        },
        kind: SpanKind::Server.into(),
        start_time_unix_nano: nanoseconds(ended.saturating_sub(span.duration)),
        end_time_unix_nano: nanoseconds(ended),
        attributes: attributes(span),
        // That the client was wrong is no error of the server's.
        status: failed(span).then(|| Status {
            code: Error.into(),
            ..Status::default()
        }),
        ..Span::default()
    }
}

fn attributes(span: &span::Span<'_>) -> Vec<KeyValue> {
    let mut all = vec![
        text(
            "http.request.method",
            known(span.method).unwrap_or("_OTHER"),
        ),
        text("url.scheme", if span.secure { "https" } else { "http" }),
        text("bulla.request_id", span.request_id),
    ];
    let version = match span.version {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    all.push(text("network.protocol.version", version));
    let status = span.status.map(|status| status.as_u16());
    let error = match (span.refusal, status) {
        (Some(code), _) => Some(code.to_owned()),
        (None, Some(status)) if failed(span) => Some(status.to_string()),
        _ => None,
    };
    let address = span.address.map(|address| address.to_string());
    let texts = [
        (
            "http.request.method_original",
            known(span.method).is_none().then(|| span.method.as_str()),
        ),
        ("http.route", span.route),
        ("url.path", span.path),
        ("server.address", span.host),
        ("client.address", address.as_deref()),
        ("enduser.id", span.subject),
        ("error.type", error.as_deref()),
        ("bulla.upstream", span.upstream.map(|(name, _)| name)),
    ];
    let there = texts
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    all.extend(there.map(|(key, value)| text(key, value)));
    if let Some(status) = status {
        let status = Value::IntValue(status.into());
        all.push(attribute("http.response.status_code", status));
    }
    if let Some((_, took)) = span.upstream {
        let milliseconds = Value::DoubleValue(took.as_secs_f64() * 1e3);
        all.push(attribute("bulla.upstream_ms", milliseconds));
    }
    all
}

fn failed(span: &span::Span<'_>) -> bool {
    span.status.is_some_and(|status| status.is_server_error())
}

/// A method that the conventions have a name for: any other would make as many names of spans as clients can think of.
fn known(method: &Method) -> Option<&str> {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ];
    known.contains(method).then(|| method.as_str())
}

fn nanoseconds(since: Duration) -> u64 {
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}
