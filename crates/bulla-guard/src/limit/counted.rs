//! To whom a plan's buckets belong.

use std::{fmt, str::FromStr};

use serde_json::Value;

use crate::principal::Principal;

/// Whose requests share a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Counted {
    /// `subject`: those of one account; of anonymous visitors, those with one token, for a subject can be had again.
    #[default]
    Subject,
    /// `session`: those of one session; without one, as by subject.
    Session,
    /// `client`: those of one `client_id`, whoever uses it; without one, as by subject.
    Client,
    /// `address`: those of one IPv4 address or IPv6 /64.
    Address,
    /// `claim:NAME`: those with the same value of a claim; without it, as by subject.
    Claim(Box<str>),
}

/// Whose bucket it is: names of one issuer mean nothing to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder<'principal> {
    /// An account.
    Subject(&'principal str, &'principal str),
    /// An anonymous token: its ID stays the same however often one proof of work is handed in.
    Token(&'principal str, &'principal str),
    /// A session.
    Session(&'principal str, &'principal str),
    /// A client.
    Client(&'principal str, &'principal str),
    /// All that have this value of the claim.
    Claim(&'principal str, &'principal Value),
}

/// A text that names nothing that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `subject`, `session`, `client`, `address`, or a claim such as `claim:team_id`")]
pub struct InvalidCounted;

impl Counted {
    /// Whose bucket somebody's requests are counted in, among those of a plan; `None`: that of their address. Always that, if
    /// they [did no work](Principal::did_no_work): each new token would be a new bucket.
    #[must_use]
    pub fn holder<'principal>(
        &self,
        principal: &'principal Principal,
    ) -> Option<Holder<'principal>> {
        if principal.did_no_work() {
            return None;
        }
        let issuer = &*principal.issuer;
        let subject = || match &principal.token_id {
            Some(token) if principal.anonymous => Holder::Token(issuer, token),
            _ => Holder::Subject(issuer, &principal.subject),
        };
        Some(match self {
            Self::Subject => subject(),
            Self::Session => match &principal.session {
                Some(session) => Holder::Session(issuer, session),
                None => subject(),
            },
            Self::Client => match &principal.client_id {
                Some(client) => Holder::Client(issuer, client),
                None => subject(),
            },
            Self::Claim(name) => match principal.claims.get(&**name) {
                None | Some(Value::Null) => subject(),
                Some(value) => Holder::Claim(issuer, value),
            },
            Self::Address => return None,
        })
    }
}

impl FromStr for Counted {
    type Err = InvalidCounted;

    fn from_str(text: &str) -> Result<Self, InvalidCounted> {
        match text {
            "subject" => Ok(Self::Subject),
            "session" => Ok(Self::Session),
            "client" => Ok(Self::Client),
            "address" => Ok(Self::Address),
            _ => match text.strip_prefix("claim:") {
                Some(name) if !name.is_empty() => Ok(Self::Claim(name.into())),
                _ => Err(InvalidCounted),
            },
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject => formatter.write_str("subject"),
            Self::Session => formatter.write_str("session"),
            Self::Client => formatter.write_str("client"),
            Self::Address => formatter.write_str("address"),
            Self::Claim(name) => write!(formatter, "claim:{name}"),
        }
    }
}
