//! Table `revocations`: the numbered outbox that every gateway follows.

use bulla_core::{
    ids::AccountId,
    revocation::{RevocationRecord, RevocationTarget},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{Columns, stored_count};
use crate::store::{revocation_target, sqlite::fault::Fault};

/// Numbers and adds a revocation. A rolled back number comes again, so that none is skipped.
pub(in crate::store::sqlite) fn append(
    connection: &Connection,
    target: RevocationTarget,
    until: Timestamp,
) -> Result<RevocationRecord, Fault> {
    let (kind, key, min_epoch) = revocation_target::stored(&target);
    let min_epoch = min_epoch.map(stored_count).transpose()?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO revocations (kind, key, min_epoch, until) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let sequence = statement.insert(params![kind, key, min_epoch, until.as_millis()])?;
    Ok(RevocationRecord {
        sequence: u64::try_from(sequence).map_err(|_| Fault::TooLarge)?,
        target,
        until,
    })
}

/// Those after `sequence` that still hit something, in order.
pub(in crate::store::sqlite) fn live(
    connection: &Connection,
    after: u64,
    now: Timestamp,
) -> Result<Vec<RevocationRecord>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, kind, key, min_epoch, until FROM revocations \
         WHERE sequence > ?1 AND until > ?2 ORDER BY sequence",
    )?;
    // No number is above the largest that can be stored.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let records = statement.query_and_then(params![after, now.as_millis()], |row| {
        read(&mut Columns::of(row))
    })?;
    records.collect()
}

/// Until when all tokens of an identity are revoked, if they are.
pub(in crate::store::sqlite) fn of_whole_subject(
    connection: &Connection,
    account: &AccountId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT max(until) FROM revocations WHERE kind = 'sub' AND key = ?1 AND min_epoch IS NULL AND until > ?2",
    )?;
    let asked = params![account.as_str().as_bytes(), now.as_millis()];
    statement.query_row(asked, |row| Ok(Columns::of(row).optional_time()))?
}

/// Removes up to `batch` that are remembered until then or less.
pub(in crate::store::sqlite) fn purge(
    connection: &Connection,
    until: Timestamp,
    batch: u32,
) -> Result<usize, Fault> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM revocations WHERE sequence IN (SELECT sequence FROM revocations WHERE until <= ?1 LIMIT ?2)",
    )?;
    Ok(statement.execute(params![until.as_millis(), batch])?)
}

fn read(columns: &mut Columns<'_>) -> Result<RevocationRecord, Fault> {
    let sequence = columns.count()?;
    let (kind, key): (String, Vec<u8>) = (columns.take()?, columns.take()?);
    let min_epoch = columns.take::<Option<i64>>()?.map(u64::try_from);
    let min_epoch = min_epoch.transpose().map_err(|_| columns.unreadable())?;
    let target = revocation_target::read(&kind, &key, min_epoch);
    let unreadable = |column: &str| Fault::Unreadable {
        column: column.to_owned(),
    };
    Ok(RevocationRecord {
        sequence,
        target: target.map_err(unreadable)?,
        until: columns.time()?,
    })
}
