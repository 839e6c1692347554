//! Refusals as gRPC clients read them: as the status of a call that never began.

use http::{
    HeaderName, HeaderValue, Method, Response, StatusCode, Version,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
};

use crate::body::Body;

const GRPC: &str = "application/grpc";
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Whether the request is a gRPC call. Nothing but HTTP/2 carries one.
pub(crate) fn is_call(request: &Parts) -> bool {
    let format = |value: &HeaderValue| {
        let rest = value.as_bytes().strip_prefix(GRPC.as_bytes());
        rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
    };
    request.version == Version::HTTP_2
        && request.method == Method::POST
        && request.headers.get(CONTENT_TYPE).is_some_and(format)
}

/// Turns a refusal into the one head without a body that ends a call ("Trailers-Only"). What else it says stays.
pub(crate) fn end_call(refusal: Response<Body>, message: &str) -> Response<Body> {
    let (mut head, _) = refusal.into_parts();
    let status = status_of(head.status);
    head.status = StatusCode::OK;
    head.headers.remove(CONTENT_LENGTH);
    head.headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(GRPC));
    head.headers.insert(GRPC_STATUS, HeaderValue::from(status));
    if let Ok(message) = HeaderValue::try_from(percent_encoded(message)) {
        head.headers.insert(GRPC_MESSAGE, message);
    }
    Response::from_parts(head, Body::empty())
}

/// What clients make of an HTTP status by themselves (grpc/doc/http-grpc-status-mapping.md).
fn status_of(status: StatusCode) -> u16 {
    const UNKNOWN: u16 = 2;
    const PERMISSION_DENIED: u16 = 7;
    const UNIMPLEMENTED: u16 = 12;
    const INTERNAL: u16 = 13;
    const UNAVAILABLE: u16 = 14;
    const UNAUTHENTICATED: u16 = 16;
    match status.as_u16() {
        400 => INTERNAL,
        401 => UNAUTHENTICATED,
        403 => PERMISSION_DENIED,
        404 => UNIMPLEMENTED,
        429 | 502..=504 => UNAVAILABLE,
        _ => UNKNOWN,
    }
}

/// All but printable ASCII, and `%`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_call_as(content_type: &str, version: Version) -> bool {
        let request = http::Request::post("/")
            .version(version)
            .header(CONTENT_TYPE, content_type);
        is_call(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_call_is_told_by_its_content_type() {
        for call in [GRPC, "application/grpc+proto", "application/grpc;v=1"] {
            assert!(is_call_as(call, Version::HTTP_2), "{call}");
            assert!(!is_call_as(call, Version::HTTP_11), "{call}");
        }
        for other in [
            "application/grpc-web",
            "application/json",
            "application/grpcs",
        ] {
            assert!(!is_call_as(other, Version::HTTP_2), "{other}");
        }
    }

    #[test]
    fn a_refusal_becomes_the_status_that_clients_would_make_of_it() {
        for (status, expected) in [
            (400, "13"),
            (401, "16"),
            (403, "7"),
            (404, "12"),
            (413, "2"),
            (429, "14"),
            (502, "14"),
            (503, "14"),
            (504, "14"),
        ] {
            let mut refusal = Response::new(Body::empty());
            *refusal.status_mut() = StatusCode::from_u16(status).unwrap();
            refusal.headers_mut().insert(CONTENT_LENGTH, 9.into());
            let answer = end_call(refusal, "no: 100 % \u{e9}");
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()[GRPC_STATUS], expected, "{status}");
            assert_eq!(answer.headers()[GRPC_MESSAGE], "no: 100 %25 %C3%A9");
            assert_eq!(answer.headers()[CONTENT_TYPE], GRPC);
            assert!(!answer.headers().contains_key(CONTENT_LENGTH));
        }
    }
}
