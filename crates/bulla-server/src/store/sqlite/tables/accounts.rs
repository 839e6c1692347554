//! Table `accounts`.

use std::{collections::BTreeSet, sync::LazyLock};

use bulla_core::{
    account::{
        Account, CustomClaims, DisplayName, Email, LoginName, NameBeginning, PasswordHash, Plan,
        Role, Username,
    },
    ids::AccountId,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "accounts.id, accounts.email, accounts.username, accounts.name, accounts.password, \
     accounts.roles, accounts.plan, accounts.claims, accounts.epoch, accounts.disabled_at, accounts.created_at";

/// What an account cannot have because another has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::sqlite) enum Taken {
    Identity,
    Email,
    Username,
}

/// What another account has of this one, which is not stored yet, or has one that looks like it, if anything. Within a
/// transaction of the one writer the answer stays true until its end.
pub(in crate::store::sqlite) fn taken(
    connection: &Connection,
    account: &Account,
) -> Result<Option<Taken>, Fault> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM accounts WHERE id = ?1")?;
    if statement.exists([account.id.as_str()])? {
        return Ok(Some(Taken::Identity));
    }
    name_taken(connection, account)
}

/// As [`taken`], of an account whose identity no other has.
pub(in crate::store::sqlite) fn name_taken(
    connection: &Connection,
    account: &Account,
) -> Result<Option<Taken>, Fault> {
    if let Some(email) = &account.email
        && has_email(connection, email, None)?
    {
        return Ok(Some(Taken::Email));
    }
    if let Some(username) = &account.username {
        let mut statement = connection.prepare_cached(
            "SELECT 1 FROM accounts WHERE username_folded = ?1 OR username_likeness = ?2",
        )?;
        if statement.exists([username.folded(), &username.likeness()])? {
            return Ok(Some(Taken::Username));
        }
    }
    Ok(None)
}

/// Whether an account, but this one, has the address or one that looks like it.
pub(in crate::store::sqlite) fn has_email(
    connection: &Connection,
    email: &Email,
    but: Option<&AccountId>,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM accounts WHERE (email_folded = ?1 OR email_likeness = ?2) AND id IS NOT ?3",
    )?;
    let but = but.map(AccountId::as_str);
    Ok(statement.exists(params![email.folded(), email.likeness(), but])?)
}

pub(in crate::store::sqlite) fn insert(
    connection: &Connection,
    account: &Account,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO accounts (id, email, email_folded, email_likeness, username, username_folded, \
             username_likeness, name, password, roles, plan, claims, epoch, disabled_at, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    statement.execute(params![
        account.id.as_str(),
        account.email.as_ref().map(Email::as_str),
        account.email.as_ref().map(Email::folded),
        account.email.as_ref().map(Email::likeness),
        account.username.as_ref().map(Username::as_str),
        account.username.as_ref().map(Username::folded),
        account.username.as_ref().map(Username::likeness),
        account.name.as_ref().map(DisplayName::as_str),
        account.password.text().as_str(),
        stored_roles(&account.roles),
        account.plan.as_str(),
        stored_claims(account),
        stored_count(account.epoch)?,
        account.disabled_at.map(|at| at.as_millis()),
        account.created_at.as_millis(),
    ])?;
    Ok(())
}

/// Replaces all but the names of an account that was read in this transaction.
pub(in crate::store::sqlite) fn update(
    connection: &Connection,
    account: &Account,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE accounts SET name = ?2, password = ?3, roles = ?4, plan = ?5, claims = ?6, epoch = ?7, \
             disabled_at = ?8 WHERE id = ?1",
    )?;
    statement.execute(params![
        account.id.as_str(),
        account.name.as_ref().map(DisplayName::as_str),
        account.password.text().as_str(),
        stored_roles(&account.roles),
        account.plan.as_str(),
        stored_claims(account),
        stored_count(account.epoch)?,
        account.disabled_at.map(|at| at.as_millis()),
    ])?;
    Ok(())
}

/// Gives an account that was read in this transaction another address and epoch.
pub(in crate::store::sqlite) fn set_email(
    connection: &Connection,
    id: &AccountId,
    email: &Email,
    epoch: u64,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE accounts SET email = ?2, email_folded = ?3, email_likeness = ?4, epoch = ?5 WHERE id = ?1",
    )?;
    statement.execute(params![
        id.as_str(),
        email.as_str(),
        email.folded(),
        email.likeness(),
        stored_count(epoch)?,
    ])?;
    Ok(())
}

