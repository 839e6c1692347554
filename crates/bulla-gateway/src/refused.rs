//! Requests that do not go on.

use bulla_guard::{
    client::RequestId,
    problem::{Code, Problem},
    refusal::Refusal,
};
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CONNECTION},
};

use crate::{
    body::Body,
    forward::ForwardError,
    forward_auth::BadQuestion,
    grpc,
    metrics::Verdict,
    steps::{canonical_path::AmbiguousPath, framing::BadFraming},
};

/// Why a request does not go on, or was not answered.
#[derive(Debug)]
pub(crate) enum Refused {
    /// For a reason that has a code.
    Problem(Problem),
    /// It cannot be told where it ends, so nothing can follow it (RFC 9112 section 6.1).
    Endless(Problem),
    /// The path is known, but not under this method: the value of `Allow`.
    OtherMethods(HeaderValue),
    /// It has more headers than are read.
    HeadTooLarge,
    /// The client stopped sending its body.
    ClientStalled,
}

impl Refused {
    /// A refusal of this kind. `detail` is for the client's eyes.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::Problem(Problem::new(code, detail))
    }

    /// The refusal of one who came to a route without a token, where `challenge` gives a visitor one that is enough there.
    pub(crate) fn inviting(refusal: Refusal, challenge: Option<&'static str>) -> Self {
        let problem = Problem::from(refusal);
        Self::Problem(match challenge {
            Some(path) if problem.code() == Code::TokenMissing => problem.with("challenge", path),
            _ => problem,
        })
    }

    /// As metrics and logs name it.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Problem(problem) | Self::Endless(problem) => Verdict::Refused(problem.code()),
            Self::OtherMethods(_) => Verdict::Refused(Code::MethodNotAllowed),
            Self::HeadTooLarge => Verdict::HeadTooLarge,
            Self::ClientStalled => Verdict::ClientStalled,
        }
    }

    /// The answer to a gRPC call.
    pub(crate) fn grpc_response(self, id: &RequestId) -> Response<Body> {
        let message = match &self {
            Self::Problem(problem) | Self::Endless(problem) => {
                format!("{}: {}", problem.code(), problem.detail())
            }
            Self::OtherMethods(_) | Self::HeadTooLarge | Self::ClientStalled => {
                self.verdict().as_str().to_owned()
            }
        };
        grpc::end_call(self.response(id), &message)
    }

    /// The answer.
    pub(crate) fn response(self, id: &RequestId) -> Response<Body> {
        match self {
            Self::Problem(problem) => problem.response(id).map(Body::from),
            Self::Endless(problem) => closing(problem.response(id).map(Body::from)),
            Self::OtherMethods(allow) => {
                let problem = Problem::new(
                    Code::MethodNotAllowed,
                    "the path knows other methods: see Allow",
                );
                let mut response = problem.response(id).map(Body::from);
                response.headers_mut().insert(ALLOW, allow);
                response
            }
            Self::HeadTooLarge => bare(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            Self::ClientStalled => bare(StatusCode::REQUEST_TIMEOUT),
        }
    }
}

/// What has no code, because hyper answers such requests too, and just as bare.
fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    closing(response)
}

/// Ends the connection with this answer.
fn closing(mut response: Response<Body>) -> Response<Body> {
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Problem(Problem::from(refusal))
    }
}

impl From<BadFraming> for Refused {
    fn from(reason: BadFraming) -> Self {
        match reason {
            BadFraming::TooManyHeaders => Self::HeadTooLarge,
            BadFraming::TransferEncoding => {
                Self::Endless(Problem::new(Code::RequestMalformed, reason.to_string()))
            }
            other => Self::new(Code::RequestMalformed, other.to_string()),
        }
    }
}

impl From<BadQuestion> for Refused {
    fn from(reason: BadQuestion) -> Self {
        Self::new(Code::RequestMalformed, reason.to_string())
    }
}

impl From<AmbiguousPath> for Refused {
    fn from(reason: AmbiguousPath) -> Self {
        Self::new(Code::RequestMalformed, reason.to_string())
    }
}

impl From<ForwardError> for Refused {
    fn from(error: ForwardError) -> Self {
        match error {
            ForwardError::Unavailable(_) => Self::new(
                Code::UpstreamUnavailable,
                "the service behind the gateway cannot be reached",
            ),
            ForwardError::BadUpgrade => Self::new(
                Code::UpstreamUnavailable,
                "the service behind the gateway switched protocols unasked",
            ),
            ForwardError::TimedOut => Self::new(
                Code::UpstreamTimeout,
                "the service behind the gateway did not answer in time",
            ),
            ForwardError::TooLarge { limit } => Self::new(
                Code::BodyTooLarge,
                format!("the body may have {limit} bytes"),
            ),
            ForwardError::ClientBroke => Self::new(Code::RequestMalformed, "the body broke off"),
            ForwardError::ClientStalled => Self::ClientStalled,
        }
    }
}
