//! Tokens that died before their time, held in memory.

mod subject;
mod table;

use bulla_jose::jwt::UnixTime;

use self::{subject::SubjectRevocation, table::Table};
use crate::principal::Principal;

/// Which tokens a record hits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// The one token with this `jti`.
    Token(String),
    /// All tokens of the session with this `sid`.
    Session(String),
    /// The tokens of this `sub`: all, or those whose `epoch` is below `min_epoch` (a token without
    /// an epoch has epoch 0).
    Subject {
        /// Claim `sub`.
        subject: String,
        /// The lowest epoch that is still good; `None` if none is.
        min_epoch: Option<u64>,
    },
    /// All tokens of the client with this `client_id`.
    Client(String),
    /// All tokens signed with the key of this `kid`.
    Key(String),
}

/// A revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRecord {
    /// Which tokens are dead.
    pub target: Target,
    /// From when on the record may be forgotten: past the end of every token it hits.
    pub until: UnixTime,
}

/// What kind of record hit a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokedBy {
    /// Its own.
    Token,
    /// Its session's.
    Session,
    /// Its subject's.
    Subject,
    /// Its client's.
    Client,
    /// Its key's.
    Key,
}

/// All live revocations of one issuer: exact, and made to be asked on every request while others
/// are added.
#[derive(Debug, Default)]
pub struct RevocationSet {
    tokens: Table<UnixTime>,
    sessions: Table<UnixTime>,
    subjects: Table<SubjectRevocation>,
    clients: Table<UnixTime>,
    keys: Table<UnixTime>,
}

impl RevocationSet {
    /// A set without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the records into effect: they count for every check that begins after the return.
    /// Their order does not matter, and a record may come twice.
    pub fn apply(&self, records: impl IntoIterator<Item = RevocationRecord>) {
        for RevocationRecord { target, until } in records {
            match target {
                Target::Token(id) => self.tokens.merge(&id, until, UnixTime::max),
                Target::Session(id) => self.sessions.merge(&id, until, UnixTime::max),
                Target::Subject { subject, min_epoch } => {
                    let revocation = SubjectRevocation::new(min_epoch, until);
                    self.subjects
                        .merge(&subject, revocation, SubjectRevocation::and);
                }
                Target::Client(id) => self.clients.merge(&id, until, UnixTime::max),
                Target::Key(id) => self.keys.merge(&id, until, UnixTime::max),
            }
        }
    }

    /// Whether, and by what kind of record, the principal's token is revoked.
    #[must_use]
    pub fn revoked_by(&self, principal: &Principal) -> Option<RevokedBy> {
        if self.key_is_revoked(principal) {
            Some(RevokedBy::Key)
        } else if holds(&self.sessions, principal.session.as_deref()) {
            Some(RevokedBy::Session)
        } else if self.hits_subject(&principal.subject, principal.epoch.unwrap_or(0)) {
            Some(RevokedBy::Subject)
        } else if holds(&self.tokens, principal.token_id.as_deref()) {
            Some(RevokedBy::Token)
        } else if holds(&self.clients, principal.client_id.as_deref()) {
            Some(RevokedBy::Client)
        } else {
            None
        }
    }

    /// Whether the key that signed the principal's token is revoked: then nothing in the token can
    /// be believed.
    #[must_use]
    pub fn key_is_revoked(&self, principal: &Principal) -> bool {
        let id = principal.key_id.as_deref();
        id.is_some_and(|id| self.hits_key(id))
    }

    /// Whether all tokens are revoked that this key has signed.
    #[must_use]
    pub fn hits_key(&self, id: &str) -> bool {
        self.keys.find(id).is_some()
    }

    /// Whether tokens of this subject and epoch are revoked.
    #[must_use]
    pub fn hits_subject(&self, subject: &str, epoch: u64) -> bool {
        let found = self.subjects.find(subject);
        found.is_some_and(|revocation| revocation.hits(epoch))
    }

    /// Forgets the records whose `until` is not after `now`. Where tokens are accepted with leeway,
    /// `now` is that much earlier. Returns how many targets are no longer held.
    pub fn prune(&self, now: UnixTime) -> usize {
        let live = |until: UnixTime| (until > now).then_some(until);
        self.tokens.retain(live)
            + self.sessions.retain(live)
            + self.subjects.retain(|revocation| revocation.after(now))
            + self.clients.retain(live)
            + self.keys.retain(live)
    }

    /// How many targets are held. Records of one target are held as one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
            + self.sessions.len()
            + self.subjects.len()
            + self.clients.len()
            + self.keys.len()
    }

    /// Whether no record is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn holds(table: &Table<UnixTime>, key: Option<&str>) -> bool {
    key.is_some_and(|key| table.find(key).is_some())
}
