//! Why there is no answer.

use std::error::Error as _;

use bulla_guard::problem::Code;
use tower::BoxError;

use crate::body::BodyError;

/// An upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    /// It could not be reached, or broke off before it answered.
    #[error("the upstream is unavailable")]
    Unavailable(#[source] BoxError),
    /// It switched protocols although nobody asked, or to another one.
    #[error("the upstream switched protocols unasked")]
    BadUpgrade,
    /// It had everything and did not answer in time.
    #[error("the upstream timed out")]
    TimedOut,
    /// The client sent more than the route's limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The client went away amid its body.
    #[error("the client's body broke off")]
    ClientBroke,
    /// The client stopped sending amid its body, or sent too little of it.
    #[error("the client stopped sending")]
    ClientStalled,
}

impl ForwardError {
    /// The code under which it counts as the upstream's failure; `None` if it is the client's.
    pub(crate) const fn upstream_failure(&self) -> Option<Code> {
        match self {
            Self::Unavailable(_) | Self::BadUpgrade => Some(Code::UpstreamUnavailable),
            Self::TimedOut => Some(Code::UpstreamTimeout),
            Self::TooLarge { .. } | Self::ClientBroke | Self::ClientStalled => None,
        }
    }

    /// What a body's error says of the client; `None` if it is not the client's.
    pub(crate) const fn of_clients_body(error: &BodyError) -> Option<Self> {
        match error {
            BodyError::TooLarge { limit } => Some(Self::TooLarge { limit: *limit }),
            BodyError::Client(_) => Some(Self::ClientBroke),
            BodyError::TooSlow => Some(Self::ClientStalled),
            BodyError::Upstream(_) | BodyError::TokenEnded | BodyError::Service(_) => None,
        }
    }

    /// The error and all that it came from, for the log.
    pub(crate) fn cause(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}

/// Whose fault it is: an error of the client's body comes back wrapped in those of the connection to the upstream.
impl From<hyper::Error> for ForwardError {
    fn from(error: hyper::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            match inner.downcast_ref().and_then(Self::of_clients_body) {
                Some(theirs) => return theirs,
                None => cause = inner.source(),
            }
        }
        Self::Unavailable(error.into())
    }
}
