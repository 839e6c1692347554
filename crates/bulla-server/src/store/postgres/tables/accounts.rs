//! Table `accounts`.

use std::{collections::BTreeSet, sync::LazyLock};

use bulla_core::{
    account::{
        Account, CustomClaims, DisplayName, Email, LoginName, NameBeginning, PasswordHash, Plan,
        Role, Username,
    },
    ids::AccountId,
};
use tokio_postgres::{Row, types::ToSql};

use super::{Columns, stored_count};
use crate::store::postgres::{connection::Connection, fault::Fault};

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "accounts.id, accounts.email, accounts.username, accounts.name, accounts.password, \
     accounts.roles, accounts.plan, accounts.claims, accounts.epoch, accounts.disabled_at, accounts.created_at";

/// What an account cannot have because another has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::postgres) enum Taken {
    Identity,
    Email,
    Username,
}

/// Adds an account, unless another has its identity, one of its names, or one that looks like it. Waits for whoever is
/// about to take one of them.
pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    account: &Account,
) -> Result<Option<Taken>, Fault> {
    let inserted = connection
        .execute(
            "INSERT INTO accounts (id, email, email_folded, email_likeness, username, username_folded, \
                 username_likeness, name, password, roles, plan, claims, epoch, disabled_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING",
            &[
                &account.id.as_str(),
                &account.email.as_ref().map(Email::as_str),
                &account.email.as_ref().map(Email::folded),
                &account.email.as_ref().map(Email::likeness),
                &account.username.as_ref().map(Username::as_str),
                &account.username.as_ref().map(Username::folded),
                &account.username.as_ref().map(Username::likeness),
                &account.name.as_ref().map(DisplayName::as_str),
                &account.password.text().as_str(),
                &stored_roles(&account.roles),
                &account.plan.as_str(),
                &stored_claims(account),
                &stored_count(account.epoch)?,
                &account.disabled_at.map(|at| at.as_millis()),
                &account.created_at.as_millis(),
            ],
        )
        .await?;
    if inserted == 1 {
        return Ok(None);
    }
    // What was in the way may have gone meanwhile.
    let taken = taken(connection, account).await?;
    taken.map(Some).ok_or(Fault::Overtaken)
}

/// What another account has of this one, which is not stored.
async fn taken(connection: &Connection, account: &Account) -> Result<Option<Taken>, Fault> {
    let same_id = "SELECT 1 FROM accounts WHERE id = $1";
    if connection
        .row(same_id, &[&account.id.as_str()])
        .await?
        .is_some()
    {
        return Ok(Some(Taken::Identity));
    }
    if let Some(email) = &account.email
        && has_email(connection, email, None).await?
    {
        return Ok(Some(Taken::Email));
    }
    if let Some(username) = &account.username {
        let same_name =
            "SELECT 1 FROM accounts WHERE username_folded = $1 OR username_likeness = $2";
        let names: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
            [&username.folded(), &username.likeness()];
        if connection.row(same_name, &names).await?.is_some() {
            return Ok(Some(Taken::Username));
        }
    }
    Ok(None)
}

/// Whether an account, but this one, has the address or one that looks like it.
pub(in crate::store::postgres) async fn has_email(
    connection: &Connection,
    email: &Email,
    but: Option<&AccountId>,
) -> Result<bool, Fault> {
    let row = connection
        .row(
            "SELECT 1 FROM accounts WHERE (email_folded = $1 OR email_likeness = $2) AND id IS DISTINCT FROM $3",
            &[&email.folded(), &email.likeness(), &but.map(AccountId::as_str)],
        )
        .await?;
    Ok(row.is_some())
}

/// Replaces all but the names of an account that is locked.
pub(in crate::store::postgres) async fn update(
    connection: &Connection,
    account: &Account,
) -> Result<(), Fault> {
    connection
        .execute(
            "UPDATE accounts SET name = $2, password = $3, roles = $4, plan = $5, claims = $6, epoch = $7, \
                 disabled_at = $8 WHERE id = $1",
            &[
                &account.id.as_str(),
                &account.name.as_ref().map(DisplayName::as_str),
                &account.password.text().as_str(),
                &stored_roles(&account.roles),
                &account.plan.as_str(),
                &stored_claims(account),
                &stored_count(account.epoch)?,
                &account.disabled_at.map(|at| at.as_millis()),
            ],
        )
        .await?;
    Ok(())
}

/// Gives an account that is locked another address and epoch.
pub(in crate::store::postgres) async fn set_email(
    connection: &Connection,
    id: &AccountId,
    email: &Email,
    epoch: u64,
) -> Result<(), Fault> {
    connection
        .execute(
            "UPDATE accounts SET email = $2, email_folded = $3, email_likeness = $4, epoch = $5 WHERE id = $1",
            &[
                &id.as_str(),
                &email.as_str(),
                &email.folded(),
                &email.likeness(),
                &stored_count(epoch)?,
            ],
        )
        .await?;
    Ok(())
}

