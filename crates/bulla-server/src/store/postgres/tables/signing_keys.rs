//! Table `signing_keys`.

use std::str::FromStr;

use bulla_core::key::{KeyState, StoredSigningKey};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use tokio_postgres::Row;

use super::Columns;
use crate::store::postgres::{connection::Connection, fault::Fault};

pub(in crate::store::postgres) async fn all(
    connection: &Connection,
) -> Result<Vec<StoredSigningKey>, Fault> {
    let rows = connection
        .rows(
            "SELECT key_id, algorithm, state, wrapped, created_at FROM signing_keys ORDER BY created_at, key_id",
            &[],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Nobody else changes a key until the end of the transaction.
pub(in crate::store::postgres) async fn lock(connection: &Connection) -> Result<(), Fault> {
    connection
        .run("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
        .await
}

pub(in crate::store::postgres) async fn any(connection: &Connection) -> Result<bool, Fault> {
    let row = connection.row("SELECT 1 FROM signing_keys LIMIT 1", &[]);
    Ok(row.await?.is_some())
}

pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    key: &StoredSigningKey,
) -> Result<(), Fault> {
    connection
        .execute(
            "INSERT INTO signing_keys (key_id, algorithm, state, wrapped, created_at) VALUES ($1, $2, $3, $4, $5)",
            &[
                &key.key_id.as_str(),
                &key.algorithm.as_str(),
                &key.state.as_str(),
                &key.wrapped,
                &key.created_at.as_millis(),
            ],
        )
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<StoredSigningKey, Fault> {
    let mut columns = Columns::of(row);
    Ok(StoredSigningKey {
        key_id: columns.parsed(|text| KeyId::new(text))?,
        algorithm: columns.parsed(Algorithm::from_str)?,
        state: columns.parsed(KeyState::from_str)?,
        wrapped: columns.take()?,
        created_at: columns.time()?,
    })
}
