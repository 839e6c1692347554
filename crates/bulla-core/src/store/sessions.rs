//! Sessions: opened, moved on, named and ended.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account::{Account, DisplayName},
    audit::{Actor, AuditEvent, AuditKind, AuditSubject, Origin},
    ids::{AccountId, SessionId},
    revocation::RevocationTerm,
    session::{
        Device, Ended, Generations, Session, SessionCap, Sighting, refresh_token::RefreshKeyVersion,
    },
    time::Timestamp,
};

/// Sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session. With it, the session that it replaces ends, and the account's live sessions [beyond the
    /// cap](SessionCap::surplus) end and are revoked, the oldest first. `false` if the account is
    /// gone, disabled, or no longer at the epoch at which it signed in (its password was changed
    /// meanwhile).
    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError>;

    /// A session with its account, ended ones too.
    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        let found = self.session_to_refresh(id).await?;
        Ok(found.map(|found| (found.session, found.account)))
    }

    /// The same, with the version of the refresh tokens that are good at the moment at which the session is so.
    async fn session_to_refresh(
        &self,
        id: SessionId,
    ) -> Result<Option<SessionToRefresh>, StoreError>;

    /// Of which version refresh tokens are. Who makes the first one of a session reads it once the session is stored: an
    /// [end of all](Self::end_all_sessions) that comes in between ends the session too.
    async fn refresh_key_version(&self) -> Result<RefreshKeyVersion, StoreError>;

    /// Up to `limit` sessions of an account, ended ones too, the newest first.
    async fn sessions(&self, account: &AccountId, limit: u32) -> Result<Vec<Session>, StoreError>;

    /// Up to `limit` of the account's sessions that are [live](Session::is_live), the newest first.
    /// However many have ended, they are not read.
    async fn live_sessions(
        &self,
        account: &AccountId,
        now: Timestamp,
        idle: Duration,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// Moves a live session from `seen` to `next`, if its generations are still exactly `seen`, and
    /// it is changed by that or was last used on another device. `false`: somebody was faster, or
    /// the session ended; read again.
    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError>;

    /// Gives a session that has not ended another name, or none. `false` if there is none.
    async fn rename_session(
        &self,
        id: SessionId,
        name: Option<&DisplayName>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Ends a session and revokes its tokens. With `seen`, only if its generations are still those.
    /// `false` if there is no such session, it had ended before, or its generations had moved on.
    async fn end_session(&self, end: &SessionEnd) -> Result<bool, StoreError>;

    /// Ends all sessions of an account that have not ended yet, or all but one; revokes the tokens
    /// of each by a record of its own. Returns how many ended.
    async fn end_sessions(&self, end: &SessionsEnd) -> Result<u64, StoreError>;

    /// Ends all sessions that have not ended, as [`end_sessions`](Self::end_sessions) does those of one account, and raises
    /// the version of refresh tokens, so that no token from before is any more than a text, whatever becomes of the rows.
    /// Returns how many ended.
    async fn end_all_sessions(&self, end: &AllSessionsEnd) -> Result<u64, StoreError>;

    /// Moves the generations of each sighted session that has not ended as
    /// [`Generations::sighted`] says.
    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError>;
}

/// A new session for an account that exists.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// The session.
    pub session: Session,
    /// The account's epoch when its password was checked.
    pub account_epoch: u64,
    /// The end of somebody's session that this one takes the place of. It comes before the cap is looked at.
    pub replaces: Option<SessionEnd>,
    /// How many sessions the account may have beside it.
    pub cap: SessionCap,
    /// How the sessions beyond the cap end.
    pub surplus_ends: Ended,
    /// What to record for each of them, with its identity put in.
    pub surplus_event: AuditEvent,
    /// How long to remember that the tokens of the sessions that end by the cap are revoked.
    pub revoke: RevocationTerm,
    /// What to record with it.
    pub event: AuditEvent,
}

/// What there is to know of whoever presents a refresh token.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionToRefresh {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub account: Account,
    /// Of which version the session's refresh tokens are.
    pub key_version: RefreshKeyVersion,
}

/// One step of a session's generations.
#[derive(Debug, Clone)]
pub struct SessionAdvance {
    /// Which session.
    pub id: SessionId,
    /// Its generations as they were read.
    pub seen: Generations,
    /// Its generations as they shall be.
    pub next: Generations,
    /// When the request arrived.
    pub used_at: Timestamp,
    /// From where.
    pub device: Device,
    /// What to record with it.
    pub events: Vec<AuditEvent>,
}

/// The end of one session.
#[derive(Debug, Clone)]
pub struct SessionEnd {
    /// Which session.
    pub id: SessionId,
    /// If set, it ends only while its generations are exactly these.
    pub seen: Option<Generations>,
    /// How and when.
    pub ended: Ended,
    /// How long to remember that its tokens are revoked.
    pub revoke: RevocationTerm,
    /// What to record with it.
    pub event: AuditEvent,
}

/// The end of an account's sessions.
#[derive(Debug, Clone)]
pub struct SessionsEnd {
    /// Whose.
    pub account: AccountId,
    /// If set, this one goes on.
    pub keep: Option<SessionId>,
    /// How and when they end.
    pub ended: Ended,
    /// How long to remember that their tokens are revoked.
    pub revoke: RevocationTerm,
    /// What to record for each session that ends, with its identity put in.
    pub event: AuditEvent,
}

/// The end of all sessions, whosever they are.
#[derive(Debug, Clone)]
pub struct AllSessionsEnd {
    /// How and when they end.
    pub ended: Ended,
    /// How long to remember that their tokens are revoked.
    pub revoke: RevocationTerm,
    /// Who ended them.
    pub actor: Actor,
    /// From where.
    pub address: Origin,
}

impl AllSessionsEnd {
    /// What to record of the end as a whole, after those of the sessions.
    #[must_use]
    pub fn event(&self) -> AuditEvent {
        self.recorded(AuditKind::AllSessionsEnded, AuditSubject::Store)
    }

    /// What to record of one session.
    #[must_use]
    pub fn event_of(&self, account: AccountId, session: SessionId) -> AuditEvent {
        self.recorded(AuditKind::SessionEnded, account.into())
            .in_session(session)
    }

    fn recorded(&self, kind: AuditKind, subject: AuditSubject) -> AuditEvent {
        AuditEvent {
            at: self.ended.at,
            kind,
            actor: self.actor.clone(),
            subject,
            session: None,
            address: self.address,
            detail: None,
        }
    }
}
