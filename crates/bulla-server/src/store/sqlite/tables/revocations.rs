//! Table `revocations`: the numbered outbox that every gateway follows.

use bulla_core::{
    ids::{AccountId, ClientId, SessionId, Subject, TokenId},
    revocation::{RevocationRecord, RevocationTarget},
    time::Timestamp,
};
use bulla_jose::jwk::KeyId;
use rusqlite::{Connection, params};

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

/// What kinds of targets are called, on the wire too.
const TOKEN: &str = "jti";
const SESSION: &str = "sid";
const SUBJECT: &str = "sub";
const CLIENT: &str = "client";
const KEY: &str = "kid";

/// Numbers and adds a revocation. A rolled back number comes again, so that none is skipped.
pub(in crate::store::sqlite) fn append(
    connection: &Connection,
    target: RevocationTarget,
    until: Timestamp,
) -> Result<RevocationRecord, Fault> {
    let (kind, key, min_epoch) = match &target {
        RevocationTarget::Session(id) => (SESSION, &id.as_bytes()[..], None),
        RevocationTarget::Subject { subject, min_epoch } => {
            (SUBJECT, subject.as_str().as_bytes(), *min_epoch)
        }
        RevocationTarget::Token(id) => (TOKEN, id.as_str().as_bytes(), None),
        RevocationTarget::Client(id) => (CLIENT, id.as_str().as_bytes(), None),
        RevocationTarget::Key(id) => (KEY, id.as_str().as_bytes(), None),
    };
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
    let kind: String = columns.take()?;
    let unreadable_kind = columns.unreadable();
    let key: Vec<u8> = columns.take()?;
    let unreadable_key = columns.unreadable();
    let min_epoch: Option<i64> = columns.take()?;
    let min_epoch = min_epoch.map(u64::try_from).transpose();
    let min_epoch = min_epoch.map_err(|_| columns.unreadable())?;
    let target = match kind.as_str() {
        SESSION => key
            .try_into()
            .ok()
            .map(|id| RevocationTarget::Session(SessionId::from_bytes(id))),
        SUBJECT => text(key)
            .and_then(|id| Subject::new(id).ok())
            .map(|subject| RevocationTarget::Subject { subject, min_epoch }),
        TOKEN => text(key)
            .and_then(|id| TokenId::new(id).ok())
            .map(RevocationTarget::Token),
        CLIENT => text(key)
            .and_then(|id| ClientId::new(id).ok())
            .map(RevocationTarget::Client),
        KEY => text(key)
            .and_then(|id| KeyId::new(id).ok())
            .map(RevocationTarget::Key),
        _ => return Err(unreadable_kind),
    };
    Ok(RevocationRecord {
        sequence,
        target: target.ok_or(unreadable_key)?,
        until: columns.time()?,
    })
}

fn text(key: Vec<u8>) -> Option<String> {
    String::from_utf8(key).ok()
}
