//! Table `client_assertions`.

use bulla_core::{store::AssertionUse, time::Timestamp};
use tokio_postgres::types::ToSql;

use super::Columns;
use crate::store::postgres::{connection::Connection, fault::Fault};

/// Remembers it, unless it is remembered: whether it was not. Waits for whoever is about to.
pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<bool, Fault> {
    let written = connection
        .execute(
            "INSERT INTO client_assertions AS known (client, id, until) VALUES ($1, $2, $3) \
             ON CONFLICT (client, id) DO UPDATE SET until = excluded.until WHERE known.until <= $4",
            &[
                &used.client.as_str(),
                &&used.id.as_bytes()[..],
                &used.until.as_millis(),
                &used.now.as_millis(),
            ],
        )
        .await?;
    Ok(written == 1)
}

/// How many of the client are not over, no more being counted than there is room for.
pub(in crate::store::postgres) async fn count(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<u64, Fault> {
    let values: [&(dyn ToSql + Sync); 3] = [
        &used.client.as_str(),
        &used.now.as_millis(),
        &i64::from(used.room),
    ];
    let row = connection
        .row(
            "SELECT count(*) FROM \
                 (SELECT 1 FROM client_assertions WHERE client = $1 AND until > $2 LIMIT $3) AS live",
            &values,
        )
        .await?;
    row.map_or(Ok(0), |row| Columns::of(&row).count())
}

pub(in crate::store::postgres) async fn delete(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<(), Fault> {
    let sql = "DELETE FROM client_assertions WHERE client = $1 AND id = $2";
    let values: [&(dyn ToSql + Sync); 2] = [&used.client.as_str(), &&used.id.as_bytes()[..]];
    connection.execute(sql, &values).await?;
    Ok(())
}

/// Removes up to `batch` that were over before then.
pub(in crate::store::postgres) async fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<u64, Fault> {
    connection
        .execute(
            "DELETE FROM client_assertions WHERE (client, id) IN ( \
                 SELECT client, id FROM client_assertions WHERE until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[&before.as_millis(), &i64::from(batch)],
        )
        .await
}
