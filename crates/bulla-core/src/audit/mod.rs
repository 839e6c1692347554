//! Who did what to whom, from where: kept in the same transaction as the act.

mod actor;
mod kind;
mod subject;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use self::{actor::Actor, kind::AuditKind, subject::AuditSubject};
use crate::{
    ids::{AccountId, SessionId},
    time::Timestamp,
};

/// Where a request that changes something came from.
pub type Origin = Option<IpAddr>;

/// One line of the append-only audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When the request that caused it arrived.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// Who did it.
    pub actor: Actor,
    /// Whom or what it happened to.
    pub subject: AuditSubject,
    /// The session it happened to, if it was one.
    pub session: Option<SessionId>,
    /// Where the request came from.
    pub address: Origin,
    /// More of what happened, in words for people, which may change. It outlives the account, so it
    /// holds nothing personal.
    pub detail: Option<String>,
}

/// Which part of the audit log; what is `None` asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What happened to this one.
    pub subject: Option<AuditSubject>,
    /// What happened so.
    pub kind: Option<AuditKind>,
    /// What this administrator did.
    pub administrator: Option<AccountId>,
    /// What was recorded before the event of this number.
    pub before: Option<u64>,
}

/// An event in its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Later events have greater numbers, and no number comes again.
    pub number: u64,
    /// The event.
    pub event: AuditEvent,
}

impl AuditEvent {
    /// What the owner of an account, or a client, did to it.
    #[must_use]
    pub fn by_owner(
        kind: AuditKind,
        subject: impl Into<AuditSubject>,
        at: Timestamp,
        from: Origin,
    ) -> Self {
        Self {
            at,
            kind,
            actor: Actor::Owner,
            subject: subject.into(),
            session: None,
            address: from,
            detail: None,
        }
    }

    /// To this session, or in it.
    #[must_use]
    pub fn in_session(self, id: SessionId) -> Self {
        Self {
            session: Some(id),
            ..self
        }
    }
}

impl AuditFilter {
    /// What happened to one account.
    #[must_use]
    pub fn of_account(id: &AccountId) -> Self {
        Self {
            subject: Some(id.clone().into()),
            ..Self::default()
        }
    }

    /// Whether the record is part of it.
    #[must_use]
    pub fn accepts(&self, record: &AuditRecord) -> bool {
        let AuditRecord { number, event } = record;
        let by = |id| event.actor == Actor::Administrator(id);
        let about = |subject| event.subject == subject;
        self.subject.clone().is_none_or(about)
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.administrator.clone().is_none_or(by)
            && self.before.is_none_or(|before| *number < before)
    }
}
