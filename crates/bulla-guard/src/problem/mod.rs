//! What a client sees of a refusal: problem details after RFC 9457.

mod code;

use bytes::Bytes;
use http::{
    HeaderValue, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use http_body_util::Full;
use serde_json::{Map, Value, json};

pub use self::code::Code;
use crate::{
    client::RequestId,
    limit::{QuotaPolicy, RATE_LIMIT, RATE_LIMIT_POLICY},
    refusal::Refusal,
};

/// A refusal on its way to the client.
///
/// ```json
/// {"type":"urn:bulla:problem:role_required","title":"Role required","status":403,
///  "detail":"one of the roles admin is needed","code":"role_required","request_id":"…"}
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    refusal: Refusal,
    /// Boxed: few have it, and all are handed on.
    retry: Option<Box<Retry>>,
    extensions: Map<String, Value>,
}

/// When to try again.
#[derive(Debug, Clone, PartialEq, Default)]
struct Retry {
    after: u32,
    /// `RateLimit-Policy` and `RateLimit`.
    rate_limit: Option<[HeaderValue; 2]>,
}

impl Problem {
    /// A problem of this kind. `detail` is for the client's eyes: nothing secret, no inner workings.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::from(Refusal::new(code, detail))
    }

    /// What kind it is.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.refusal.code
    }

    /// What was wrong with this request.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.refusal.detail
    }

    /// Adds a member of its own, such as `"field": "email"` (RFC 9457 section 3.2). The members
    /// that every problem has cannot be replaced.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(member.to_owned(), value.into());
        self
    }

    /// Says after how many seconds to try again. Every 503 says so anyway: after one.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry.get_or_insert_default().after = seconds;
        self
    }

    /// Says that nothing is left of this quota, and after how many seconds there is: `RateLimit-Policy`, `RateLimit` and
    /// `Retry-After`.
    #[must_use]
    pub fn exhausted(mut self, policy: &QuotaPolicy, seconds: u32) -> Self {
        let fields = [
            policy.policy_field().clone(),
            policy.exhausted_field(seconds),
        ];
        self.retry.get_or_insert_default().rate_limit = Some(fields);
        self.retry_after(seconds)
    }

    /// The answer: `application/problem+json`, never cached, with `WWW-Authenticate` on every 401
    /// (and where RFC 6750 wants it on a 403) and `Retry-After` on every 503 and where it was said.
    #[must_use]
    pub fn response(self, request_id: &RequestId) -> Response<Full<Bytes>> {
        let code = self.refusal.code;
        let body = self.body(request_id).to_string();
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = code.status();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.refusal.www_authenticate() {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        let retry = self.retry.map(|retry| *retry);
        let after = retry.as_ref().map(|retry| retry.after);
        if let Some([policy, limit]) = retry.and_then(|retry| retry.rate_limit) {
            headers.insert(RATE_LIMIT_POLICY, policy);
            headers.insert(RATE_LIMIT, limit);
        }
        if let Some(seconds) = after.or(code.retry_after()) {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn body(&self, request_id: &RequestId) -> Value {
        let code = self.refusal.code;
        let mut members = self.extensions.clone();
        members.extend([
            ("type".into(), json!(format!("urn:bulla:problem:{code}"))),
            ("title".into(), json!(code.title())),
            ("status".into(), json!(code.status().as_u16())),
            ("detail".into(), json!(self.refusal.detail)),
            ("code".into(), json!(code)),
            ("request_id".into(), json!(request_id.as_str())),
        ]);
        Value::Object(members)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            retry: None,
            extensions: Map::new(),
        }
    }
}
