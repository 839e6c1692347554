//! Table `audit_events`: append-only, until what is older than it is kept goes.

use std::net::IpAddr;

use bulla_core::{
    audit::{Actor, AuditEvent, AuditFilter, AuditKind, AuditRecord, AuditSubject},
    ids::{AccountId, SessionId},
    time::Timestamp,
};
use tokio_postgres::{Row, types::ToSql};

use super::{Columns, stored_count};
use crate::store::postgres::{connection::Connection, fault::Fault};

pub(in crate::store::postgres) async fn append(
    connection: &Connection,
    event: &AuditEvent,
) -> Result<(), Fault> {
    connection
        .execute(
            "INSERT INTO audit_events (at, kind, actor, administrator, subject_kind, subject, session, address, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &event.at.as_millis(),
                &event.kind.as_str(),
                &event.actor.as_str(),
                &event.actor.administrator().map(AccountId::as_str),
                &event.subject.kind(),
                &event.subject.id(),
                &event.session.as_ref().map(|id| &id.as_bytes()[..]),
                &event.address.as_ref().map(IpAddr::to_string),
                &event.detail,
            ],
        )
        .await?;
    Ok(())
}

/// As [`append`], once for each of the sessions.
pub(in crate::store::postgres) async fn append_for_each(
    connection: &Connection,
    event: &AuditEvent,
    sessions: &[SessionId],
) -> Result<(), Fault> {
    for session in sessions {
        let event = AuditEvent {
            session: Some(*session),
            ..event.clone()
        };
        append(connection, &event).await?;
    }
    Ok(())
}

/// Up to `limit`, the newest first.
pub(in crate::store::postgres) async fn page(
    connection: &Connection,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<AuditRecord>, Fault> {
    let (kind, id) = (
        filter.subject.as_ref().map(AuditSubject::kind),
        filter.subject.as_ref().map(AuditSubject::id),
    );
    let happened = filter.kind.map(AuditKind::as_str);
    let administrator = filter.administrator.as_ref().map(AccountId::as_str);
    let before = filter.before.map(stored_count).transpose()?;
    let limit = i64::from(limit);
    // Only what is asked for is in the statement: each question has its index.
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&limit];
    let mut conditions = vec!["TRUE".to_owned()];
    let mut ask = |condition: &str, value: Option<_>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
    };
    ask("subject_kind =", kind.as_ref().map(as_value));
    ask("subject =", id.as_ref().map(as_value));
    ask("kind =", happened.as_ref().map(as_value));
    ask("administrator =", administrator.as_ref().map(as_value));
    ask("number <", before.as_ref().map(as_value));
    let sql = format!(
        "SELECT number, at, kind, actor, administrator, subject_kind, subject, session, address, detail \
         FROM audit_events WHERE {} ORDER BY number DESC LIMIT $1",
        conditions.join(" AND ")
    );
    let rows = connection.rows(&sql, &values).await?;
    rows.iter().map(read).collect()
}

fn as_value<T: ToSql + Sync>(value: &T) -> &(dyn ToSql + Sync) {
    value
}

/// Removes up to `batch` from before then. From then on they are kept, by a trigger.
pub(in crate::store::postgres) async fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<u64, Fault> {
    let before = before.as_millis();
    let since = "UPDATE audit_retention SET kept_since = $1";
    connection.execute(since, &[&before]).await?;
    connection
        .execute(
            "DELETE FROM audit_events WHERE number IN (SELECT number FROM audit_events WHERE at < $1 LIMIT $2)",
            &[&before, &i64::from(batch)],
        )
        .await
}

fn read(row: &Row) -> Result<AuditRecord, Fault> {
    let mut columns = Columns::of(row);
    Ok(AuditRecord {
        number: columns.count()?,
        event: AuditEvent {
            at: columns.time()?,
            kind: columns.parsed(str::parse)?,
            actor: read_actor(&mut columns)?,
            subject: read_subject(&mut columns)?,
            session: columns.optional_bytes()?.map(SessionId::from_bytes),
            address: columns.address()?,
            detail: columns.take()?,
        },
    })
}

fn read_subject(columns: &mut Columns<'_>) -> Result<AuditSubject, Fault> {
    let kind: &str = columns.take()?;
    columns.parsed(|id| AuditSubject::read(kind, id))
}

fn read_actor(columns: &mut Columns<'_>) -> Result<Actor, Fault> {
    let name: &str = columns.take()?;
    let administrator = columns.optional(|text| AccountId::new(text))?;
    Actor::read(name, administrator).map_err(|_| columns.unreadable())
}
