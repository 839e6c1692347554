use std::collections::BTreeMap;

use bulla_core::{
    account::{Account, LoginName},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    revocation::{RevocationRecord, RevocationTarget},
    session::{Ended, Session},
    time::Timestamp,
};

/// What the store holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) keys: Vec<StoredSigningKey>,
    pub(super) revocations: Vec<RevocationRecord>,
    pub(super) last_sequence: u64,
    pub(super) events: Vec<AuditEvent>,
    pub(super) unavailable: bool,
}

/// A name that another account has.
pub(super) enum Taken {
    Email,
    Username,
}

impl Tables {
    /// Which of the account's names is taken, by anybody but this one.
    pub(super) fn taken(&self, account: &Account, but: Option<&AccountId>) -> Option<Taken> {
        let others = || {
            self.accounts
                .values()
                .filter(|other| Some(&other.id) != but)
        };
        let has = |name: &LoginName| others().any(|other| is_called(other, name));
        let email = account.email.clone().map(LoginName::Email);
        let username = account.username.clone().map(LoginName::Username);
        if email.is_some_and(|name| has(&name)) {
            return Some(Taken::Email);
        }
        username
            .is_some_and(|name| has(&name))
            .then_some(Taken::Username)
    }

    /// The account's sessions, the oldest first.
    pub(super) fn sessions_of(&self, account: &AccountId) -> Vec<Session> {
        let of_account = |session: &&Session| session.account == *account;
        let mut sessions: Vec<Session> =
            self.sessions.values().filter(of_account).cloned().collect();
        sessions.sort_by_key(|session| (session.created_at, session.id));
        sessions
    }

    /// The live sessions that are too many beside a new one, the oldest first.
    pub(super) fn surplus(&self, new: &Session, cap: usize) -> Vec<SessionId> {
        let mut others = self.sessions_of(&new.account);
        others.retain(|other| {
            other.id != new.id && other.ended.is_none() && other.absolute_end > new.created_at
        });
        let surplus = (others.len() + 1).saturating_sub(cap.max(1));
        others.truncate(surplus);
        others.into_iter().map(|session| session.id).collect()
    }

    pub(super) fn end_sessions(
        &mut self,
        account: &AccountId,
        keep: Option<SessionId>,
        ended: Ended,
    ) {
        for session in self.sessions_of(account) {
            if session.ended.is_none() && Some(session.id) != keep {
                self.end(session.id, ended);
            }
        }
    }

    pub(super) fn end(&mut self, id: SessionId, ended: Ended) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.ended = Some(ended);
        }
    }

    pub(super) fn revoke(
        &mut self,
        target: RevocationTarget,
        until: Timestamp,
    ) -> RevocationRecord {
        self.last_sequence += 1;
        let record = RevocationRecord {
            sequence: self.last_sequence,
            target,
            until,
        };
        self.revocations.push(record.clone());
        record
    }
}

pub(super) fn is_called(account: &Account, name: &LoginName) -> bool {
    match name {
        LoginName::Email(email) => account
            .email
            .as_ref()
            .is_some_and(|own| own.folded() == email.folded()),
        LoginName::Username(username) => account
            .username
            .as_ref()
            .is_some_and(|own| own.folded() == username.folded()),
    }
}
