//! What became of a request.

use bulla_guard::{abuse::Offence, problem::Code};
use http::StatusCode;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It went on, and was answered.
    Accepted,
    /// It was refused, or its target failed.
    Refused(Code),
    /// Its head has too many headers.
    HeadTooLarge,
    /// The client stopped sending.
    ClientStalled,
    /// The client did not wait for the answer.
    ClientGone,
}

impl Verdict {
    /// Those that are not [`Accepted`](Self::Accepted).
    pub(super) fn refusals() -> impl Iterator<Item = Self> {
        let coded = Code::ALL.iter().copied().map(Self::Refused);
        coded.chain([Self::HeadTooLarge, Self::ClientStalled, Self::ClientGone])
    }

    /// How many of them there are.
    pub(super) const REFUSALS: usize = Code::ALL.len() + 3;

    /// Its place among the [refusals](Self::refusals); `None`: it is none.
    pub(super) const fn refusal(self) -> Option<usize> {
        match self {
            Self::Accepted => None,
            Self::Refused(code) => Some(code as usize),
            Self::HeadTooLarge => Some(Code::ALL.len()),
            Self::ClientStalled => Some(Code::ALL.len() + 1),
            Self::ClientGone => Some(Code::ALL.len() + 2),
        }
    }

    /// What counts against whoever was refused so. A limit says itself whom it was over.
    pub(crate) fn offence(self) -> Option<Offence> {
        match self {
            Self::Refused(Code::RateLimited) => None,
            Self::Refused(code) => Offence::of(code),
            Self::HeadTooLarge => Some(Offence::MalformedRequest),
            Self::Accepted | Self::ClientStalled | Self::ClientGone => None,
        }
    }

    /// As in logs and labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(code) => code.as_str(),
            Self::HeadTooLarge => "head_too_large",
            Self::ClientStalled => "client_stalled",
            Self::ClientGone => "client_gone",
        }
    }

    /// The status that a refusal has; `None`: the target's, or none at all.
    pub(super) const fn status(self) -> Option<StatusCode> {
        match self {
            Self::Accepted | Self::ClientGone => None,
            Self::Refused(code) => Some(code.status()),
            Self::HeadTooLarge => Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            Self::ClientStalled => Some(StatusCode::REQUEST_TIMEOUT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_place_of_its_own() {
        let places: Vec<_> = Verdict::refusals().map(Verdict::refusal).collect();
        let expected: Vec<_> = (0..Verdict::REFUSALS).map(Some).collect();
        assert_eq!(places, expected);
        assert_eq!(Verdict::Accepted.refusal(), None);
    }
}
