//! The transactions: what each writing method of the store does, on a connection that has one open.

use std::time::Duration;

use bulla_core::{
    account::Account,
    audit::AuditEvent,
    ids::AccountId,
    key::StoredSigningKey,
    revocation::{RevocationRecord, RevocationTarget},
    session::{EndReason, Ended, Session, Sighting},
    store::{AccountChange, EndOutcome, SessionAdvance, SessionEnd, SessionStart},
    time::Timestamp,
};
use rusqlite::Connection;

use super::{
    fault::Fault,
    tables::{accounts, accounts::Taken, audit_events, revocations, sessions, signing_keys},
};

/// The name that is taken, if one is; nothing is written then.
pub(super) fn create_account(
    connection: &Connection,
    account: &Account,
    session: Option<&Session>,
    event: &AuditEvent,
) -> Result<Option<Taken>, Fault> {
    if let Some(taken) = accounts::taken(connection, account)? {
        return Ok(Some(taken));
    }
    accounts::insert(connection, account)?;
    if let Some(session) = session {
        sessions::insert(connection, session)?;
    }
    audit_events::append(connection, event)?;
    Ok(None)
}

/// What came of changing an account.
pub(super) enum Changed {
    Done(Vec<RevocationRecord>),
    Stale,
    Taken(Taken),
}

pub(super) fn change_account(
    connection: &Connection,
    change: &AccountChange,
    event: &AuditEvent,
) -> Result<Changed, Fault> {
    let account = &change.account;
    if let Some(taken) = accounts::taken(connection, account)? {
        return Ok(Changed::Taken(taken));
    }
    if !accounts::update(connection, account)? {
        return Ok(Changed::Stale);
    }
    if let Some(ended) = change.end_sessions {
        sessions::end_all(connection, &account.id, change.keep_session, ended)?;
    }
    let mut records = Vec::new();
    if let Some(until) = change.revoke_until {
        let target = RevocationTarget::Subject {
            account: account.id.clone(),
            min_epoch: Some(account.epoch),
        };
        records.push(revocations::append(connection, target, until)?);
    }
    audit_events::append(connection, event)?;
    Ok(Changed::Done(records))
}

pub(super) fn delete_account(
    connection: &Connection,
    id: AccountId,
    revoke_until: Timestamp,
    event: &AuditEvent,
) -> Result<Option<Vec<RevocationRecord>>, Fault> {
    if !accounts::delete(connection, &id)? {
        return Ok(None);
    }
    let target = RevocationTarget::Subject {
        account: id,
        min_epoch: None,
    };
    let record = revocations::append(connection, target, revoke_until)?;
    audit_events::append(connection, event)?;
    Ok(Some(vec![record]))
}

pub(super) fn create_session(
    connection: &Connection,
    start: &SessionStart,
) -> Result<Option<Vec<RevocationRecord>>, Fault> {
    let session = &start.session;
    if !accounts::is_open(connection, &session.account, start.account_epoch)? {
        return Ok(None);
    }
    let too_many = Ended {
        at: session.created_at,
        reason: EndReason::TooMany,
    };
    let mut records = Vec::new();
    for id in sessions::beyond_cap(connection, start)? {
        sessions::end(connection, id, too_many)?;
        records.push(revocations::append(
            connection,
            RevocationTarget::Session(id),
            start.revoke_until,
        )?);
    }
    sessions::insert(connection, session)?;
    audit_events::append(connection, &start.event)?;
    Ok(Some(records))
}

pub(super) fn advance_session(
    connection: &Connection,
    advance: &SessionAdvance,
) -> Result<bool, Fault> {
    let moved = sessions::advance(connection, advance)?;
    if let (true, Some(event)) = (moved, &advance.event) {
        audit_events::append(connection, event)?;
    }
    Ok(moved)
}

pub(super) fn end_session(connection: &Connection, end: &SessionEnd) -> Result<EndOutcome, Fault> {
    let Some(generations) = sessions::live_generations(connection, end.id)? else {
        return Ok(EndOutcome::NotLive);
    };
    if end.seen.is_some_and(|seen| seen != generations) {
        return Ok(EndOutcome::Moved);
    }
    sessions::end(connection, end.id, end.ended)?;
    let record = revocations::append(
        connection,
        RevocationTarget::Session(end.id),
        end.revoke_until,
    )?;
    audit_events::append(connection, &end.event)?;
    Ok(EndOutcome::Ended(record))
}

pub(super) fn settle(
    connection: &Connection,
    sightings: &[Sighting],
    settle: Duration,
) -> Result<(), Fault> {
    sightings
        .iter()
        .try_for_each(|sighting| sessions::settle(connection, sighting, settle))
}

pub(super) fn create_first_signing_keys(
    connection: &Connection,
    keys: &[StoredSigningKey],
) -> Result<bool, Fault> {
    if signing_keys::any(connection)? {
        return Ok(false);
    }
    keys.iter()
        .try_for_each(|key| signing_keys::insert(connection, key))?;
    Ok(true)
}

pub(super) fn purge(
    connection: &Connection,
    ended_before: Timestamp,
    now: Timestamp,
    batch: u32,
) -> Result<u64, Fault> {
    let sessions = sessions::purge(connection, ended_before, batch)?;
    let revocations = revocations::purge(connection, now, batch)?;
    Ok((sessions + revocations) as u64)
}
