//! Tables `signing_keys` and `signing_key_set`, which has one row, or none before the first key.

use std::str::FromStr;

use bulla_core::key::{PrivateHalf, Removal, SigningKeys, StoredSigningKey, WantedAlgorithm};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Columns, access_lifetime, stored_count};
use crate::store::sqlite::fault::Fault;

pub(in crate::store::sqlite) fn all(connection: &Connection) -> Result<Option<SigningKeys>, Fault> {
    // One statement reads one state of the database, and three do within one transaction.
    let connection = connection.unchecked_transaction()?;
    let mut set = connection
        .prepare_cached("SELECT revision, algorithm, wanted_since FROM signing_key_set")?;
    let set = set.query_row([], |row| Ok(read_set(&mut Columns::of(row))));
    let Some(set) = set.optional()? else {
        return Ok(None);
    };
    let (revision, wanted) = set?;
    let mut keys = connection.prepare_cached(
        "SELECT key_id, algorithm, created_at, signs_from, wrapped, removed_at, removal FROM signing_keys",
    )?;
    let keys = keys.query_and_then([], |row| read(&mut Columns::of(row)))?;
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let longest = access_lifetime::longest(&connection)?;
    Ok(Some(SigningKeys::new(revision, wanted, keys, longest)))
}

/// Makes the next revision of the one that was seen. `false`: it is another one.
pub(in crate::store::sqlite) fn advance(
    connection: &Connection,
    seen: u64,
    wanted: WantedAlgorithm,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(if seen == 0 {
        "INSERT INTO signing_key_set (only_row, revision, algorithm, wanted_since) VALUES (1, ?1 + 1, ?2, ?3) \
         ON CONFLICT DO NOTHING"
    } else {
        "UPDATE signing_key_set SET revision = ?1 + 1, algorithm = ?2, wanted_since = ?3 WHERE revision = ?1"
    })?;
    let changed = statement.execute(params![
        stored_count(seen)?,
        wanted.algorithm.as_str(),
        wanted.since.as_millis(),
    ])?;
    Ok(changed == 1)
}

/// Adds a key, or replaces the one of its ID.
pub(in crate::store::sqlite) fn put(
    connection: &Connection,
    key: &StoredSigningKey,
) -> Result<(), Fault> {
    let (wrapped, removal, removed_at) = match &key.private {
        PrivateHalf::Wrapped(wrapped) => (Some(wrapped), None, None),
        PrivateHalf::Removed(why, at) => (None, Some(why.as_str()), Some(at.as_millis())),
    };
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO signing_keys (key_id, algorithm, created_at, signs_from, wrapped, removed_at, removal) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        key.key_id.as_str(),
        key.algorithm.as_str(),
        key.created_at.as_millis(),
        key.signs_from.map(|from| from.as_millis()),
        wrapped,
        removed_at,
        removal,
    ])?;
    Ok(())
}

fn read_set(columns: &mut Columns<'_>) -> Result<(u64, WantedAlgorithm), Fault> {
    let revision = columns.count()?;
    let wanted = WantedAlgorithm {
        algorithm: columns.parsed(Algorithm::from_str)?,
        since: columns.time()?,
    };
    Ok((revision, wanted))
}

fn read(columns: &mut Columns<'_>) -> Result<StoredSigningKey, Fault> {
    Ok(StoredSigningKey {
        key_id: columns.parsed(|text| KeyId::new(text))?,
        algorithm: columns.parsed(Algorithm::from_str)?,
        created_at: columns.time()?,
        signs_from: columns.optional_time()?,
        private: {
            let wrapped: Option<Vec<u8>> = columns.take()?;
            let removed_at = columns.optional_time()?;
            let why = columns.optional(Removal::from_str)?;
            match (wrapped, why.zip(removed_at)) {
                (Some(wrapped), None) => PrivateHalf::Wrapped(wrapped),
                (None, Some((why, at))) => PrivateHalf::Removed(why, at),
                _ => return Err(columns.unreadable()),
            }
        },
    })
}
