//! What became of a request that was sent and not answered.

use std::error::Error as _;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The connection ended before the server did anything with it: it was not sent, or the server says so (RFC 9113 section
    /// 8.7).
    Untouched,
    /// The server did nothing with it, and goes on (as before).
    Refused,
    /// The connection ended, and nobody can tell.
    Unknown,
    /// The answer was none.
    Garbled,
    /// The server ended its stream, and nothing else.
    Reset,
}

impl Fate {
    /// Whether the connection takes no more requests, though it may not know yet.
    pub(super) const fn ends_the_connection(self) -> bool {
        matches!(self, Self::Untouched | Self::Unknown)
    }

    /// What an error says that a request ended with.
    pub(super) fn of(error: &hyper::Error) -> Self {
        if error.is_parse() || error.is_user() {
            return Self::Garbled;
        }
        let Some(error) = error
            .source()
            .and_then(|source| source.downcast_ref::<h2::Error>())
        else {
            return Self::Unknown;
        };
        match error.reason() {
            Some(h2::Reason::REFUSED_STREAM) if error.is_reset() && error.is_remote() => {
                Self::Refused
            }
            _ if error.is_reset() => Self::Reset,
            // Of the streams that are open, a GOAWAY ends those that the server will not look at. The others go on, and end
            // with the connection.
            _ if error.is_go_away() && error.is_remote() => Self::Untouched,
            _ => Self::Unknown,
        }
    }
}
