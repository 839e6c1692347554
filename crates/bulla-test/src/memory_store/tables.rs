use std::{collections::BTreeMap, time::Duration};

use bulla_core::{
    account::{Account, Email, LoginName, Username},
    audit::AuditEvent,
    client::{AssertionId, Client},
    ids::{AccountId, ClientId, SessionId},
    key::{SigningKeys, StoredSigningKey, WantedAlgorithm},
    link::{Link, LinkId},
    revocation::{RevocationRecord, RevocationTarget, RevocationTerm},
    session::{Ended, Session, refresh_token::RefreshKeyVersion},
    store::{CreateAccountError, Retention},
    time::Timestamp,
};

/// What the store holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) clients: BTreeMap<ClientId, Client>,
    /// Until when they are remembered.
    pub(super) assertions: BTreeMap<(ClientId, AssertionId), Timestamp>,
    /// With their revision, and what new ones are for.
    pub(super) keys: Option<(u64, WantedAlgorithm, Vec<StoredSigningKey>)>,
    pub(super) revocations: Vec<RevocationRecord>,
    pub(super) last_sequence: u64,
    pub(super) longest_lifetime: Duration,
    /// How often the version of refresh tokens was raised.
    pub(super) refresh_key_raised: u32,
    pub(super) events: Vec<AuditEvent>,
    /// With the attempts that are left.
    pub(super) links: BTreeMap<LinkId, (Link, u32)>,
    pub(super) unavailable: bool,
}

impl Tables {
    pub(super) fn signing_keys(&self) -> Option<SigningKeys> {
        let (revision, wanted, keys) = self.keys.clone()?;
        let longest = self.longest_lifetime;
        Some(SigningKeys::new(revision, wanted, keys, longest))
    }

    /// What another account has of this one.
    pub(super) fn taken(&self, account: &Account) -> Option<CreateAccountError> {
        if self.accounts.contains_key(&account.id) {
            return Some(CreateAccountError::IdentityTaken);
        }
        let (email, username) = (account.email.as_ref(), account.username.as_ref());
        if email.is_some_and(|email| self.has_email(email, None)) {
            return Some(CreateAccountError::EmailTaken);
        }
        username
            .is_some_and(|name| self.has_username(name))
            .then_some(CreateAccountError::UsernameTaken)
    }

    /// Whether an account, but this one, has the address or one that looks like it.
    pub(super) fn has_email(&self, email: &Email, but: Option<&AccountId>) -> bool {
        self.accounts.values().any(|other| {
            Some(&other.id) != but
                && other.email.as_ref().is_some_and(|own| {
                    own.folded() == email.folded() || own.likeness() == email.likeness()
                })
        })
    }

    fn has_username(&self, name: &Username) -> bool {
        self.accounts.values().any(|other| {
            other.username.as_ref().is_some_and(|own| {
                own.folded() == name.folded() || own.likeness() == name.likeness()
            })
        })
    }

    /// The account's sessions, the oldest first.
    pub(super) fn sessions_of(&self, account: &AccountId) -> Vec<Session> {
        let of_account = |session: &&Session| session.account == *account;
        let mut sessions: Vec<Session> =
            self.sessions.values().filter(of_account).cloned().collect();
        sessions.sort_by_key(|session| (session.created_at, session.id));
        sessions
    }

    /// When a token of the account's sessions that have not ended was last handed out.
    pub(super) fn last_hand_out(&self, account: &AccountId) -> Option<Timestamp> {
        let open = |session: &&Session| session.account == *account && session.ended.is_none();
        let sessions = self.sessions.values().filter(open);
        sessions
            .map(|session| session.generations.handed_out_at)
            .max()
    }

    /// When a token of the session was last handed out.
    pub(super) fn handed_out_at(&self, id: SessionId) -> Option<Timestamp> {
        let session = self.sessions.get(&id);
        session.map(|session| session.generations.handed_out_at)
    }

    /// Of which version refresh tokens are.
    pub(super) const fn refresh_key_version(&self) -> RefreshKeyVersion {
        RefreshKeyVersion::new(RefreshKeyVersion::FIRST.number() + self.refresh_key_raised)
    }

    /// Ends those of the account's sessions that have not ended, but one; gives them, the oldest first.
    pub(super) fn end_all(
        &mut self,
        account: &AccountId,
        keep: Option<SessionId>,
        ended: Ended,
    ) -> Vec<SessionId> {
        let mut sessions = self.sessions_of(account);
        sessions.retain(|session| session.ended.is_none() && Some(session.id) != keep);
        let ids: Vec<_> = sessions.into_iter().map(|session| session.id).collect();
        for id in &ids {
            self.end(*id, ended);
        }
        ids
    }

    /// Removes what no longer counts, no more than `batch` of each kind; gives how many.
    pub(super) fn purge(&mut self, retention: Retention, batch: usize) -> usize {
        let over = |session: &&Session| {
            let ended = session.ended.map_or(session.absolute_end, |ended| ended.at);
            ended.min(session.absolute_end) < retention.ended_before
        };
        let sessions = self.sessions.values().filter(over).take(batch);
        let sessions: Vec<SessionId> = sessions.map(|session| session.id).collect();
        for id in &sessions {
            self.sessions.remove(id);
        }
        let expired = |link: &&(Link, u32)| link.0.expires_at < retention.expired_before;
        let links = self.links.values().filter(expired).take(batch);
        let links: Vec<LinkId> = links.map(|(link, _)| link.id).collect();
        for id in &links {
            self.links.remove(id);
        }
        let over = self.assertions.iter();
        let over = over.filter(|(_, until)| **until < retention.expired_before);
        let assertions: Vec<_> = over.map(|(key, _)| key.clone()).take(batch).collect();
        for key in &assertions {
            self.assertions.remove(key);
        }
        let revocations = remove(&mut self.revocations, batch, |record| {
            record.until <= retention.revoked_until
        });
        let events = remove(&mut self.events, batch, |event| {
            retention
                .recorded_before
                .is_some_and(|then| event.at < then)
        });
        sessions.len() + links.len() + assertions.len() + revocations + events
    }

    pub(super) fn end(&mut self, id: SessionId, ended: Ended) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.ended = Some(ended);
        }
    }

    pub(super) fn revoke(
        &mut self,
        target: RevocationTarget,
        term: RevocationTerm,
        last_hand_out: Option<Timestamp>,
    ) -> RevocationRecord {
        self.last_sequence += 1;
        let until = term.until(last_hand_out, self.longest_lifetime);
        let record = RevocationRecord {
            sequence: self.last_sequence,
            target,
            until,
        };
        self.revocations.push(record.clone());
        record
    }
}

/// Removes the first `most` that are out of date; gives how many.
fn remove<T>(rows: &mut Vec<T>, most: usize, out_of_date: impl Fn(&T) -> bool) -> usize {
    let before = rows.len();
    let mut left = most;
    rows.retain(|row| {
        let stays = left == 0 || !out_of_date(row);
        left -= usize::from(!stays);
        stays
    });
    before - rows.len()
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
