//! Of a rehearsal the server keeps nothing: what a part would have made, the next one does not find there.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use bulla_core::account::{Email, Username};
use bulla_server::admin::{ImportOutcome, ImportResult, SkipReason};

use super::part::Sent;

/// The accounts that would be there by now: eight bytes for an identity, and sixteen for each of its names.
#[derive(Default)]
pub(super) struct Made {
    hasher: RandomState,
    seen: HashSet<u64>,
    /// Identities.
    without_password: HashSet<u64>,
}

impl Made {
    /// What would really have become of a user of whom the server says this.
    pub(super) fn judge(&mut self, result: ImportResult, sent: &Sent) -> ImportResult {
        let outcome = result.outcome;
        let Some(id) = result.id.as_deref().map(|id| self.key("id", id)) else {
            return result;
        };
        if outcome == ImportOutcome::Present {
            return result;
        }
        if self.seen.contains(&id) {
            if outcome == ImportOutcome::Created
                && !self.names(id, sent).any(|name| self.seen.contains(&name))
            {
                return skipped(
                    SkipReason::IdentityTaken,
                    "a record before it has the identity, and other names".to_owned(),
                );
            }
            let completed = sent.has_password && self.without_password.remove(&id);
            let outcome = match completed {
                true => ImportOutcome::PasswordAdded,
                false => ImportOutcome::Present,
            };
            return ImportResult { outcome, ..result };
        }
        if outcome == ImportOutcome::PasswordAdded {
            self.seen.insert(id);
            return result;
        }
        let email = sent
            .email
            .as_deref()
            .and_then(|text| Email::parse(text).ok());
        let email = email.map(|email| self.key("email", &email.likeness()));
        if email.is_some_and(|email| self.seen.contains(&email)) {
            return taken(SkipReason::EmailTaken, "email address");
        }
        let username = sent.username.as_deref();
        let username = username.and_then(|text| Username::parse(text).ok());
        let username = username.map(|name| self.key("username", &name.likeness()));
        if username.is_some_and(|name| self.seen.contains(&name)) {
            return taken(SkipReason::UsernameTaken, "user name");
        }
        let names: Vec<u64> = self.names(id, sent).collect();
        self.seen.extend(names);
        self.seen
            .extend([Some(id), email, username].into_iter().flatten());
        if !sent.has_password {
            self.without_password.insert(id);
        }
        result
    }

    /// The names of this identity.
    fn names(&self, id: u64, sent: &Sent) -> impl Iterator<Item = u64> {
        let email = sent.email.as_deref();
        let email = email.and_then(|text| Email::parse(text).ok());
        let email = email.map(|email| self.hasher.hash_one((id, "email", email.folded())));
        let username = sent.username.as_deref();
        let username = username.and_then(|text| Username::parse(text).ok());
        let username = username.map(|name| self.hasher.hash_one((id, "username", name.folded())));
        [email, username].into_iter().flatten()
    }

    fn key(&self, kind: &str, text: &str) -> u64 {
        self.hasher.hash_one((kind, text))
    }
}

fn taken(reason: SkipReason, what: &str) -> ImportResult {
    let detail = format!("a record before it has the {what}, or one that looks like it");
    skipped(reason, detail)
}

fn skipped(reason: SkipReason, detail: String) -> ImportResult {
    ImportResult {
        outcome: ImportOutcome::Skipped,
        id: None,
        reason: Some(reason),
        detail: Some(detail),
    }
}
