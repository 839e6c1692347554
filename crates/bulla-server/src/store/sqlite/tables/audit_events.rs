//! Table `audit_events`: append-only, until what is older than it is kept goes.

use std::net::IpAddr;

use bulla_core::{
    audit::{Actor, AuditEvent, AuditFilter, AuditKind, AuditRecord, AuditSubject},
    ids::{AccountId, SessionId},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

pub(in crate::store::sqlite) fn append(
    connection: &Connection,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO audit_events (at, kind, actor, administrator, subject_kind, subject, session, address, detail) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    statement.execute(params![
        event.at.as_millis(),
        event.kind.as_str(),
        event.actor.as_str(),
        event.actor.administrator().map(AccountId::as_str),
        event.subject.kind(),
        event.subject.id(),
        event.session.as_ref().map(SessionId::as_bytes),
        event.address.as_ref().map(IpAddr::to_string),
        event.detail,
    ])?;
    Ok(())
}

/// Up to `limit`, the newest first.
pub(in crate::store::sqlite) fn page(
    connection: &Connection,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<AuditRecord>, Fault> {
    // Only what is asked for is in the statement: each question has its index.
    let conditions = [
        filter
            .subject
            .as_ref()
            .map(|_| "subject_kind = ?1 AND subject = ?2"),
        filter.kind.map(|_| "kind = ?3"),
        filter.administrator.as_ref().map(|_| "administrator = ?4"),
        filter.before.map(|_| "number < ?5"),
        Some("TRUE"),
    ];
    let conditions: Vec<_> = conditions.into_iter().flatten().collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT number, at, kind, actor, administrator, subject_kind, subject, session, address, detail \
         FROM audit_events WHERE {} ORDER BY number DESC LIMIT ?6",
        conditions.join(" AND ")
    ))?;
    let asked = params![
        filter.subject.as_ref().map(AuditSubject::kind),
        filter.subject.as_ref().map(AuditSubject::id),
        filter.kind.map(AuditKind::as_str),
        filter.administrator.as_ref().map(AccountId::as_str),
        filter.before.map(stored_count).transpose()?,
        limit,
    ];
    let records = statement.query_and_then(asked, |row| read(&mut Columns::of(row)))?;
    records.collect()
}

/// Removes up to `batch` from before then. From then on they are kept, by a trigger.
pub(in crate::store::sqlite) fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<usize, Fault> {
    let before = before.as_millis();
    let mut since = connection.prepare_cached("UPDATE audit_retention SET kept_since = ?1")?;
    since.execute([before])?;
    let mut statement = connection.prepare_cached(
        "DELETE FROM audit_events WHERE number IN (SELECT number FROM audit_events WHERE at < ?1 LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before, batch])?)
}

fn read(columns: &mut Columns<'_>) -> Result<AuditRecord, Fault> {
    Ok(AuditRecord {
        number: columns.count()?,
        event: AuditEvent {
            at: columns.time()?,
            kind: columns.parsed(str::parse)?,
            actor: read_actor(columns)?,
            subject: read_subject(columns)?,
            session: columns
                .take::<Option<[u8; 16]>>()?
                .map(SessionId::from_bytes),
            address: columns.address()?,
            detail: columns.take()?,
        },
    })
}

fn read_subject(columns: &mut Columns<'_>) -> Result<AuditSubject, Fault> {
    let kind: String = columns.take()?;
    columns.parsed(|id| AuditSubject::read(&kind, id))
}

fn read_actor(columns: &mut Columns<'_>) -> Result<Actor, Fault> {
    let name: String = columns.take()?;
    let administrator = columns.optional(|text| AccountId::new(text))?;
    Actor::read(&name, administrator).map_err(|_| columns.unreadable())
}
