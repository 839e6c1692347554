//! Table `sessions`.

use std::{net::IpAddr, str::FromStr, sync::LazyLock, time::Duration};

use bulla_core::{
    account::DisplayName,
    ids::{AccountId, SessionId},
    session::{Device, EndReason, Ended, Generations, Session, SessionNonce},
    store::{SessionAdvance, SessionToRefresh},
    time::Timestamp,
};
use tokio_postgres::Row;
use zeroize::Zeroizing;

use super::{Columns, accounts, refresh_key, stored_count};
use crate::store::postgres::{
    connection::{Connection, Values},
    fault::Fault,
};

/// The columns that [`read`] takes, in its order.
const COLUMNS: &str = "sessions.id, sessions.account, sessions.nonce, sessions.newest, sessions.handed_out_at, \
     sessions.settled, sessions.created_at, sessions.last_used_at, sessions.absolute_end, sessions.user_agent, \
     sessions.address, sessions.name, sessions.ended_at, sessions.end_reason";

pub(in crate::store::postgres) async fn insert(
    connection: &Connection,
    session: &Session,
) -> Result<(), Fault> {
    connection
        .execute(
            "INSERT INTO sessions (id, account, nonce, newest, handed_out_at, settled, created_at, last_used_at, \
                 absolute_end, user_agent, address, name, ended_at, end_reason) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            &[
                &&session.id.as_bytes()[..],
                &session.account.as_str(),
                &session.nonce.0.as_slice(),
                &stored_count(session.generations.newest)?,
                &session.generations.handed_out_at.as_millis(),
                &stored_count(session.generations.settled)?,
                &session.created_at.as_millis(),
                &session.last_used_at.as_millis(),
                &session.absolute_end.as_millis(),
                &session.device.user_agent,
                &session.device.address.as_ref().map(IpAddr::to_string),
                &session.name.as_ref().map(DisplayName::as_str),
                &session.ended.map(|ended| ended.at.as_millis()),
                &session.ended.map(|ended| ended.reason.as_str()),
            ],
        )
        .await?;
    Ok(())
}

