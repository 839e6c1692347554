//! What came back, and what it must look like.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use bulla_guard::abuse::Offence;
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A user who has signed in.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) session: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) text: String,
    /// What the gateway is told.
    pub(crate) offence: Option<Offence>,
}

impl Answer {
    pub(crate) async fn read(router: Router, request: Request<Body>) -> Self {
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self {
            status: parts.status,
            headers: parts.headers,
            bytes,
            text,
            offence: parts.extensions.get().copied(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers
            .get(name.as_ref())
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A problem whose detail says this.
    pub(crate) fn assert_says(&self, words: &str) {
        let problem = self.json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
    }

    /// A complete problem: all members, the media type, a challenge on every 401, and when to come back.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            "application/problem+json"
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], "req-1");
        for member in ["type", "title", "detail"] {
            assert!(
                problem[member]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{member}"
            );
        }
        assert_eq!(
            matches!(status, 401 | 403) && code != "csrf_refused",
            self.headers.contains_key(header::WWW_AUTHENTICATE)
        );
        assert_eq!(
            matches!(status, 429 | 503),
            self.headers.contains_key(header::RETRY_AFTER)
        );
    }
}

impl From<&Answer> for SignedIn {
    fn from(answer: &Answer) -> Self {
        let body = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&body["user"]["id"]),
            access: text(&body["access_token"]),
            refresh: text(&body["refresh_token"]),
            session: text(&body["session"]["id"]),
        }
    }
}
