//! The transactions: what each writing method of the store does, on a connection that has one open.

pub(super) mod clients;
pub(super) mod imports;
pub(super) mod links;

use std::time::Duration;

use bulla_core::{
    account::{Account, DisplayName, PasswordHash},
    audit::AuditEvent,
    ids::{AccountId, SessionId, TokenId},
    revocation::{RevocationTarget, RevocationTerm},
    session::Sighting,
    store::{
        AccountCreation, AccountDecision, AccountOutcome, AllSessionsEnd, Retention,
        SessionAdvance, SessionEnd, SessionStart, SessionsEnd, SigningKeyChange,
    },
    time::Timestamp,
};
use rusqlite::Connection;

use super::{
    fault::Fault,
    tables::{
        self, accounts, accounts::Taken, audit_events, client_assertions, refresh_key, revocations,
        sessions, signing_keys,
    },
    transaction::Transaction,
};

/// What is taken, if anything is; nothing is written then.
pub(super) fn create_account(
    transaction: &mut Transaction<'_>,
    creation: &AccountCreation,
) -> Result<Option<Taken>, Fault> {
    let account = &creation.account;
    if let Some(taken) = accounts::taken(transaction, account)? {
        return Ok(Some(taken));
    }
    accounts::insert(transaction, account)?;
    if let Some(end) = &creation.replaces {
        end_session(transaction, end)?;
    }
    if let Some(session) = &creation.session {
        sessions::insert(transaction, session)?;
    }
    if let Some(end) = creation.visitor {
        let target = RevocationTarget::Subject {
            subject: (&account.id).into(),
            min_epoch: Some(account.epoch),
        };
        transaction.revoke(target, end.revoke, Some(end.handed_out_at))?;
    }
    audit_events::append(transaction, &creation.event)?;
    Ok(None)
}

pub(super) fn change_account(
    transaction: &mut Transaction<'_>,
    id: &AccountId,
    decision: AccountDecision,
) -> Result<AccountOutcome, Fault> {
    let Some(before) = accounts::by_id(transaction, id)? else {
        return Ok(AccountOutcome::NotFound);
    };
    let Some(change) = decision(&before) else {
        return Ok(AccountOutcome::Unchanged(before));
    };
    let account = change.applied_to(&before);
    accounts::update(transaction, &account)?;
    // Before the sessions end: their tokens are hit too.
    let last_hand_out = sessions::last_hand_out(transaction, id)?;
    if let Some(ended) = change.end_sessions {
        for (session, _) in all_but(transaction, id, change.keep_session)? {
            sessions::end(transaction, session, ended)?;
        }
    }
    if let Some(term) = change.revoke {
        let target = RevocationTarget::Subject {
            subject: id.into(),
            min_epoch: Some(account.epoch),
        };
        transaction.revoke(target, term, last_hand_out)?;
    }
    audit_events::append(transaction, &change.event)?;
    Ok(AccountOutcome::Changed(account))
}

pub(super) fn replace_password_hash(
    connection: &Connection,
    id: &AccountId,
    old: &PasswordHash,
    new: PasswordHash,
) -> Result<bool, Fault> {
    let found = accounts::by_id(connection, id)?;
    let Some(account) = found.filter(|account| account.password == *old) else {
        return Ok(false);
    };
    let account = Account {
        password: new,
        ..account
    };
    accounts::update(connection, &account)?;
    Ok(true)
}

pub(super) fn delete_account(
    transaction: &mut Transaction<'_>,
    id: &AccountId,
    revoke: RevocationTerm,
    event: &AuditEvent,
) -> Result<bool, Fault> {
    // Before the sessions go with it.
    let last_hand_out = sessions::last_hand_out(transaction, id)?;
    if !accounts::delete(transaction, id)? {
        return Ok(false);
    }
    let target = RevocationTarget::Subject {
        subject: id.into(),
        min_epoch: None,
    };
    transaction.revoke(target, revoke, last_hand_out)?;
    audit_events::append(transaction, event)?;
    Ok(true)
}

pub(super) fn create_session(
    transaction: &mut Transaction<'_>,
    start: &SessionStart,
) -> Result<bool, Fault> {
    let session = &start.session;
    if !accounts::is_open(transaction, &session.account, start.account_epoch)? {
        return Ok(false);
    }
    if let Some(end) = &start.replaces {
        end_session(transaction, end)?;
    }
    let others = sessions::not_ended(transaction, &session.account)?;
    for id in start.cap.surplus(&others, session.created_at) {
        sessions::end(transaction, id, start.surplus_ends)?;
        let event = AuditEvent {
            session: Some(id),
            ..start.surplus_event.clone()
        };
        audit_events::append(transaction, &event)?;
        let other = others.iter().find(|other| other.id == id);
        let handed_out_at = other.map(|other| other.generations.handed_out_at);
        transaction.revoke(RevocationTarget::Session(id), start.revoke, handed_out_at)?;
    }
    sessions::insert(transaction, session)?;
    audit_events::append(transaction, &start.event)?;
    Ok(true)
}

