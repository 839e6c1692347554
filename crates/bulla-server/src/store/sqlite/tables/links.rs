//! Table `links`.

use std::sync::LazyLock;

use bulla_core::{
    account::{DisplayName, Email, PasswordHash, Username},
    ids::AccountId,
    link::{CodeMac, Link, LinkHolder, LinkId, LinkPurpose, NewAccount},
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

/// The columns that [`read`] takes, in its order.
const COLUMNS: &str = "id, purpose, account, epoch, visitor, email, username, name, password, code, created_at, expires_at";

pub(in crate::store::sqlite) fn insert(connection: &Connection, link: &Link) -> Result<(), Fault> {
    let purpose = &link.purpose;
    let new = match purpose {
        LinkPurpose::Register(new) => Some(new),
        _ => None,
    };
    let email = match purpose {
        LinkPurpose::ChangeEmail(_, email) => Some(email),
        _ => new.map(|new| &new.email),
    };
    let holder = purpose.holder();
    let username = new.and_then(|new| new.username.as_ref());
    let name = new.and_then(|new| new.name.as_ref());
    let password = new.map(|new| new.password.text());
    let mut statement = connection.prepare_cached(
        "INSERT INTO links (id, purpose, account, epoch, visitor, email, username, name, password, code, \
             attempts, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    statement.execute(params![
        link.id.as_bytes(),
        purpose.as_str(),
        holder.map(|holder| holder.account.as_str()),
        holder
            .map(|holder| stored_count(holder.epoch))
            .transpose()?,
        new.and_then(|new| new.visitor.as_ref())
            .map(AccountId::as_str),
        email.map(Email::as_str),
        username.map(Username::as_str),
        name.map(DisplayName::as_str),
        password.as_ref().map(|text| text.as_str()),
        link.code.as_ref().map(CodeMac::as_bytes),
        Link::ATTEMPTS,
        link.created_at.as_millis(),
        link.expires_at.as_millis(),
    ])?;
    Ok(())
}

pub(in crate::store::sqlite) fn by_id(
    connection: &Connection,
    id: LinkId,
) -> Result<Option<Link>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM links WHERE id = ?1"));
    one(connection, &SQL, id)
}

/// Takes an attempt, if there is one left.
pub(in crate::store::sqlite) fn attempt(
    connection: &Connection,
    id: LinkId,
) -> Result<Option<Link>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "UPDATE links SET attempts = attempts - 1 WHERE id = ?1 AND code IS NOT NULL AND attempts > 0 \
             RETURNING {COLUMNS}"
        )
    });
    one(connection, &SQL, id)
}

/// Whether there was one.
pub(in crate::store::sqlite) fn delete(connection: &Connection, id: LinkId) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached("DELETE FROM links WHERE id = ?1")?;
    Ok(statement.execute([id.as_bytes()])? == 1)
}

/// Up to `limit` of an account, the newest first.
pub(in crate::store::sqlite) fn of_account(
    connection: &Connection,
    account: &AccountId,
    limit: u32,
) -> Result<Vec<Link>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM links WHERE account = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2"
        )
    });
    let mut statement = connection.prepare_cached(&SQL)?;
    let links = statement.query_and_then(params![account.as_str(), limit], |row| {
        read(&mut Columns::of(row))
    })?;
    links.collect()
}

/// Removes up to `batch` that expired before then.
pub(in crate::store::sqlite) fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<usize, Fault> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM links WHERE id IN (SELECT id FROM links WHERE expires_at < ?1 LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before.as_millis(), batch])?)
}

fn one(connection: &Connection, sql: &str, id: LinkId) -> Result<Option<Link>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let link = statement.query_row([id.as_bytes()], |row| Ok(read(&mut Columns::of(row))));
    link.optional()?.transpose()
}

fn read(columns: &mut Columns<'_>) -> Result<Link, Fault> {
    let id = LinkId::from_bytes(columns.take()?);
    let purpose: String = columns.take()?;
    let unreadable = columns.unreadable();
    let account = columns.optional(|text| AccountId::new(text))?;
    let epoch: Option<i64> = columns.take()?;
    let epoch = epoch.map(u64::try_from).transpose();
    let epoch = epoch.map_err(|_| columns.unreadable())?;
    let holder = account
        .zip(epoch)
        .map(|(account, epoch)| LinkHolder { account, epoch });
    let visitor = columns.optional(|text| AccountId::new(text))?;
    let email = columns.optional(Email::parse)?;
    let username = columns.optional(Username::parse)?;
    let name = columns.optional(DisplayName::parse)?;
    let password = columns.optional(PasswordHash::parse)?;
    let purpose = match (purpose.as_str(), holder, email, password) {
        ("register", None, Some(email), Some(password)) => LinkPurpose::Register(NewAccount {
            visitor,
            email,
            username,
            name,
            password,
        }),
        ("reset_password", Some(holder), ..) => LinkPurpose::ResetPassword(holder),
        ("change_email", Some(holder), Some(email), _) => LinkPurpose::ChangeEmail(holder, email),
        ("sign_in", Some(holder), ..) => LinkPurpose::SignIn(holder),
        _ => return Err(unreadable),
    };
    Ok(Link {
        id,
        purpose,
        code: columns.take::<Option<[u8; 32]>>()?.map(CodeMac::from_bytes),
        created_at: columns.time()?,
        expires_at: columns.time()?,
    })
}