/// Moves a live session that is still as it was seen, if that changes it.
pub(in crate::store::postgres) async fn advance(
    connection: &Connection,
    advance: &SessionAdvance,
) -> Result<bool, Fault> {
    let rows = connection
        .execute(
            "UPDATE sessions SET newest = $2, handed_out_at = $3, settled = $4, last_used_at = $5, user_agent = $6, \
                 address = $7 \
             WHERE id = $1 AND newest = $8 AND handed_out_at = $9 AND settled = $10 AND ended_at IS NULL \
                 AND (newest, handed_out_at, settled, user_agent, address) IS DISTINCT FROM ($2, $3, $4, $6, $7)",
            &[
                &&advance.id.as_bytes()[..],
                &stored_count(advance.next.newest)?,
                &advance.next.handed_out_at.as_millis(),
                &stored_count(advance.next.settled)?,
                &advance.used_at.as_millis(),
                &advance.device.user_agent,
                &advance.device.address.as_ref().map(IpAddr::to_string),
                &stored_count(advance.seen.newest)?,
                &advance.seen.handed_out_at.as_millis(),
                &stored_count(advance.seen.settled)?,
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Moves sessions that are locked.
pub(in crate::store::postgres) async fn set_generations(
    connection: &Connection,
    sessions: &[(SessionId, Generations)],
) -> Result<(), Fault> {
    let ids: Vec<&[u8]> = sessions.iter().map(|(id, _)| &id.as_bytes()[..]).collect();
    let mut newest = Vec::with_capacity(sessions.len());
    let mut handed_out_at = Vec::with_capacity(sessions.len());
    let mut settled = Vec::with_capacity(sessions.len());
    for (_, generations) in sessions {
        newest.push(stored_count(generations.newest)?);
        handed_out_at.push(generations.handed_out_at.as_millis());
        settled.push(stored_count(generations.settled)?);
    }
    connection
        .execute(
            "UPDATE sessions SET newest = moved.newest, handed_out_at = moved.handed_out_at, settled = moved.settled \
             FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[]) \
                 AS moved (id, newest, handed_out_at, settled) \
             WHERE sessions.id = moved.id",
            &[&ids, &newest, &handed_out_at, &settled],
        )
        .await?;
    Ok(())
}

/// Names a session that has not ended.
pub(in crate::store::postgres) async fn rename(
    connection: &Connection,
    id: SessionId,
    name: Option<&DisplayName>,
) -> Result<bool, Fault> {
    let sql = "UPDATE sessions SET name = $2 WHERE id = $1 AND ended_at IS NULL";
    let name = name.map(DisplayName::as_str);
    let rows = connection
        .execute(sql, &[&&id.as_bytes()[..], &name])
        .await?;
    Ok(rows == 1)
}

/// Ends sessions that are locked and have not ended.
pub(in crate::store::postgres) async fn end(
    connection: &Connection,
    sessions: &[SessionId],
    ended: Ended,
) -> Result<(), Fault> {
    let ids: Vec<&[u8]> = sessions.iter().map(|id| &id.as_bytes()[..]).collect();
    connection
        .execute(
            "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = ANY($1) AND ended_at IS NULL",
            &[&ids, &ended.at.as_millis(), &ended.reason.as_str()],
        )
        .await?;
    Ok(())
}

/// Ends all sessions that have not ended: whose each was, and when a token of it was last handed out. Until the end of the
/// transaction, none is opened or moved: whoever opened one before it ends, and whoever opens one later sees all of this.
pub(in crate::store::postgres) async fn end_all(
    connection: &Connection,
    ended: Ended,
) -> Result<Vec<(SessionId, AccountId, Timestamp)>, Fault> {
    connection
        .run("LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    let sql = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL \
         RETURNING id, account, handed_out_at";
    let values: Values<'_> = &[&ended.at.as_millis(), &ended.reason.as_str()];
    let rows = connection.rows(sql, values).await?;
    let sessions = rows.iter().map(|row| {
        let mut columns = Columns::of(row);
        let id = SessionId::from_bytes(columns.bytes()?);
        Ok((id, columns.account_id()?, columns.time()?))
    });
    sessions.collect()
}

/// The sessions of an account that have not ended, the oldest first.
pub(in crate::store::postgres) async fn not_ended(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<Session>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM sessions WHERE account = $1 AND ended_at IS NULL ORDER BY created_at, id"
        )
    });
    let rows = connection.rows(&SQL, &[&account.as_str()]).await?;
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

/// A session that is locked until the end of the transaction and had not ended before.
pub(in crate::store::postgres) struct Locked {
    pub(in crate::store::postgres) id: SessionId,
    pub(in crate::store::postgres) generations: Generations,
    created_at: Timestamp,
}

/// Locks those of the sessions that have not ended, in the order of their identities.
pub(in crate::store::postgres) async fn lock(
    connection: &Connection,
    sessions: &[SessionId],
) -> Result<Vec<Locked>, Fault> {
    let ids: Vec<&[u8]> = sessions.iter().map(|id| &id.as_bytes()[..]).collect();
    let sql = "SELECT id, newest, handed_out_at, settled, created_at FROM sessions \
         WHERE id = ANY($1) AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE";
    let rows = connection.rows(sql, &[&ids]).await?;
    rows.iter().map(read_locked).collect()
}

/// Locks the sessions of an account that have not ended, in the order of their identities; gives them, the oldest first.
pub(in crate::store::postgres) async fn lock_all(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<Locked>, Fault> {
    let sql = "SELECT id, newest, handed_out_at, settled, created_at FROM sessions \
         WHERE account = $1 AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE";
    let rows = connection.rows(sql, &[&account.as_str()]).await?;
    let locked: Result<Vec<Locked>, Fault> = rows.iter().map(read_locked).collect();
    let mut locked = locked?;
    locked.sort_by_key(|session| (session.created_at, session.id));
    Ok(locked)
}

/// The session and its account, of which version refresh tokens are, and how far the revocations were then.
pub(in crate::store::postgres) async fn to_refresh(
    connection: &Connection,
    id: SessionId,
) -> Result<Option<(SessionToRefresh, u64)>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let account = accounts::COLUMNS;
        format!(
            "SELECT {COLUMNS}, {account}, (SELECT version FROM refresh_key), (SELECT sequence FROM revocation_head) \
             FROM sessions JOIN accounts ON accounts.id = sessions.account WHERE sessions.id = $1"
        )
    });
    let row = connection.row(&SQL, &[&&id.as_bytes()[..]]).await?;
    let found = row.map(|row| {
        let mut columns = Columns::of(&row);
        let found = SessionToRefresh {
            session: read(&mut columns)?,
            account: accounts::read(&mut columns)?,
            key_version: refresh_key::read(&mut columns)?,
        };
        Ok((found, columns.count()?))
    });
    found.transpose()
}

/// Up to `limit` of an account that are live, the newest first.
pub(in crate::store::postgres) async fn live(
    connection: &Connection,
    account: &AccountId,
    now: Timestamp,
    idle: Duration,
    limit: u32,
) -> Result<Vec<Session>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM sessions \
             WHERE account = $1 AND ended_at IS NULL AND absolute_end > $2 AND last_used_at > $3 \
             ORDER BY created_at DESC, id DESC LIMIT $4"
        )
    });
    let (now, used_after) = (now.as_millis(), now.before(idle).as_millis());
    let limit = i64::from(limit);
    let rows = connection
        .rows(&SQL, &[&account.as_str(), &now, &used_after, &limit])
        .await?;
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

/// Up to `limit` of an account, the newest first.
pub(in crate::store::postgres) async fn of_account(
    connection: &Connection,
    account: &AccountId,
    limit: u32,
) -> Result<Vec<Session>, Fault> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM sessions WHERE account = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
        )
    });
    let limit = i64::from(limit);
    let rows = connection.rows(&SQL, &[&account.as_str(), &limit]).await?;
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

/// Removes up to `batch` that ended, or passed their absolute end, before that time.
pub(in crate::store::postgres) async fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<u64, Fault> {
    connection
        .execute(
            "DELETE FROM sessions WHERE id IN ( \
                 SELECT id FROM sessions WHERE ended_at < $1 OR absolute_end < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            &[&before.as_millis(), &i64::from(batch)],
        )
        .await
}

fn read(columns: &mut Columns<'_>) -> Result<Session, Fault> {
    Ok(Session {
        id: SessionId::from_bytes(columns.bytes()?),
        account: columns.account_id()?,
        nonce: SessionNonce(Zeroizing::new(columns.bytes()?)),
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

fn read_locked(row: &Row) -> Result<Locked, Fault> {
    let mut columns = Columns::of(row);
    Ok(Locked {
        id: SessionId::from_bytes(columns.bytes()?),
        generations: read_generations(&mut columns)?,
        created_at: columns.time()?,
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
