//! Tables `signing_keys` and `signing_key_set`, which has one row, or none before the first key.

use std::{str::FromStr, time::Duration};

use bulla_core::key::{PrivateHalf, Removal, SigningKeys, StoredSigningKey, WantedAlgorithm};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use tokio_postgres::Row;

use super::{Columns, stored_count};
use crate::store::postgres::{connection::Connection, fault::Fault};

/// Gives what [`read_all`] takes. One statement, since that reads one state of the database.
pub(in crate::store::postgres) const ALL: &str = "SELECT keyset.revision, keyset.algorithm, keyset.wanted_since, head.longest_lifetime, \
         keys.key_id, keys.algorithm, keys.created_at, keys.signs_from, keys.wrapped, keys.removed_at, keys.removal \
     FROM signing_key_set keyset CROSS JOIN revocation_head head LEFT JOIN signing_keys keys ON TRUE";

pub(in crate::store::postgres) fn read_all(rows: &[Row]) -> Result<Option<SigningKeys>, Fault> {
    let mut set = None;
    let mut keys = Vec::new();
    for row in rows {
        let mut columns = Columns::of(row);
        let revision = columns.count()?;
        let wanted = WantedAlgorithm {
            algorithm: columns.parsed(Algorithm::from_str)?,
            since: columns.time()?,
        };
        set = Some((revision, wanted, Duration::from_millis(columns.count()?)));
        keys.extend(read(&mut columns)?);
    }
    Ok(set.map(|(revision, wanted, longest)| SigningKeys::new(revision, wanted, keys, longest)))
}

/// Makes the next revision of the one that was seen. `false`: it is another one.
pub(in crate::store::postgres) async fn advance(
    connection: &Connection,
    seen: u64,
    wanted: WantedAlgorithm,
) -> Result<bool, Fault> {
    let sql = if seen == 0 {
        "INSERT INTO signing_key_set (only_row, revision, algorithm, wanted_since) VALUES (1, $1::bigint + 1, $2, $3) \
         ON CONFLICT DO NOTHING"
    } else {
        "UPDATE signing_key_set SET revision = $1::bigint + 1, algorithm = $2, wanted_since = $3 WHERE revision = $1"
    };
    let changed = connection
        .execute(
            sql,
            &[
                &stored_count(seen)?,
                &wanted.algorithm.as_str(),
                &wanted.since.as_millis(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Adds a key, or replaces the one of its ID.
pub(in crate::store::postgres) async fn put(
    connection: &Connection,
    key: &StoredSigningKey,
) -> Result<(), Fault> {
    let (wrapped, removal, removed_at) = match &key.private {
        PrivateHalf::Wrapped(wrapped) => (Some(wrapped), None, None),
        PrivateHalf::Removed(why, at) => (None, Some(why.as_str()), Some(at.as_millis())),
    };
    connection
        .execute(
            "INSERT INTO signing_keys (key_id, algorithm, created_at, signs_from, wrapped, removed_at, removal) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (key_id) DO UPDATE SET algorithm = $2, created_at = $3, signs_from = $4, wrapped = $5, \
                 removed_at = $6, removal = $7",
            &[
                &key.key_id.as_str(),
                &key.algorithm.as_str(),
                &key.created_at.as_millis(),
                &key.signs_from.map(|from| from.as_millis()),
                &wrapped,
                &removed_at,
                &removal,
            ],
        )
        .await?;
    Ok(())
}

/// The key of a row, if it has one.
fn read(columns: &mut Columns<'_>) -> Result<Option<StoredSigningKey>, Fault> {
    let Some(key_id) = columns.optional(|text| KeyId::new(text))? else {
        return Ok(None);
    };
    Ok(Some(StoredSigningKey {
        key_id,
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
    }))
}
