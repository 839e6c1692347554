//! Tables `revocations` and `revocation_head`.

use std::{collections::HashMap, time::Duration};

use bulla_core::{account::Account, revocation::RevocationRecord, time::Timestamp};
use tokio_postgres::Row;

use super::{Columns, stored_count};
use crate::store::{
    postgres::{connection::Connection, fault::Fault},
    revocation_target,
};

/// Where issuers are told that there are new ones.
pub(in crate::store::postgres) const CHANNEL: &str = "bulla_revocations";

/// The number of the last one that is committed.
pub(in crate::store::postgres) async fn head(connection: &Connection) -> Result<u64, Fault> {
    let row = connection
        .row("SELECT sequence FROM revocation_head", &[])
        .await?;
    only(row.as_ref())?.count()
}

/// Locks the head until the end of the transaction, takes so many numbers and tells the other issuers. Gives the first
/// number, and the longest access lifetime that was ever noted.
pub(in crate::store::postgres) async fn take_numbers(
    connection: &Connection,
    count: usize,
) -> Result<(u64, Duration), Fault> {
    let count = count as u64;
    let row = connection
        .row(
            "UPDATE revocation_head SET sequence = sequence + $1 \
             RETURNING sequence, longest_lifetime, pg_notify($2, '')",
            &[&stored_count(count)?, &CHANNEL],
        )
        .await?;
    let mut columns = only(row.as_ref())?;
    let last = columns.count()?;
    let longest = Duration::from_millis(columns.count()?);
    Ok((last - count + 1, longest))
}

/// Raises the longest access lifetime, if this is longer.
pub(in crate::store::postgres) async fn note_lifetime(
    connection: &Connection,
    lifetime: Duration,
) -> Result<(), Fault> {
    let lifetime = u64::try_from(lifetime.as_millis()).map_err(|_| Fault::TooLarge)?;
    let sql = "UPDATE revocation_head SET longest_lifetime = $1 WHERE longest_lifetime < $1";
    connection.execute(sql, &[&stored_count(lifetime)?]).await?;
    Ok(())
}

/// Inserts records with the numbers that were taken. Gives the one before the first, if it is still remembered.
pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    records: &[RevocationRecord],
) -> Result<Option<RevocationRecord>, Fault> {
    let mut sequences = Vec::with_capacity(records.len());
    let mut kinds = Vec::with_capacity(records.len());
    let mut keys = Vec::with_capacity(records.len());
    let mut epochs = Vec::with_capacity(records.len());
    let mut untils = Vec::with_capacity(records.len());
    for record in records {
        let (kind, key, min_epoch) = revocation_target::stored(&record.target);
        sequences.push(stored_count(record.sequence)?);
        kinds.push(kind);
        keys.push(key);
        epochs.push(min_epoch.map(stored_count).transpose()?);
        untils.push(record.until.as_millis());
    }
    let before = sequences.first().map(|first| first - 1);
    // The head is locked: all that has a lower number is committed, and this statement sees it.
    let row = connection
        .row(
            "WITH inserted AS (INSERT INTO revocations (sequence, kind, key, min_epoch, until) \
                 SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[])) \
             SELECT sequence, kind, key, min_epoch, until FROM revocations WHERE sequence = $6",
            &[&sequences, &kinds, &keys, &epochs, &untils, &before],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// How many are read at once.
pub(in crate::store::postgres) const PAGE: usize = 10_000;

/// Up to [`PAGE`] from `sequence` on, in order.
pub(in crate::store::postgres) async fn from(
    connection: &Connection,
    sequence: u64,
) -> Result<Vec<RevocationRecord>, Fault> {
    let all = Timestamp::from_millis(i64::MIN);
    live(connection, sequence.saturating_sub(1), all).await
}

/// Up to [`PAGE`] after `sequence` that still hit something, in order.
pub(in crate::store::postgres) async fn live(
    connection: &Connection,
    sequence: u64,
    now: Timestamp,
) -> Result<Vec<RevocationRecord>, Fault> {
    // No number is above the largest that can be stored.
    let after = i64::try_from(sequence).unwrap_or(i64::MAX);
    let page = PAGE as i64;
    let rows = connection
        .rows(
            "SELECT sequence, kind, key, min_epoch, until FROM revocations \
             WHERE sequence > $1 AND until > $2 ORDER BY sequence LIMIT $3",
            &[&after, &now.as_millis(), &page],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The identities of which all tokens are revoked, and until when.
pub(in crate::store::postgres) async fn of_whole_subjects(
    connection: &Connection,
    accounts: &[&Account],
    now: Timestamp,
) -> Result<HashMap<String, Timestamp>, Fault> {
    let keys: Vec<&[u8]> = accounts
        .iter()
        .map(|account| account.id.as_str().as_bytes())
        .collect();
    let rows = connection
        .rows(
            "SELECT convert_from(key, 'UTF8'), max(until) FROM revocations \
             WHERE kind = 'sub' AND key = ANY ($1) AND min_epoch IS NULL AND until > $2 GROUP BY key",
            &[&keys, &now.as_millis()],
        )
        .await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        Ok((columns.take()?, columns.time()?))
    };
    rows.iter().map(read).collect()
}

/// Removes up to `batch` that are remembered until then or less.
pub(in crate::store::postgres) async fn purge(
    connection: &Connection,
    until: Timestamp,
    batch: u32,
) -> Result<u64, Fault> {
    connection
        .execute(
            "DELETE FROM revocations WHERE sequence IN ( \
                 SELECT sequence FROM revocations WHERE until <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[&until.as_millis(), &i64::from(batch)],
        )
        .await
}

/// How far the revocations are, the last of them if it is still remembered, and what time it is, in milliseconds.
pub(in crate::store::postgres) const LOOK: &str = "SELECT revocation_head.sequence, \
     (extract(epoch FROM clock_timestamp()) * 1000)::bigint, \
     revocations.sequence, kind, key, min_epoch, until \
     FROM revocation_head LEFT JOIN revocations ON revocations.sequence = revocation_head.sequence";

/// What [`LOOK`] gives.
pub(in crate::store::postgres) struct Look {
    pub(in crate::store::postgres) head: u64,
    pub(in crate::store::postgres) time: i64,
    pub(in crate::store::postgres) last: Option<RevocationRecord>,
}

pub(in crate::store::postgres) fn read_look(row: Option<&Row>) -> Result<Look, Fault> {
    let mut columns = only(row)?;
    let (head, time) = (columns.count()?, columns.take()?);
    let last = match columns.optional_count()? {
        Some(sequence) => Some(read_rest(sequence, &mut columns)?),
        None => None,
    };
    Ok(Look { head, time, last })
}

fn only(row: Option<&Row>) -> Result<Columns<'_>, Fault> {
    let missing = || Fault::Unreadable {
        column: "only row".to_owned(),
    };
    row.map(Columns::of).ok_or_else(missing)
}

fn read(row: &Row) -> Result<RevocationRecord, Fault> {
    let mut columns = Columns::of(row);
    let sequence = columns.count()?;
    read_rest(sequence, &mut columns)
}

fn read_rest(sequence: u64, columns: &mut Columns<'_>) -> Result<RevocationRecord, Fault> {
    let (kind, key): (&str, &[u8]) = (columns.take()?, columns.take()?);
    let target = revocation_target::read(kind, key, columns.optional_count()?);
    let unreadable = |column: &str| Fault::Unreadable {
        column: column.to_owned(),
    };
    Ok(RevocationRecord {
        sequence,
        target: target.map_err(unreadable)?,
        until: columns.time()?,
    })
}
