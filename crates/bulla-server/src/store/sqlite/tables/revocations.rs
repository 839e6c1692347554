//! Table `revocations`: the numbered outbox that every gateway follows.

use bulla_core::{
    ids::{AccountId, SessionId},
    revocation::{RevocationRecord, RevocationTarget},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

/// Numbers and adds a revocation. A rolled back number comes again, so that none is skipped.
pub(in crate::store::sqlite) fn append(
    connection: &Connection,
    target: RevocationTarget,
    until: Timestamp,
) -> Result<RevocationRecord, Fault> {
    let (session, subject, min_epoch) = match &target {
        RevocationTarget::Session(id) => (Some(id.as_bytes()), None, None),
        RevocationTarget::Subject { account, min_epoch } => {
            (None, Some(account.as_str()), *min_epoch)
        }
    };
    let min_epoch = min_epoch.map(stored_count).transpose()?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO revocations (session, subject, min_epoch, until) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let sequence = statement.insert(params![session, subject, min_epoch, until.as_millis()])?;
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
        "SELECT sequence, session, subject, min_epoch, until FROM revocations \
         WHERE sequence > ?1 AND until > ?2 ORDER BY sequence",
    )?;
    // No number is above the largest that can be stored.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let records = statement.query_and_then(params![after, now.as_millis()], |row| {
        read(&mut Columns::of(row))
    })?;
    records.collect()
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
    let session: Option<[u8; 16]> = columns.take()?;
    let subject = columns.optional(|text| AccountId::new(text))?;
    let unreadable = columns.unreadable();
    let min_epoch: Option<i64> = columns.take()?;
    let target = match (session, subject) {
        (Some(id), None) => RevocationTarget::Session(SessionId::from_bytes(id)),
        (None, Some(account)) => RevocationTarget::Subject {
            account,
            min_epoch: min_epoch
                .map(u64::try_from)
                .transpose()
                .map_err(|_| columns.unreadable())?,
        },
        _ => return Err(unreadable),
    };
    Ok(RevocationRecord {
        sequence,
        target,
        until: columns.time()?,
    })
}