pub(super) fn advance_session(
    connection: &Connection,
    advance: &SessionAdvance,
) -> Result<bool, Fault> {
    let moved = sessions::advance(connection, advance)?;
    if moved {
        for event in &advance.events {
            audit_events::append(connection, event)?;
        }
    }
    Ok(moved)
}

pub(super) fn rename_session(
    connection: &Connection,
    id: SessionId,
    name: Option<&DisplayName>,
    event: &AuditEvent,
) -> Result<bool, Fault> {
    let renamed = sessions::rename(connection, id, name)?;
    if renamed {
        audit_events::append(connection, event)?;
    }
    Ok(renamed)
}

pub(super) fn end_session(
    transaction: &mut Transaction<'_>,
    end: &SessionEnd,
) -> Result<bool, Fault> {
    let Some(now) = sessions::generations(transaction, end.id)? else {
        return Ok(false);
    };
    if end.seen.is_some_and(|seen| seen != now) {
        return Ok(false);
    }
    sessions::end(transaction, end.id, end.ended)?;
    let target = RevocationTarget::Session(end.id);
    transaction.revoke(target, end.revoke, Some(now.handed_out_at))?;
    audit_events::append(transaction, &end.event)?;
    Ok(true)
}

pub(super) fn end_sessions(
    transaction: &mut Transaction<'_>,
    end: &SessionsEnd,
) -> Result<u64, Fault> {
    let mut ended = 0;
    for (id, handed_out_at) in all_but(transaction, &end.account, end.keep)? {
        sessions::end(transaction, id, end.ended)?;
        let target = RevocationTarget::Session(id);
        transaction.revoke(target, end.revoke, Some(handed_out_at))?;
        let event = AuditEvent {
            session: Some(id),
            ..end.event.clone()
        };
        audit_events::append(transaction, &event)?;
        ended += 1;
    }
    Ok(ended)
}

pub(super) fn end_all_sessions(
    transaction: &mut Transaction<'_>,
    end: &AllSessionsEnd,
) -> Result<u64, Fault> {
    let open = sessions::all_not_ended(transaction)?;
    let ended = open.len() as u64;
    for (id, account, handed_out_at) in open {
        sessions::end(transaction, id, end.ended)?;
        let target = RevocationTarget::Session(id);
        transaction.revoke(target, end.revoke, Some(handed_out_at))?;
        audit_events::append(transaction, &end.event_of(account, id))?;
    }
    refresh_key::raise(transaction)?;
    audit_events::append(transaction, &end.event())?;
    Ok(ended)
}

pub(super) fn settle(
    connection: &Connection,
    sightings: &[Sighting],
    settle: Duration,
) -> Result<(), Fault> {
    for sighting in sightings {
        let seen = sessions::generations(connection, sighting.session)?;
        if let Some(seen) = seen
            && let Some(next) = seen.sighted(sighting, settle)
        {
            sessions::set_generations(connection, sighting.session, next)?;
        }
    }
    Ok(())
}

pub(super) fn change_signing_keys(
    transaction: &mut Transaction<'_>,
    change: &SigningKeyChange,
) -> Result<bool, Fault> {
    if !signing_keys::advance(transaction, change.seen, change.wanted)? {
        return Ok(false);
    }
    for key in &change.put {
        signing_keys::put(transaction, key)?;
    }
    if let Some((key, term)) = &change.revoke {
        transaction.revoke(RevocationTarget::Key(key.clone()), *term, None)?;
    }
    for event in &change.events {
        audit_events::append(transaction, event)?;
    }
    Ok(true)
}

pub(super) fn revoke_token(
    transaction: &mut Transaction<'_>,
    id: &TokenId,
    revoke: RevocationTerm,
    event: &AuditEvent,
) -> Result<(), Fault> {
    transaction.revoke(RevocationTarget::Token(id.clone()), revoke, None)?;
    audit_events::append(transaction, event)
}

pub(super) fn purge(
    connection: &Connection,
    retention: Retention,
    batch: u32,
) -> Result<u64, Fault> {
    let sessions = sessions::purge(connection, retention.ended_before, batch)?;
    let revocations = revocations::purge(connection, retention.revoked_until, batch)?;
    let links = tables::links::purge(connection, retention.expired_before, batch)?;
    let assertions = client_assertions::purge(connection, retention.expired_before, batch)?;
    let events = match retention.recorded_before {
        Some(before) => audit_events::purge(connection, before, batch)?,
        None => 0,
    };
    Ok((sessions + revocations + links + assertions + events) as u64)
}

/// The sessions of an account that have not ended, but one, and when a token of each was last handed
/// out; the oldest first.
fn all_but(
    connection: &Connection,
    account: &AccountId,
    kept: Option<SessionId>,
) -> Result<Vec<(SessionId, Timestamp)>, Fault> {
    Ok(sessions::not_ended(connection, account)?
        .into_iter()
        .filter(|session| Some(session.id) != kept)
        .map(|session| (session.id, session.generations.handed_out_at))
        .collect())
}