/// Whether there was one. Its sessions and links go with it.
pub(in crate::store::sqlite) fn delete(
    connection: &Connection,
    id: &AccountId,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached("DELETE FROM accounts WHERE id = ?1")?;
    Ok(statement.execute([id.as_str()])? == 1)
}

/// Whether the account is there, may sign in, and is still at this epoch.
pub(in crate::store::sqlite) fn is_open(
    connection: &Connection,
    id: &AccountId,
    epoch: u64,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM accounts WHERE id = ?1 AND epoch = ?2 AND disabled_at IS NULL",
    )?;
    Ok(statement.exists(params![id.as_str(), stored_count(epoch)?])?)
}

pub(in crate::store::sqlite) fn by_id(
    connection: &Connection,
    id: &AccountId,
) -> Result<Option<Account>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1"));
    one(connection, &SQL, id.as_str())
}

pub(in crate::store::sqlite) fn by_name(
    connection: &Connection,
    name: &LoginName,
) -> Result<Option<Account>, Fault> {
    static BY_EMAIL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE email_folded = ?1"));
    static BY_USERNAME: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM accounts WHERE username_folded = ?1"));
    match name {
        LoginName::Email(email) => one(connection, &BY_EMAIL, email.folded()),
        LoginName::Username(username) => one(connection, &BY_USERNAME, username.folded()),
    }
}

pub(in crate::store::sqlite) fn page(
    connection: &Connection,
    beginning: Option<&NameBeginning>,
    after: Option<&AccountId>,
    limit: u32,
) -> Result<Vec<Account>, Fault> {
    static ALL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {COLUMNS} FROM accounts WHERE id > ?1 ORDER BY id LIMIT ?2")
    });
    // Each of the two columns has its index: the identities come from there.
    static NAMED: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM accounts WHERE id IN (\
                 SELECT id FROM accounts WHERE email_folded >= ?3 AND email_folded < ?4 UNION \
                 SELECT id FROM accounts WHERE username_folded >= ?3 AND username_folded < ?4) \
             AND id > ?1 ORDER BY id LIMIT ?2"
        )
    });
    // No identity is empty, so all of them come after the empty text.
    let after = after.map_or("", AccountId::as_str);
    let read = |row: &Row<'_>| read(&mut Columns::of(row));
    match beginning {
        None => {
            let mut statement = connection.prepare_cached(&ALL)?;
            statement
                .query_and_then(params![after, limit], read)?
                .collect()
        }
        Some(beginning) => {
            let mut statement = connection.prepare_cached(&NAMED)?;
            let asked = params![after, limit, beginning.first(), beginning.end()];
            statement.query_and_then(asked, read)?.collect()
        }
    }
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

/// Fills the columns that say what a name looks like, when they are new.
pub(in crate::store::sqlite) fn fill_likenesses(connection: &Connection) -> rusqlite::Result<()> {
    let mut names = connection.prepare("SELECT id, email, username FROM accounts")?;
    let mut update = connection
        .prepare("UPDATE accounts SET email_likeness = ?2, username_likeness = ?3 WHERE id = ?1")?;
    let mut rows = names.query([])?;
    while let Some(row) = rows.next()? {
        let (id, email, username): (String, Option<String>, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        // A name that cannot be read has none; whoever reads the account says so.
        let email = email.and_then(|text| Email::parse(&text).ok());
        let username = username.and_then(|text| Username::parse(&text).ok());
        update.execute(params![
            id,
            email.as_ref().map(Email::likeness),
            username.as_ref().map(Username::likeness),
        ])?;
    }
    Ok(())
}

fn one(connection: &Connection, sql: &str, key: &str) -> Result<Option<Account>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let account = statement.query_row([key], |row| Ok(read(&mut Columns::of(row))));
    account.optional()?.transpose()
}

fn read_roles(columns: &mut Columns<'_>) -> Result<BTreeSet<Role>, Fault> {
    let names: Vec<String> = columns.json()?;
    let roles: Result<_, _> = names.iter().map(|name| Role::parse(name)).collect();
    roles.map_err(|_| columns.unreadable())
}

fn stored_roles(roles: &BTreeSet<Role>) -> String {
    let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
    serde_json::json!(names).to_string()
}

fn stored_claims(account: &Account) -> String {
    serde_json::json!(account.claims.as_map()).to_string()
}