/// Removes an account that is locked. Its sessions and links go with it.
pub(in crate::store::postgres) async fn delete(
    connection: &Connection,
    id: &AccountId,
) -> Result<(), Fault> {
    let sql = "DELETE FROM accounts WHERE id = $1";
    connection.execute(sql, &[&id.as_str()]).await?;
    Ok(())
}

/// The account, which nobody else changes until the end of the transaction, and for which nobody opens a session.
pub(in crate::store::postgres) async fn locked(
    connection: &Connection,
    id: &AccountId,
) -> Result<Option<Account>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE id = $1 FOR NO KEY UPDATE"));
    one(connection, &SQL, id.as_str()).await
}

/// Whether there is such an account. If so, nothing can be added that belongs to it until the end of the transaction.
pub(in crate::store::postgres) async fn lock_whole(
    connection: &Connection,
    id: &AccountId,
) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE";
    Ok(connection.row(sql, &[&id.as_str()]).await?.is_some())
}

/// As [`locked`]: whether the account is there, may sign in, and is still at this epoch.
pub(in crate::store::postgres) async fn is_open(
    connection: &Connection,
    id: &AccountId,
    epoch: u64,
) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM accounts WHERE id = $1 AND epoch = $2 AND disabled_at IS NULL FOR NO KEY UPDATE";
    let row = connection
        .row(sql, &[&id.as_str(), &stored_count(epoch)?])
        .await?;
    Ok(row.is_some())
}

pub(in crate::store::postgres) async fn by_id(
    connection: &Connection,
    id: &AccountId,
) -> Result<Option<Account>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE id = $1"));
    one(connection, &SQL, id.as_str()).await
}

pub(in crate::store::postgres) async fn by_name(
    connection: &Connection,
    name: &LoginName,
) -> Result<Option<Account>, Fault> {
    static BY_EMAIL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE email_folded = $1"));
    static BY_USERNAME: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE username_folded = $1"));
    match name {
        LoginName::Email(email) => one(connection, &BY_EMAIL, email.folded()).await,
        LoginName::Username(username) => one(connection, &BY_USERNAME, username.folded()).await,
    }
}

pub(in crate::store::postgres) async fn page(
    connection: &Connection,
    beginning: Option<&NameBeginning>,
    after: Option<&AccountId>,
    limit: u32,
) -> Result<Vec<Account>, Fault> {
    static ALL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {COLUMNS} FROM accounts WHERE id > $1 ORDER BY id LIMIT $2")
    });
    // Each of the two columns has its index: the identities come from there.
    static NAMED: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM accounts WHERE id IN (\
                 SELECT id FROM accounts WHERE email_folded >= $3 AND email_folded < $4 UNION \
                 SELECT id FROM accounts WHERE username_folded >= $3 AND username_folded < $4) \
             AND id > $1 ORDER BY id LIMIT $2"
        )
    });
    // No identity is empty, so all of them come after the empty text.
    let after = after.map_or("", AccountId::as_str);
    let limit = i64::from(limit);
    let rows = match beginning {
        None => connection.rows(&ALL, &[&after, &limit]).await?,
        Some(beginning) => {
            let asked: [&(dyn ToSql + Sync); 4] =
                [&after, &limit, &beginning.first(), &beginning.end()];
            connection.rows(&NAMED, &asked).await?
        }
    };
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

/// Takes [`COLUMNS`].
pub(super) fn read(columns: &mut Columns<'_>) -> Result<Account, Fault> {
    Ok(Account {
        id: columns.account_id()?,
        email: columns.optional(Email::parse)?,
        username: columns.optional(Username::parse)?,
        name: columns.optional(DisplayName::parse)?,
        password: columns.parsed(PasswordHash::parse)?,
        roles: read_roles(columns)?,
        plan: columns.parsed(Plan::parse)?,
        claims: CustomClaims::from_stored(columns.json()?),
        epoch: columns.count()?,
        disabled_at: columns.optional_time()?,
        created_at: columns.time()?,
    })
}

async fn one(connection: &Connection, sql: &str, key: &str) -> Result<Option<Account>, Fault> {
    let row: Option<Row> = connection.row(sql, &[&key]).await?;
    row.map(|row| read(&mut Columns::of(&row))).transpose()
}

fn read_roles(columns: &mut Columns<'_>) -> Result<BTreeSet<Role>, Fault> {
    let names: Vec<String> = columns.json()?;
    let roles: Result<_, _> = names.iter().map(|name| Role::parse(name)).collect();
    roles.map_err(|_| columns.unreadable())
}

pub(super) fn stored_roles(roles: &BTreeSet<Role>) -> String {
    let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
    serde_json::json!(names).to_string()
}

pub(super) fn stored_claims(account: &Account) -> String {
    serde_json::json!(account.claims.as_map()).to_string()
}
