//! What a job works in: an open transaction, and what it revokes.

use std::{mem, ops::Deref, time::Duration};

use async_trait::async_trait;
use bulla_core::{
    audit::AuditEvent,
    ids::SessionId,
    revocation::{RevocationRecord, RevocationTarget, RevocationTerm},
    store::StoreError,
    time::Timestamp,
};

use super::{
    connection::Connection,
    connector::Limits,
    fault::Fault,
    feed::{Committed, Feed},
    tables::{audit_events, revocations},
};

/// What one writing method of the store does. Rows are locked in one order, so that no two jobs wait for each other: an
/// account or client, then its links, then sessions by their identities, then the head of the revocations, then the end of
/// the audit log.
#[async_trait]
pub(super) trait Job: Send + 'static {
    /// What its caller gets.
    type Output: Send;

    /// How long it may take, if that is longer than anybody who waits for an answer would wait.
    const PATIENCE: Option<Duration> = None;

    /// Does it in an open transaction, which is rolled back if it fails.
    async fn run(&mut self, transaction: &mut Transaction) -> Result<Self::Output, Fault>;

    /// Whether it can be done once more.
    fn can_be_repeated(&self) -> bool {
        true
    }
}

/// An open transaction; a connection to whoever only reads and writes rows. If it is dropped, nothing was written.
pub(super) struct Transaction {
    connection: Connection,
    revoked: Vec<Revocation>,
    recorded: Vec<AuditEvent>,
}

/// How far a transaction was.
pub(super) struct Savepoint {
    revoked: usize,
    recorded: usize,
}

/// A revocation that has no number yet.
struct Revocation {
    target: RevocationTarget,
    term: RevocationTerm,
    last_hand_out: Option<Timestamp>,
}

impl Revocation {
    fn numbered(self, sequence: u64, longest_lifetime: Duration) -> RevocationRecord {
        RevocationRecord {
            sequence,
            target: self.target,
            until: self.term.until(self.last_hand_out, longest_lifetime),
        }
    }
}

impl Transaction {
    /// Begins a job that may take so long.
    pub(super) async fn begin(
        connection: Connection,
        patience: Option<Duration>,
    ) -> Result<Self, Fault> {
        connection.distrust();
        connection.run("BEGIN").await?;
        if let Some(patience) = patience {
            let Limits { statement, lock } = Limits::within(patience);
            let (statement, lock) = (statement.as_millis(), lock.as_millis());
            let longer = format!(
                "SET LOCAL statement_timeout = {statement}; SET LOCAL lock_timeout = {lock}"
            );
            connection.run(&longer).await?;
        }
        Ok(Self {
            connection,
            revoked: Vec::new(),
            recorded: Vec::new(),
        })
    }

    /// Revokes at the commit, after everything else. `last_hand_out` is the latest of the sessions that it hits.
    pub(super) fn revoke(
        &mut self,
        target: RevocationTarget,
        term: RevocationTerm,
        last_hand_out: Option<Timestamp>,
    ) {
        self.revoked.push(Revocation {
            target,
            term,
            last_hand_out,
        });
    }

    /// Records at the commit, after everything else.
    pub(super) fn record(&mut self, event: &AuditEvent) {
        self.recorded.push(event.clone());
    }

    /// As [`record`](Self::record), once for each of the sessions.
    pub(super) fn record_for_each(&mut self, event: &AuditEvent, sessions: &[SessionId]) {
        let of = |session: &SessionId| AuditEvent {
            session: Some(*session),
            ..event.clone()
        };
        self.recorded.extend(sessions.iter().map(of));
    }

    /// Where [`undo`](Self::undo) can go back to.
    pub(super) async fn savepoint(&self) -> Result<Savepoint, Fault> {
        self.connection.run("SAVEPOINT here").await?;
        Ok(Savepoint {
            revoked: self.revoked.len(),
            recorded: self.recorded.len(),
        })
    }

    /// Undoes all that was done since then.
    pub(super) async fn undo(&mut self, since: Savepoint) -> Result<(), Fault> {
        self.connection.run("ROLLBACK TO here").await?;
        self.revoked.truncate(since.revoked);
        self.recorded.truncate(since.recorded);
        Ok(())
    }

    /// The last step before the commit: numbers what it revokes and records, each under a lock of its own, or sees how far
    /// others are.
    pub(super) async fn finish(&mut self) -> Result<Finished, Fault> {
        let finished = self.number_revocations().await?;
        let recorded = mem::take(&mut self.recorded);
        if !recorded.is_empty() {
            audit_events::append(self, &recorded).await?;
        }
        Ok(finished)
    }

    async fn number_revocations(&mut self) -> Result<Finished, Fault> {
        if self.revoked.is_empty() {
            return Ok(Finished::Seen(revocations::head(self).await?));
        }
        let revoked = mem::take(&mut self.revoked);
        let (first, longest_lifetime) = revocations::take_numbers(self, revoked.len()).await?;
        let numbered = (first..).zip(revoked);
        let records: Vec<RevocationRecord> = numbered
            .map(|(sequence, revocation)| revocation.numbered(sequence, longest_lifetime))
            .collect();
        let before = revocations::insert(self, &records).await?;
        Ok(Finished::Revoked(Committed { before, records }))
    }

    /// Commits. When it returns, what it revoked is in the sink, and so is everything that it may have seen revoked.
    pub(super) async fn commit(
        mut self,
        finished: Finished,
        feed: &Feed,
    ) -> Result<(), StoreError> {
        self.connection.run("COMMIT").await?;
        self.connection.trust();
        // Others wait for whoever brings the feed up to date: no longer than for anything else, however long the job may take.
        self.connection.begin_anew();
        match finished {
            Finished::Seen(head) => feed.reach(&self.connection, head).await?,
            // The head was locked until now: whatever has a lower number is committed.
            Finished::Revoked(committed) => feed.publish(&self.connection, &committed).await?,
        }
        Ok(())
    }

    pub(super) async fn roll_back(self) {
        if self.connection.run("ROLLBACK").await.is_ok() {
            self.connection.trust();
        }
    }
}

/// What is left for after the commit.
pub(super) enum Finished {
    /// These records take effect.
    Revoked(Committed),
    /// Up to here others' may have been seen.
    Seen(u64),
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}
