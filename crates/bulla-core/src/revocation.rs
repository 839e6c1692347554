//! What ends tokens before their time: records that every gateway holds in memory.

use crate::{
    ids::{AccountId, SessionId},
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

/// Which tokens a revocation hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevocationTarget {
    /// All tokens of one session (claim `sid`).
    Session(SessionId),
    /// The tokens of one account (claim `sub`): all of them, or those whose `epoch` is below `min_epoch`.
    Subject {
        /// The account.
        account: AccountId,
        /// The lowest epoch that is still good; `None` if none is.
        min_epoch: Option<u64>,
    },
}
