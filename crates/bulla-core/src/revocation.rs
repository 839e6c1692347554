//! What ends tokens before their time: records that every gateway holds in memory.

use std::time::Duration;

use bulla_jose::jwk::KeyId;

use crate::{
    ids::{ClientId, SessionId, Subject, TokenId},
    time::Timestamp,
};

/// A committed revocation. `sequence` grows by one with every record and is never skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRecord {
    /// The record's place in the one order that all gateways follow.
    pub sequence: u64,
    /// Which tokens are dead.
    pub target: RevocationTarget,
    /// When the record may be forgotten: past the end of anything it can still hit.
    pub until: Timestamp,
}

/// What the rules know of how long a revocation must be remembered. The store knows the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevocationTerm {
    /// The time now.
    pub now: Timestamp,
    /// The longest that access tokens live that are signed now.
    pub access_lifetime: Duration,
    /// How long after a session's last stored hand-out a token may have been signed, and by how much
    /// the clocks of issuers and gateways may differ.
    pub slack: Duration,
}

impl RevocationTerm {
    /// Until when the revocation must be remembered, so that it outlives every token that it hits.
    ///
    /// `last_hand_out` is the latest of the sessions that it hits: it lies ahead of the time now if
    /// the clock went back since. `longest_lifetime` is of all the access tokens that were ever
    /// signed: the lifetime may have been longer once.
    #[must_use]
    pub fn until(self, last_hand_out: Option<Timestamp>, longest_lifetime: Duration) -> Timestamp {
        last_hand_out
            .map_or(self.now, |handed_out_at| handed_out_at.max(self.now))
            .after(self.access_lifetime.max(longest_lifetime))
            .after(self.slack)
    }
}

/// Which tokens a revocation hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevocationTarget {
    /// All tokens of one session (claim `sid`).
    Session(SessionId),
    /// The tokens that speak for an account, or for a client in its own name (claim `sub`): all of them, or those whose
    /// `epoch` is below `min_epoch`.
    Subject {
        /// Whom they speak for.
        subject: Subject,
        /// The lowest epoch that is still good; `None` if none is.
        min_epoch: Option<u64>,
    },
    /// One token (claim `jti`).
    Token(TokenId),
    /// All tokens that were issued to one client (claim `client_id`).
    Client(ClientId),
    /// All tokens that were signed with one key (header `kid`).
    Key(KeyId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revocation_outlives_every_token_that_it_hits() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let term = RevocationTerm {
            now: at(1000),
            access_lifetime: Duration::from_secs(10),
            slack: Duration::from_secs(3),
        };
        let check = |last_hand_out: Option<i64>, longest, expected| {
            let until = term.until(last_hand_out.map(at), Duration::from_secs(longest));
            assert_eq!(until, at(expected), "{last_hand_out:?} {longest}");
        };
        check(None, 0, 1013);
        check(Some(900), 9, 1013);
        check(Some(900), 3600, 4603);
        check(Some(5000), 10, 5013);
        check(Some(5000), 3600, 8603);
    }
}
