//! The store as the rules see it: each method is one transaction, durable when it returns.

mod accounts;
mod audit;
mod clients;
mod imports;
mod links;
mod revocations;
mod sessions;
mod signing_keys;

use async_trait::async_trait;

pub use self::{
    accounts::{
        AccountChange, AccountCreation, AccountDecision, AccountOutcome, AccountStore,
        CreateAccountError, VisitorEnd,
    },
    audit::AuditStore,
    clients::{
        AssertionOutcome, AssertionUse, ClientChange, ClientDecision, ClientOutcome, ClientStore,
    },
    imports::{AccountImport, ImportEntry, ImportOutcome, ImportStore},
    links::{EmailChange, LinkAct, LinkOutcome, LinkStore},
    revocations::RevocationStore,
    sessions::{
        AllSessionsEnd, SessionAdvance, SessionEnd, SessionStart, SessionStore, SessionToRefresh,
        SessionsEnd,
    },
    signing_keys::{SigningKeyChange, SigningKeyStore},
};
use crate::time::Timestamp;

/// Accounts, sessions, links, clients, keys, revocations and the audit log: a trait for each, in a file of its own.
///
/// A store is made with a [`RevocationSink`](crate::ports::RevocationSink). What a method writes it
/// does whole, even if its future is dropped once it was polled to where it waits for the store;
/// and every revocation that it wrote is in the sink, in the order of the sequence, before the
/// method returns, as soon as anybody can see what was written with it through the same store.
///
/// A revocation's `until` is what [`RevocationTerm::until`](crate::revocation::RevocationTerm::until) says for the
/// sessions that it hits and for the longest access lifetime that was noted.
///
/// Every implementation passes the one contract suite, `bulla_test::store_contract`.
#[async_trait]
pub trait Store:
    AccountStore
    + ImportStore
    + SessionStore
    + LinkStore
    + ClientStore
    + SigningKeyStore
    + RevocationStore
    + AuditStore
    + Send
    + Sync
    + 'static
{
    /// Removes what no longer counts, at most `batch` of each kind. Returns how many rows went.
    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError>;

    /// Whether the store answers.
    async fn check(&self) -> Result<(), StoreError>;
}

/// How far back things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Sessions that ended, or passed their absolute end, before then go.
    pub ended_before: Timestamp,
    /// Revocations whose `until` is not after this go.
    pub revoked_until: Timestamp,
    /// Links that expired before then go, and with them who never proved their address; and what is remembered of assertions
    /// that are over.
    pub expired_before: Timestamp,
    /// Audit events from before then go; `None`: none do.
    pub recorded_before: Option<Timestamp>,
}

/// The store failed; nothing was written, or it cannot be known whether it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time: trying again may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It holds what this version cannot read: trying again will not help.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}
