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
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

/// The columns that [`read`] takes, in its order.
const COLUMNS: &str = "id, name, secret, older_secret, older_ends_at, public_keys, scopes, audiences, access_lifetime, \
     epoch, disabled_at, created_at";

/// Whether a client, but this one, is called so.
pub(in crate::store::sqlite) fn is_called(
    connection: &Connection,
    name: &DisplayName,
    but: Option<&ClientId>,
) -> Result<bool, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM clients WHERE name = ?1 AND id IS NOT ?2")?;
    Ok(statement.exists(params![name.as_str(), but.map(ClientId::as_str)])?)
}

pub(in crate::store::sqlite) fn insert(
    connection: &Connection,
    client: &Client,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO clients (id, name, secret, older_secret, older_ends_at, public_keys, scopes, audiences, access_lifetime, \
             epoch, disabled_at, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    write(&mut statement, client)
}

/// Replaces a client that was read in this transaction.
pub(in crate::store::sqlite) fn update(
    connection: &Connection,
    client: &Client,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE clients SET name = ?2, secret = ?3, older_secret = ?4, older_ends_at = ?5, public_keys = ?6, scopes = ?7, \
             audiences = ?8, access_lifetime = ?9, epoch = ?10, disabled_at = ?11, created_at = ?12 WHERE id = ?1",
    )?;
    write(&mut statement, client)
}

/// Whether there was one.
pub(in crate::store::sqlite) fn delete(
    connection: &Connection,
    id: &ClientId,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached("DELETE FROM clients WHERE id = ?1")?;
    Ok(statement.execute([id.as_str()])? == 1)
}

pub(in crate::store::sqlite) fn by_id(
    connection: &Connection,
    id: &ClientId,
) -> Result<Option<Client>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM clients WHERE id = ?1"));
    one(connection, &SQL, id.as_str())
}

pub(in crate::store::sqlite) fn by_name(
    connection: &Connection,
    name: &DisplayName,
) -> Result<Option<Client>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM clients WHERE name = ?1"));
    one(connection, &SQL, name.as_str())
}

/// Up to `limit` in the order of their identities, those after `after`.
pub(in crate::store::sqlite) fn page(
    connection: &Connection,
    after: Option<&ClientId>,
    limit: u32,
) -> Result<Vec<Client>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {COLUMNS} FROM clients WHERE id > ?1 ORDER BY id LIMIT ?2")
    });
    let mut statement = connection.prepare_cached(&SQL)?;
    // Every identity comes after the empty text.
    let after = after.map_or("", ClientId::as_str);
    let clients =
        statement.query_and_then(params![after, limit], |row| read(&mut Columns::of(row)))?;
    clients.collect()
}

fn one(connection: &Connection, sql: &str, key: impl ToSql) -> Result<Option<Client>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let client = statement.query_row([key], |row| Ok(read(&mut Columns::of(row))));
    client.optional()?.transpose()
}

fn write(statement: &mut rusqlite::Statement<'_>, client: &Client) -> Result<(), Fault> {
    let scopes: Vec<&str> = client.scopes.iter().map(Scope::as_str).collect();
    let audiences = client.audiences.named().iter();
    let audiences: Vec<&str> = audiences.map(|audience| audience.as_str()).collect();
    let (secrets, keys) = match &client.credential {
        ClientCredential::Secrets(secrets) => (Some(secrets), None),
        ClientCredential::Keys(keys) => (None, Some(keys)),
    };
    let older = secrets.and_then(|secrets| secrets.older.as_ref());
    let lifetime = client.access_lifetime.map(AccessLifetime::as_seconds);
    statement.execute(params![
        client.id.as_str(),
        client.name.as_str(),
        secrets.map(|secrets| secrets.current.as_bytes()),
        older.map(|older| older.hash.as_bytes()),
        older.map(|older| older.ends_at.as_millis()),
        keys.map(ClientKeys::as_json),
        serde_json::json!(scopes).to_string(),
        serde_json::json!(audiences).to_string(),
        lifetime.map(stored_count).transpose()?,
        stored_count(client.epoch)?,
        client.disabled_at.map(Timestamp::as_millis),
        client.created_at.as_millis(),
    ])?;
    Ok(())
}

fn read(columns: &mut Columns<'_>) -> Result<Client, Fault> {
    Ok(Client {
        id: columns.parsed(|text| ClientId::new(text))?,
        name: columns.parsed(DisplayName::parse)?,
        credential: read_credential(columns)?,
        scopes: read_scopes(columns)?,
        audiences: read_audiences(columns)?,
        access_lifetime: read_lifetime(columns)?,
        epoch: columns.count()?,
        disabled_at: columns.optional_time()?,
        created_at: columns.time()?,
    })
}

fn read_credential(columns: &mut Columns<'_>) -> Result<ClientCredential, Fault> {
    let current: Option<[u8; 32]> = columns.take()?;
    let hash: Option<[u8; 32]> = columns.take()?;
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
    let seconds: Option<i64> = columns.take()?;
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    let seconds = u64::try_from(seconds).ok();
    let lifetime = seconds.and_then(|seconds| AccessLifetime::from_seconds(seconds).ok());
    lifetime.map(Some).ok_or_else(|| columns.unreadable())
}
