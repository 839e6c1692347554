//! Table `sessions`.

use std::{net::IpAddr, str::FromStr, sync::LazyLock, time::Duration};

use bulla_core::{
    account::DisplayName,
    ids::{AccountId, SessionId},
    session::{Device, EndReason, Ended, Generations, Session, SessionNonce},
    store::{SessionAdvance, SessionToRefresh},
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use super::{Columns, accounts, refresh_key, stored_count};
use crate::store::sqlite::fault::Fault;

/// The columns that [`read`] takes, in its order.
const COLUMNS: &str = "sessions.id, sessions.account, sessions.nonce, sessions.newest, sessions.handed_out_at, \
     sessions.settled, sessions.created_at, sessions.last_used_at, sessions.absolute_end, sessions.user_agent, \
     sessions.address, sessions.name, sessions.ended_at, sessions.end_reason";

pub(in crate::store::sqlite) fn insert(
    connection: &Connection,
    session: &Session,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO sessions (id, account, nonce, newest, handed_out_at, settled, created_at, last_used_at, \
             absolute_end, user_agent, address, name, ended_at, end_reason) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    statement.execute(params![
        session.id.as_bytes(),
        session.account.as_str(),
        session.nonce.0.as_slice(),
        stored_count(session.generations.newest)?,
        session.generations.handed_out_at.as_millis(),
        stored_count(session.generations.settled)?,
        session.created_at.as_millis(),
        session.last_used_at.as_millis(),
        session.absolute_end.as_millis(),
        session.device.user_agent,
        session.device.address.as_ref().map(IpAddr::to_string),
        session.name.as_ref().map(DisplayName::as_str),
        session.ended.map(|ended| ended.at.as_millis()),
        session.ended.map(|ended| ended.reason.as_str()),
    ])?;
    Ok(())
}

/// Moves a live session that is still as it was seen, if that changes it.
pub(in crate::store::sqlite) fn advance(
    connection: &Connection,
    advance: &SessionAdvance,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE sessions SET newest = ?2, handed_out_at = ?3, settled = ?4, last_used_at = ?5, user_agent = ?6, \
             address = ?7 \
         WHERE id = ?1 AND newest = ?8 AND handed_out_at = ?9 AND settled = ?10 AND ended_at IS NULL \
             AND (newest, handed_out_at, settled, user_agent, address) IS NOT (?2, ?3, ?4, ?6, ?7)",
    )?;
    let rows = statement.execute(params![
        advance.id.as_bytes(),
        stored_count(advance.next.newest)?,
        advance.next.handed_out_at.as_millis(),
        stored_count(advance.next.settled)?,
        advance.used_at.as_millis(),
        advance.device.user_agent,
        advance.device.address.as_ref().map(IpAddr::to_string),
        stored_count(advance.seen.newest)?,
        advance.seen.handed_out_at.as_millis(),
        stored_count(advance.seen.settled)?,
    ])?;
    Ok(rows == 1)
}

/// Moves a session whose generations were read in this transaction.
pub(in crate::store::sqlite) fn set_generations(
    connection: &Connection,
    id: SessionId,
    next: Generations,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE sessions SET newest = ?2, handed_out_at = ?3, settled = ?4 WHERE id = ?1",
    )?;
    statement.execute(params![
        id.as_bytes(),
        stored_count(next.newest)?,
        next.handed_out_at.as_millis(),
        stored_count(next.settled)?,
    ])?;
    Ok(())
}

/// Names a session that has not ended.
pub(in crate::store::sqlite) fn rename(
    connection: &Connection,
    id: SessionId,
    name: Option<&DisplayName>,
) -> Result<bool, Fault> {
    let mut statement = connection
        .prepare_cached("UPDATE sessions SET name = ?2 WHERE id = ?1 AND ended_at IS NULL")?;
    let rows = statement.execute(params![id.as_bytes(), name.map(DisplayName::as_str)])?;
    Ok(rows == 1)
}

/// Ends one session that has not ended.
pub(in crate::store::sqlite) fn end(
    connection: &Connection,
    id: SessionId,
    ended: Ended,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE sessions SET ended_at = ?2, end_reason = ?3 WHERE id = ?1 AND ended_at IS NULL",
    )?;
    statement.execute(params![
        id.as_bytes(),
        ended.at.as_millis(),
        ended.reason.as_str()
    ])?;
    Ok(())
}

/// The sessions of an account that have not ended, the oldest first.
pub(in crate::store::sqlite) fn not_ended(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<Session>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM sessions INDEXED BY sessions_live \
             WHERE account = ?1 AND ended_at IS NULL ORDER BY created_at, id"
        )
    });
    let mut statement = connection.prepare_cached(&SQL)?;
    let sessions =
        statement.query_and_then([account.as_str()], |row| read(&mut Columns::of(row)))?;
    sessions.collect()
}

/// All sessions that have not ended: whose each is, and when a token of it was last handed out.
pub(in crate::store::sqlite) fn all_not_ended(
    connection: &Connection,
) -> Result<Vec<(SessionId, AccountId, Timestamp)>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT id, account, handed_out_at FROM sessions WHERE ended_at IS NULL")?;
    let sessions = statement.query_and_then([], |row| {
        let mut columns = Columns::of(row);
        let id = SessionId::from_bytes(columns.take()?);
        Ok((id, columns.account_id()?, columns.time()?))
    })?;
    sessions.collect()
}

