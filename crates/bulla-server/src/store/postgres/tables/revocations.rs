//! Tables `revocations` and `revocation_head`.

use std::time::Duration;

use bulla_core::{ids::AccountId, revocation::RevocationRecord, time::Timestamp};
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

pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    records: &[RevocationRecord],
) -> Result<(), Fault> {
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
    connection
        .execute(
            "INSERT INTO revocations (sequence, kind, key, min_epoch, until) \
             SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[])",
            &[&sequences, &kinds, &keys, &epochs, &untils],
        )
        .await?;
    Ok(())
}

/// All after `sequence`, in order.
pub(in crate::store::postgres) async fn after(
    connection: &Connection,
    sequence: u64,
) -> Result<Vec<RevocationRecord>, Fault> {
    live(connection, sequence, Timestamp::from_millis(i64::MIN)).await
}

/// Those after `sequence` that still hit something, in order.
pub(in crate::store::postgres) async fn live(
    connection: &Connection,
    sequence: u64,
    now: Timestamp,
) -> Result<Vec<RevocationRecord>, Fault> {
    // No number is above the largest that can be stored.
    let after = i64::try_from(sequence).unwrap_or(i64::MAX);
    let rows = connection
        .rows(
            "SELECT sequence, kind, key, min_epoch, until FROM revocations \
             WHERE sequence > $1 AND until > $2 ORDER BY sequence",
            &[&after, &now.as_millis()],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Until when all tokens of an identity are revoked, if they are.
pub(in crate::store::postgres) async fn of_whole_subject(
    connection: &Connection,
    account: &AccountId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let row = connection
        .row(
            "SELECT max(until) FROM revocations WHERE kind = 'sub' AND key = $1 AND min_epoch IS NULL AND until > $2",
            &[&account.as_str().as_bytes(), &now.as_millis()],
        )
        .await?;
    only(row.as_ref())?.optional_time()
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

fn only(row: Option<&Row>) -> Result<Columns<'_>, Fault> {
    let missing = || Fault::Unreadable {
        column: "only row".to_owned(),
    };
    row.map(Columns::of).ok_or_else(missing)
}

fn read(row: &Row) -> Result<RevocationRecord, Fault> {
    let mut columns = Columns::of(row);
    let sequence = columns.count()?;
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
