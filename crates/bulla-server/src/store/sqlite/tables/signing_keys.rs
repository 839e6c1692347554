//! Table `signing_keys`.

use std::str::FromStr;

use bulla_core::key::{KeyState, StoredSigningKey};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use rusqlite::{Connection, params};

use super::Columns;
use crate::store::sqlite::fault::Fault;

pub(in crate::store::sqlite) fn all(
    connection: &Connection,
) -> Result<Vec<StoredSigningKey>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT key_id, algorithm, state, wrapped, created_at FROM signing_keys ORDER BY created_at, key_id",
    )?;
    let keys = statement.query_and_then([], |row| read(&mut Columns::of(row)))?;
    keys.collect()
}

pub(in crate::store::sqlite) fn any(connection: &Connection) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM signing_keys")?
        .exists([])?)
}

pub(in crate::store::sqlite) fn insert(
    connection: &Connection,
    key: &StoredSigningKey,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO signing_keys (key_id, algorithm, state, wrapped, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    statement.execute(params![
        key.key_id.as_str(),
        key.algorithm.as_str(),
        key.state.as_str(),
        key.wrapped,
        key.created_at.as_millis(),
    ])?;
    Ok(())
}

fn read(columns: &mut Columns<'_>) -> Result<StoredSigningKey, Fault> {
    Ok(StoredSigningKey {
        key_id: columns.parsed(|text| KeyId::new(text))?,
        algorithm: columns.parsed(Algorithm::from_str)?,
        state: columns.parsed(KeyState::from_str)?,
        wrapped: columns.take()?,
        created_at: columns.time()?,
    })
}