/// All sessions that have ended.
pub(in crate::store::sqlite) fn all_ended(
    connection: &Connection,
) -> Result<Vec<SessionId>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM sessions WHERE ended_at IS NOT NULL")?;
    let sessions = statement.query_and_then([], |row| {
        Ok(SessionId::from_bytes(Columns::of(row).take()?))
    })?;
    sessions.collect()
}

/// The generations of a session that has not ended.
pub(in crate::store::sqlite) fn generations(
    connection: &Connection,
    id: SessionId,
) -> Result<Option<Generations>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT newest, handed_out_at, settled FROM sessions WHERE id = ?1 AND ended_at IS NULL",
    )?;
    let generations = statement.query_row([id.as_bytes()], |row| {
        Ok(read_generations(&mut Columns::of(row)))
    });
    generations.optional()?.transpose()
}

/// The session and its account, and of which version refresh tokens are.
pub(in crate::store::sqlite) fn to_refresh(
    connection: &Connection,
    id: SessionId,
) -> Result<Option<SessionToRefresh>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let account = accounts::COLUMNS;
        format!(
            "SELECT {COLUMNS}, {account}, (SELECT version FROM refresh_key) \
             FROM sessions JOIN accounts ON accounts.id = sessions.account WHERE sessions.id = ?1"
        )
    });
    let mut statement = connection.prepare_cached(&SQL)?;
    let found = statement.query_row([id.as_bytes()], |row| {
        Ok(read_to_refresh(&mut Columns::of(row)))
    });
    found.optional()?.transpose()
}

/// When a token of the account's sessions that have not ended was last handed out.
pub(in crate::store::sqlite) fn last_hand_out(
    connection: &Connection,
    account: &AccountId,
) -> Result<Option<Timestamp>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT max(handed_out_at) FROM sessions INDEXED BY sessions_live WHERE account = ?1 AND ended_at IS NULL",
    )?;
    statement.query_row([account.as_str()], |row| {
        Ok(Columns::of(row).optional_time())
    })?
}

/// Up to `limit` of an account that are live, the newest first.
pub(in crate::store::sqlite) fn live(
    connection: &Connection,
    account: &AccountId,
    now: Timestamp,
    idle: Duration,
    limit: u32,
) -> Result<Vec<Session>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM sessions INDEXED BY sessions_live \
             WHERE account = ?1 AND ended_at IS NULL AND absolute_end > ?2 AND last_used_at > ?3 \
             ORDER BY created_at DESC, id DESC LIMIT ?4"
        )
    });
    let mut statement = connection.prepare_cached(&SQL)?;
    let (now, used_after) = (now.as_millis(), now.before(idle).as_millis());
    let sessions = statement
        .query_and_then(params![account.as_str(), now, used_after, limit], |row| {
            read(&mut Columns::of(row))
        })?;
    sessions.collect()
}

/// Up to `limit` of an account, the newest first.
pub(in crate::store::sqlite) fn of_account(
    connection: &Connection,
    account: &AccountId,
    limit: u32,
) -> Result<Vec<Session>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM sessions INDEXED BY sessions_of_account WHERE account = ?1 \
             ORDER BY created_at DESC, id DESC LIMIT ?2"
        )
    });
    let mut statement = connection.prepare_cached(&SQL)?;
    let sessions = statement.query_and_then(params![account.as_str(), limit], |row| {
        read(&mut Columns::of(row))
    })?;
    sessions.collect()
}

/// Removes up to `batch` that ended, or passed their absolute end, before that time.
pub(in crate::store::sqlite) fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<usize, Fault> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM sessions WHERE id IN ( \
             SELECT id FROM sessions WHERE ended_at < ?1 \
             UNION SELECT id FROM sessions WHERE absolute_end < ?1 \
             LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before.as_millis(), batch])?)
}

fn read_to_refresh(columns: &mut Columns<'_>) -> Result<SessionToRefresh, Fault> {
    Ok(SessionToRefresh {
        session: read(columns)?,
        account: accounts::read(columns)?,
        key_version: refresh_key::read(columns)?,
    })
}

fn read(columns: &mut Columns<'_>) -> Result<Session, Fault> {
    Ok(Session {
        id: SessionId::from_bytes(columns.take()?),
        account: columns.account_id()?,
        nonce: SessionNonce(Zeroizing::new(columns.take()?)),
        generations: read_generations(columns)?,
        created_at: columns.time()?,
        last_used_at: columns.time()?,
        absolute_end: columns.time()?,
        device: Device {
            user_agent: columns.take()?,
            address: columns.address()?,
        },
        name: columns.optional(DisplayName::parse)?,
        ended: read_ended(columns)?,
    })
}

fn read_generations(columns: &mut Columns<'_>) -> Result<Generations, Fault> {
    Ok(Generations {
        newest: columns.count()?,
        handed_out_at: columns.time()?,
        settled: columns.count()?,
    })
}

fn read_ended(columns: &mut Columns<'_>) -> Result<Option<Ended>, Fault> {
    let at = columns.optional_time()?;
    let reason = columns.optional(EndReason::from_str)?;
    Ok(at.zip(reason).map(|(at, reason)| Ended { at, reason }))
}
