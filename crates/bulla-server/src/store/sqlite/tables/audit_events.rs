//! Table `audit_events`: append-only.

use std::{net::IpAddr, str::FromStr};

use bulla_core::{
    audit::{AuditEvent, AuditKind},
    ids::{AccountId, SessionId},
};
use rusqlite::{Connection, params};

use super::Columns;
use crate::store::sqlite::fault::Fault;

pub(in crate::store::sqlite) fn append(
    connection: &Connection,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let mut statement = connection
        .prepare_cached("INSERT INTO audit_events (at, kind, account, session, address) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    statement.execute(params![
        event.at.as_millis(),
        event.kind.as_str(),
        event.account.as_str(),
        event.session.as_ref().map(SessionId::as_bytes),
        event.address.as_ref().map(IpAddr::to_string),
    ])?;
    Ok(())
}

/// Up to `limit` of an account, the newest first.
pub(in crate::store::sqlite) fn of_account(
    connection: &Connection,
    account: &AccountId,
    limit: u32,
) -> Result<Vec<AuditEvent>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT at, kind, account, session, address FROM audit_events \
         WHERE account = ?1 ORDER BY at DESC, number DESC LIMIT ?2",
    )?;
    let events = statement.query_and_then(params![account.as_str(), limit], |row| {
        read(&mut Columns::of(row))
    })?;
    events.collect()
}

fn read(columns: &mut Columns<'_>) -> Result<AuditEvent, Fault> {
    Ok(AuditEvent {
        at: columns.time()?,
        kind: columns.parsed(AuditKind::from_str)?,
        account: columns.account_id()?,
        session: columns
            .take::<Option<[u8; 16]>>()?
            .map(SessionId::from_bytes),
        address: columns.address()?,
    })
}
