//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::DisplayName,
    audit::AuditEvent,
    ids::SessionId,
    revocation::{RevocationTarget, RevocationTerm},
    session::{Ended, Sighting},
    store::{AllSessionsEnd, SessionAdvance, SessionEnd, SessionStart, SessionsEnd},
};

use crate::store::postgres::{
    fault::Fault,
    tables::{
        accounts, refresh_key,
        sessions::{self, Locked},
    },
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct RenameSession {
    pub(in crate::store::postgres) id: SessionId,
    pub(in crate::store::postgres) name: Option<DisplayName>,
    pub(in crate::store::postgres) event: AuditEvent,
}

pub(in crate::store::postgres) struct Settle {
    pub(in crate::store::postgres) sightings: Vec<Sighting>,
    pub(in crate::store::postgres) settle: Duration,
}

#[async_trait]
impl Job for SessionStart {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        create(transaction, self).await
    }
}

#[async_trait]
impl Job for SessionAdvance {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        let moved = sessions::advance(transaction, self).await?;
        if moved {
            for event in &self.events {
                transaction.record(event);
            }
        }
        Ok(moved)
    }
}

#[async_trait]
impl Job for RenameSession {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        let renamed = sessions::rename(transaction, self.id, self.name.as_ref()).await?;
        if renamed {
            transaction.record(&self.event);
        }
        Ok(renamed)
    }
}

#[async_trait]
impl Job for SessionEnd {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        end_session(transaction, self).await
    }
}

#[async_trait]
impl Job for SessionsEnd {
    type Output = u64;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<u64, Fault> {
        let mut open = sessions::lock_all(transaction, &self.account).await?;
        open.retain(|session| Some(session.id) != self.keep);
        let ended = end(transaction, &open, self.ended, self.revoke).await?;
        transaction.record_for_each(&self.event, &ended);
        Ok(ended.len() as u64)
    }
}

#[async_trait]
impl Job for AllSessionsEnd {
    type Output = u64;

    /// However many there are.
    const PATIENCE: Option<Duration> = Some(Duration::from_secs(60));

    async fn run(&mut self, transaction: &mut Transaction) -> Result<u64, Fault> {
        let ended = sessions::end_all(transaction, self.ended).await?;
        let count = ended.len() as u64;
        for (id, account, handed_out_at) in ended {
            let target = RevocationTarget::Session(id);
            transaction.revoke(target, self.revoke, Some(handed_out_at));
            transaction.record(&self.event_of(account, id));
        }
        refresh_key::raise(transaction).await?;
        transaction.record(&self.event());
        Ok(count)
    }
}

#[async_trait]
impl Job for Settle {
    type Output = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), Fault> {
        let ids = self.sightings.iter().map(|sighting| sighting.session);
        let ids: Vec<_> = ids.collect();
        let mut open = sessions::lock(transaction, &ids).await?;
        let mut moved = Vec::new();
        for session in &mut open {
            let before = session.generations;
            let own = |sighting: &&Sighting| sighting.session == session.id;
            for sighting in self.sightings.iter().filter(own) {
                if let Some(next) = session.generations.sighted(sighting, self.settle) {
                    session.generations = next;
                }
            }
            if session.generations != before {
                moved.push((session.id, session.generations));
            }
        }
        sessions::set_generations(transaction, &moved).await
    }
}

pub(super) async fn create(
    transaction: &mut Transaction,
    start: &SessionStart,
) -> Result<bool, Fault> {
    let session = &start.session;
    // Of many at once, each sees those that were opened before it.
    if !accounts::is_open(transaction, &session.account, start.account_epoch).await? {
        return Ok(false);
    }
    let replaced = start.replaces.as_ref().map(|end| end.id);
    let mut others = sessions::not_ended(transaction, &session.account).await?;
    others.retain(|other| Some(other.id) != replaced);
    let surplus = start.cap.surplus(&others, session.created_at);
    // All at once, in their one order: the one that is replaced may be another account's.
    let ending: Vec<SessionId> = surplus.iter().copied().chain(replaced).collect();
    let open = sessions::lock(transaction, &ending).await?;
    let (there, mut open): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|session| Some(session.id) == replaced);
    if let Some(end) = &start.replaces {
        end_locked(transaction, there, end).await?;
    }
    open.sort_by_key(|session| surplus.iter().position(|id| *id == session.id));
    let ended = end(transaction, &open, start.surplus_ends, start.revoke).await?;
    transaction.record_for_each(&start.surplus_event, &ended);
    sessions::insert(transaction, session).await?;
    transaction.record(&start.event);
    Ok(true)
}

pub(super) async fn end_session(
    transaction: &mut Transaction,
    end: &SessionEnd,
) -> Result<bool, Fault> {
    let open = sessions::lock(transaction, &[end.id]).await?;
    end_locked(transaction, open, end).await
}

/// Ends the session, if it is among these and its generations have not moved on.
async fn end_locked(
    transaction: &mut Transaction,
    mut open: Vec<Locked>,
    of: &SessionEnd,
) -> Result<bool, Fault> {
    let unmoved = |session: &Locked| of.seen.is_none_or(|seen| seen == session.generations);
    open.retain(unmoved);
    if open.is_empty() {
        return Ok(false);
    }
    end(transaction, &open, of.ended, of.revoke).await?;
    transaction.record(&of.event);
    Ok(true)
}

/// Ends sessions that are locked, and revokes the tokens of each; gives them.
async fn end(
    transaction: &mut Transaction,
    open: &[Locked],
    ended: Ended,
    term: RevocationTerm,
) -> Result<Vec<SessionId>, Fault> {
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = open.iter().map(|session| session.id).collect();
    sessions::end(transaction, &ids, ended).await?;
    for session in open {
        let target = RevocationTarget::Session(session.id);
        transaction.revoke(target, term, Some(session.generations.handed_out_at));
    }
    Ok(ids)
}
