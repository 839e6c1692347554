//! Table `audit_events`: append-only, until what is older than it is kept goes.

use bulla_core::{
    audit::{Actor, AuditEvent, AuditFilter, AuditKind, AuditRecord, AuditSubject},
    ids::{AccountId, SessionId},
    time::Timestamp,
};
use tokio_postgres::{Row, types::ToSql};

use super::{Columns, stored_count};
use crate::store::postgres::{connection::Connection, fault::Fault};

/// "Audit" as a number: of those who append, one commits after the other.
const LOCK: i64 = 0x41_7564_6974;

/// Appends events, and lets nobody else do so until the end of the transaction: so their numbers are in the order of the
/// commits, and none comes to light below one that was seen. To be the last that a transaction does.
pub(in crate::store::postgres) async fn append(
    connection: &Connection,
    events: &[AuditEvent],
) -> Result<(), Fault> {
    fn column<'a, T>(events: &'a [AuditEvent], of: impl Fn(&'a AuditEvent) -> T) -> Vec<T> {
        events.iter().map(of).collect()
    }
    let session = |event: &'_ AuditEvent| event.session.map(|id| id.as_bytes().to_vec());
    let administrator = |event: &'_ AuditEvent| {
        let id = event.actor.administrator();
        id.map(|id| id.as_str().to_owned())
    };
    connection
        .execute(
            // The lock is there before a row is made, and with it its number.
            "WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock($10)) \
             INSERT INTO audit_events (at, kind, actor, administrator, subject_kind, subject, session, address, detail) \
             SELECT event.* FROM alone CROSS JOIN unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], \
                 $6::text[], $7::bytea[], $8::text[], $9::text[]) AS event",
            &[
                &column(events, |event| event.at.as_millis()),
                &column(events, |event| event.kind.as_str()),
                &column(events, |event| event.actor.as_str()),
                &column(events, administrator),
                &column(events, |event| event.subject.kind()),
                &column(events, |event| event.subject.id()),
                &column(events, session),
                &column(events, |event| event.address.map(|address| address.to_string())),
                &column(events, |event| event.detail.as_deref()),
                &LOCK,
            ],
        )
        .await?;
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
