//! What is revoked.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    audit::AuditEvent,
    ids::TokenId,
    revocation::{RevocationRecord, RevocationTerm},
    time::Timestamp,
};

/// What is revoked, and how long that must be remembered.
#[async_trait]
pub trait RevocationStore: Send + Sync {
    /// Notes that access tokens may live so long from now on. Every later revocation outlives the
    /// longest lifetime that was ever noted, so it is noted before the first token is signed.
    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError>;

    /// Revokes one access token. A token that was revoked before may be once more.
    async fn revoke_token(
        &self,
        id: &TokenId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The revocations after `sequence` whose `until` lies after `now`, in order.
    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError>;
}
