//! Table `clients`.

use std::{collections::BTreeSet, sync::LazyLock};

use bulla_core::{
    account::DisplayName,
    client::{
        AccessLifetime, Audiences, Client, ClientCredential, ClientKeys, ClientSecrets,
        OlderSecret, Scope, SecretHash,
    },
    ids::ClientId,
    time::Timestamp,
};
use tokio_postgres::{Row, types::ToSql};

use super::{Columns, stored_count};
use crate::store::postgres::{connection::Connection, fault::Fault};

/// The columns that [`read`] takes, in its order.
const COLUMNS: &str = "id, name, secret, older_secret, older_ends_at, public_keys, scopes, audiences, access_lifetime, \
     epoch, disabled_at, created_at";

/// Adds a client, unless another is called so. Waits for whoever is about to be.
pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    client: &Client,
) -> Result<bool, Fault> {
    let inserted = write(
        connection,
        "INSERT INTO clients (id, name, secret, older_secret, older_ends_at, public_keys, scopes, audiences, access_lifetime, \
             epoch, disabled_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (name) DO NOTHING",
        client,
    );
    Ok(inserted.await? == 1)
}

/// Replaces a client that is locked; its name may be [taken](Fault::is_taken). Waits for whoever is about to take it.
pub(in crate::store::postgres) async fn update(
    connection: &Connection,
    client: &Client,
) -> Result<(), Fault> {
    write(
        connection,
        "UPDATE clients SET name = $2, secret = $3, older_secret = $4, older_ends_at = $5, public_keys = $6, scopes = $7, \
             audiences = $8, access_lifetime = $9, epoch = $10, disabled_at = $11, created_at = $12 WHERE id = $1",
        client,
    )
    .await?;
    Ok(())
}

/// Whether there was one.
pub(in crate::store::postgres) async fn delete(
    connection: &Connection,
    id: &ClientId,
) -> Result<bool, Fault> {
    let sql = "DELETE FROM clients WHERE id = $1";
    Ok(connection.execute(sql, &[&id.as_str()]).await? == 1)
}

pub(in crate::store::postgres) async fn by_id(
    connection: &Connection,
    id: &ClientId,
) -> Result<Option<Client>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM clients WHERE id = $1"));
    one(connection, &SQL, id.as_str()).await
}

/// The client, which nobody else changes until the end of the transaction.
pub(in crate::store::postgres) async fn locked(
    connection: &Connection,
    id: &ClientId,
) -> Result<Option<Client>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM clients WHERE id = $1 FOR NO KEY UPDATE"));
    one(connection, &SQL, id.as_str()).await
}

pub(in crate::store::postgres) async fn by_name(
    connection: &Connection,
    name: &DisplayName,
) -> Result<Option<Client>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM clients WHERE name = $1"));
    one(connection, &SQL, name.as_str()).await
}

/// Up to `limit` in the order of their identities, those after `after`.
pub(in crate::store::postgres) async fn page(
    connection: &Connection,
    after: Option<&ClientId>,
    limit: u32,
) -> Result<Vec<Client>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {COLUMNS} FROM clients WHERE id > $1 ORDER BY id LIMIT $2")
    });
    // Every identity comes after the empty text.
    let after = after.map_or("", ClientId::as_str);
    let values: [&(dyn ToSql + Sync); 2] = [&after, &i64::from(limit)];
    let rows = connection.rows(&SQL, &values).await?;
    rows.iter().map(read).collect()
}

async fn one(connection: &Connection, sql: &str, key: &str) -> Result<Option<Client>, Fault> {
    let row = connection.row(sql, &[&key]).await?;
    row.as_ref().map(read).transpose()
}

/// Runs a statement with the columns of a client for its values. Gives how many rows it wrote.
async fn write(connection: &Connection, sql: &str, client: &Client) -> Result<u64, Fault> {
    let scopes: Vec<&str> = client.scopes.iter().map(Scope::as_str).collect();
    let audiences = client.audiences.named().iter();
    let audiences: Vec<&str> = audiences.map(|audience| audience.as_str()).collect();
    let (secrets, keys) = match &client.credential {
        ClientCredential::Secrets(secrets) => (Some(secrets), None),
        ClientCredential::Keys(keys) => (None, Some(keys)),
    };
    let older = secrets.and_then(|secrets| secrets.older.as_ref());
    let lifetime = client.access_lifetime.map(AccessLifetime::as_seconds);
    connection
        .execute(
            sql,
            &[
                &client.id.as_str(),
                &client.name.as_str(),
                &secrets.map(|secrets| &secrets.current.as_bytes()[..]),
                &older.map(|older| &older.hash.as_bytes()[..]),
                &older.map(|older| older.ends_at.as_millis()),
                &keys.map(ClientKeys::as_json),
                &serde_json::json!(scopes).to_string(),
                &serde_json::json!(audiences).to_string(),
                &lifetime.map(stored_count).transpose()?,
                &stored_count(client.epoch)?,
                &client.disabled_at.map(Timestamp::as_millis),
                &client.created_at.as_millis(),
            ],
        )
        .await
}

fn read(row: &Row) -> Result<Client, Fault> {
    let mut columns = Columns::of(row);
    Ok(Client {
        id: columns.parsed(|text| ClientId::new(text))?,
        name: columns.parsed(DisplayName::parse)?,
        credential: read_credential(&mut columns)?,
        scopes: read_scopes(&mut columns)?,
        audiences: read_audiences(&mut columns)?,
        access_lifetime: read_lifetime(&mut columns)?,
        epoch: columns.count()?,
        disabled_at: columns.optional_time()?,
        created_at: columns.time()?,
    })
}

fn read_credential(columns: &mut Columns<'_>) -> Result<ClientCredential, Fault> {
    let current = columns.optional_bytes()?;
    let hash = columns.optional_bytes()?;
    let ends_at = columns.optional_time()?;
    let keys = columns.optional(ClientKeys::parse)?;
    let older = hash.zip(ends_at).map(|(hash, ends_at)| OlderSecret {
        hash: SecretHash::from_bytes(hash),
        ends_at,
    });
    match (current, keys) {
        (Some(current), None) => Ok(ClientCredential::Secrets(ClientSecrets {
            current: SecretHash::from_bytes(current),
            older,
        })),
        (None, Some(keys)) => Ok(ClientCredential::Keys(keys)),
        _ => Err(columns.unreadable()),
    }
}

fn read_scopes(columns: &mut Columns<'_>) -> Result<BTreeSet<Scope>, Fault> {
    let names: Vec<String> = columns.json()?;
    let scopes = Scope::parse_all(names.iter().map(String::as_str));
    scopes.map_err(|_| columns.unreadable())
}

fn read_audiences(columns: &mut Columns<'_>) -> Result<Audiences, Fault> {
    let names: Vec<String> = columns.json()?;
    Audiences::parse_all(&names).map_err(|_| columns.unreadable())
}

fn read_lifetime(columns: &mut Columns<'_>) -> Result<Option<AccessLifetime>, Fault> {
    let lifetime = columns.optional_count()?.map(AccessLifetime::from_seconds);
    lifetime.transpose().map_err(|_| columns.unreadable())
}
