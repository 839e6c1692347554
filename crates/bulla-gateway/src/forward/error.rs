//! Why there is no answer.

use std::error::Error as _;

use bulla_guard::problem::Code;
use tower::BoxError;

use crate::body::End;

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

    /// The client's failure, if the request ended because of its body.
    pub(crate) fn of_body(end: End) -> Option<Self> {
        match end {
            End::Whole => None,
            End::TooLarge { limit } => Some(Self::TooLarge { limit }),
            End::TooSlow => Some(Self::ClientStalled),
            End::Broken => Some(Self::ClientBroke),
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
