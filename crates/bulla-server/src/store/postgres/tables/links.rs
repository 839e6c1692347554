//! Table `links`.

use std::sync::LazyLock;

use bulla_core::{
    account::{DisplayName, Email, PasswordHash, Username},
    ids::AccountId,
    link::{CodeMac, Link, LinkHolder, LinkId, LinkPurpose, NewAccount},
    time::Timestamp,
};
use tokio_postgres::Row;

use super::{Columns, stored_count};
use crate::store::postgres::{connection::Connection, fault::Fault};

/// The columns that [`read`] takes, in its order.
const COLUMNS: &str = "id, purpose, account, epoch, visitor, email, username, name, password, code, created_at, expires_at";

pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    link: &Link,
) -> Result<(), Fault> {
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
    let epoch = holder.map(|holder| stored_count(holder.epoch));
    let visitor = new.and_then(|new| new.visitor.as_ref());
    let username = new.and_then(|new| new.username.as_ref());
    let name = new.and_then(|new| new.name.as_ref());
    let password = new.map(|new| new.password.text());
    connection
        .execute(
            "INSERT INTO links (id, purpose, account, epoch, visitor, email, username, name, password, code, \
                 attempts, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            &[
                &&link.id.as_bytes()[..],
                &purpose.as_str(),
                &holder.map(|holder| holder.account.as_str()),
                &epoch.transpose()?,
                &visitor.map(AccountId::as_str),
                &email.map(Email::as_str),
                &username.map(Username::as_str),
                &name.map(DisplayName::as_str),
                &password.as_ref().map(|text| text.as_str()),
                &link.code.as_ref().map(|code| &code.as_bytes()[..]),
                &i32::try_from(Link::ATTEMPTS).map_err(|_| Fault::TooLarge)?,
                &link.created_at.as_millis(),
                &link.expires_at.as_millis(),
            ],
        )
        .await?;
    Ok(())
}

pub(in crate::store::postgres) async fn by_id(
    connection: &Connection,
    id: LinkId,
) -> Result<Option<Link>, Fault> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM links WHERE id = $1"));
    one(connection, &SQL, id).await
}

/// Whether there is such a link. If so, nobody else spends it before the end of the transaction.
pub(in crate::store::postgres) async fn lock(
    connection: &Connection,
    id: LinkId,
) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM links WHERE id = $1 FOR UPDATE";
    Ok(connection.row(sql, &[&&id.as_bytes()[..]]).await?.is_some())
}

/// Takes an attempt, if there is one left.
pub(in crate::store::postgres) async fn attempt(
    connection: &Connection,
    id: LinkId,
) -> Result<Option<Link>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "UPDATE links SET attempts = attempts - 1 WHERE id = $1 AND code IS NOT NULL AND attempts > 0 \
             RETURNING {COLUMNS}"
        )
    });
    one(connection, &SQL, id).await
}

pub(in crate::store::postgres) async fn delete(
    connection: &Connection,
    id: LinkId,
) -> Result<(), Fault> {
    let sql = "DELETE FROM links WHERE id = $1";
    connection.execute(sql, &[&&id.as_bytes()[..]]).await?;
    Ok(())
}

/// Up to `limit` of an account, the newest first.
pub(in crate::store::postgres) async fn of_account(
    connection: &Connection,
    account: &AccountId,
    limit: u32,
) -> Result<Vec<Link>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM links WHERE account = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
        )
    });
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
        [&account.as_str(), &i64::from(limit)];
    let rows = connection.rows(&SQL, &values).await?;
    rows.iter().map(read).collect()
}

/// Removes up to `batch` that expired before then.
pub(in crate::store::postgres) async fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<u64, Fault> {
    connection
        .execute(
            "DELETE FROM links WHERE id IN ( \
                 SELECT id FROM links WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[&before.as_millis(), &i64::from(batch)],
        )
        .await
}

async fn one(connection: &Connection, sql: &str, id: LinkId) -> Result<Option<Link>, Fault> {
    let row = connection.row(sql, &[&&id.as_bytes()[..]]).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Link, Fault> {
    let mut columns = Columns::of(row);
    let id = LinkId::from_bytes(columns.bytes()?);
    let purpose: &str = columns.take()?;
    let unreadable = columns.unreadable();
    let account = columns.optional(|text| AccountId::new(text))?;
    let epoch = columns.optional_count()?;
    let holder = account
        .zip(epoch)
        .map(|(account, epoch)| LinkHolder { account, epoch });
    let visitor = columns.optional(|text| AccountId::new(text))?;
    let email = columns.optional(Email::parse)?;
    let username = columns.optional(Username::parse)?;
    let name = columns.optional(DisplayName::parse)?;
    let password = columns.optional(PasswordHash::parse)?;
    let purpose = match (purpose, holder, email, password) {
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
        code: columns.optional_bytes()?.map(CodeMac::from_bytes),
        created_at: columns.time()?,
        expires_at: columns.time()?,
    })
}
