//! What a job works in: an open transaction, and the revocations that it writes.

use std::ops::Deref;

use bulla_core::{
    revocation::{RevocationRecord, RevocationTarget, RevocationTerm},
    time::Timestamp,
};
use rusqlite::Connection;

use super::{
    fault::Fault,
    tables::{access_lifetime, revocations},
};

/// An open transaction; a connection to whoever only reads and writes rows.
pub(super) struct Transaction<'a> {
    connection: &'a Connection,
    revoked: Vec<RevocationRecord>,
}

impl<'a> Transaction<'a> {
    /// Whatever is open on this connection.
    pub(super) const fn on(connection: &'a Connection) -> Self {
        Self {
            connection,
            revoked: Vec::new(),
        }
    }

    /// Writes a revocation, which is published once it is committed. The only way to write one.
    /// `last_hand_out` is the latest of the sessions that it hits.
    pub(super) fn revoke(
        &mut self,
        target: RevocationTarget,
        term: RevocationTerm,
        last_hand_out: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let until = term.until(last_hand_out, access_lifetime::longest(self.connection)?);
        let record = revocations::append(self.connection, target, until)?;
        self.revoked.push(record);
        Ok(())
    }

    /// How many revocations it has written so far.
    pub(super) const fn mark(&self) -> usize {
        self.revoked.len()
    }

    /// Forgets the revocations since then: they were rolled back.
    pub(super) fn back_to(&mut self, mark: usize) {
        self.revoked.truncate(mark);
    }

    /// The revocations, in the order of their sequence.
    pub(super) fn into_revoked(self) -> Vec<RevocationRecord> {
        self.revoked
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}
