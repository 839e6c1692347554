//! What is done to accounts, by whoever calls the store and by links.

use bulla_core::{
    audit::AuditEvent,
    ids::AccountId,
    link::{Link, LinkId},
    revocation::RevocationTarget,
    session::Session,
    store::{
        AccountCreation, AccountDecision, AccountOutcome, CreateAccountError, EmailChange, LinkAct,
        LinkOutcome, SessionEnd, SessionStart,
    },
};

use super::{MemoryStore, tables::Tables};

impl Tables {
    pub(super) fn links_of(&self, account: &AccountId) -> Vec<Link> {
        let of_account = |link: &&(Link, u32)| {
            let holder = link.0.purpose.holder();
            holder.is_some_and(|holder| holder.account == *account)
        };
        let links = self.links.values().filter(of_account);
        let mut links: Vec<Link> = links.map(|(link, _)| link.clone()).collect();
        links.sort_by_key(|link| std::cmp::Reverse((link.created_at, link.id)));
        links
    }

    pub(super) fn attempt_link(&mut self, id: LinkId) -> Option<Link> {
        let (link, attempts) = self.links.get_mut(&id)?;
        link.code?;
        *attempts = attempts.checked_sub(1)?;
        Some(link.clone())
    }
}

impl MemoryStore {
    pub(super) fn create(
        &self,
        tables: &mut Tables,
        creation: &AccountCreation,
    ) -> Result<(), CreateAccountError> {
        let account = &creation.account;
        if let Some(taken) = tables.taken(account) {
            return Err(taken);
        }
        tables.accounts.insert(account.id.clone(), account.clone());
        if let Some(end) = &creation.replaces {
            self.end(tables, end);
        }
        if let Some(session) = &creation.session {
            tables.sessions.insert(session.id, session.clone());
        }
        tables.events.push(creation.event.clone());
        if let Some(end) = creation.visitor {
            let target = RevocationTarget::Subject {
                subject: (&account.id).into(),
                min_epoch: Some(account.epoch),
            };
            self.revoke(tables, target, end.revoke, Some(end.handed_out_at));
        }
        Ok(())
    }

    pub(super) fn change(
        &self,
        tables: &mut Tables,
        id: &AccountId,
        decision: AccountDecision,
    ) -> AccountOutcome {
        let Some(before) = tables.accounts.get(id).cloned() else {
            return AccountOutcome::NotFound;
        };
        let Some(change) = decision(&before) else {
            return AccountOutcome::Unchanged(before);
        };
        let account = change.applied_to(&before);
        tables.accounts.insert(id.clone(), account.clone());
        let last_hand_out = tables.last_hand_out(id);
        if let Some(ended) = change.end_sessions {
            tables.end_all(id, change.keep_session, ended);
        }
        tables.events.push(change.event);
        if let Some(term) = change.revoke {
            let target = RevocationTarget::Subject {
                subject: id.into(),
                min_epoch: Some(account.epoch),
            };
            self.revoke(tables, target, term, last_hand_out);
        }
        AccountOutcome::Changed(account)
    }

    pub(super) fn start(&self, tables: &mut Tables, start: &SessionStart) -> bool {
        let session = &start.session;
        let welcome = tables
            .accounts
            .get(&session.account)
            .is_some_and(|account| {
                account.epoch == start.account_epoch && account.disabled_at.is_none()
            });
        if !welcome {
            return false;
        }
        if let Some(end) = &start.replaces {
            self.end(tables, end);
        }
        let others = tables.sessions_of(&session.account);
        for id in start.cap.surplus(&others, session.created_at) {
            tables.end(id, start.surplus_ends);
            let session = Some(id);
            tables.events.push(AuditEvent {
                session,
                ..start.surplus_event.clone()
            });
            let handed_out_at = tables.handed_out_at(id);
            let target = RevocationTarget::Session(id);
            self.revoke(tables, target, start.revoke, handed_out_at);
        }
        tables.sessions.insert(session.id, session.clone());
        tables.events.push(start.event.clone());
        true
    }

    pub(super) fn end(&self, tables: &mut Tables, end: &SessionEnd) -> bool {
        let live = tables
            .sessions
            .get(&end.id)
            .filter(|session| session.ended.is_none());
        let unmoved = |session: &Session| end.seen.is_none_or(|seen| seen == session.generations);
        if !live.is_some_and(unmoved) {
            return false;
        }
        tables.end(end.id, end.ended);
        tables.events.push(end.event.clone());
        let target = RevocationTarget::Session(end.id);
        let handed_out_at = tables.handed_out_at(end.id);
        self.revoke(tables, target, end.revoke, handed_out_at);
        true
    }

    pub(super) fn spend(&self, tables: &mut Tables, id: LinkId, act: LinkAct) -> LinkOutcome {
        if !tables.links.contains_key(&id) {
            return LinkOutcome::NotFound;
        }
        let done = match act {
            LinkAct::CreateAccount(creation) => outcome(&self.create(tables, &creation)),
            LinkAct::ChangeAccount { account, decision } => {
                match self.change(tables, &account, decision) {
                    AccountOutcome::Changed(_) => LinkOutcome::Done,
                    AccountOutcome::NotFound | AccountOutcome::Unchanged(_) => LinkOutcome::Void,
                }
            }
            LinkAct::ChangeEmail(change) => self.change_email(tables, *change),
            LinkAct::CreateSession(start) => match self.start(tables, &start) {
                true => LinkOutcome::Done,
                false => LinkOutcome::Void,
            },
        };
        if done == LinkOutcome::Done {
            tables.links.remove(&id);
        }
        done
    }

    fn change_email(&self, tables: &mut Tables, change: EmailChange) -> LinkOutcome {
        let open = tables
            .accounts
            .get(&change.account)
            .filter(|account| account.epoch == change.epoch && account.disabled_at.is_none());
        let Some(mut account) = open.cloned() else {
            return LinkOutcome::Void;
        };
        if tables.has_email(&change.email, Some(&account.id)) {
            return LinkOutcome::EmailTaken;
        }
        account.email = Some(change.email);
        account.epoch += 1;
        let target = RevocationTarget::Subject {
            subject: (&account.id).into(),
            min_epoch: Some(account.epoch),
        };
        let last_hand_out = tables.last_hand_out(&account.id);
        tables.accounts.insert(account.id.clone(), account);
        tables.events.push(change.event);
        self.revoke(tables, target, change.revoke, last_hand_out);
        LinkOutcome::Done
    }
}

fn outcome(created: &Result<(), CreateAccountError>) -> LinkOutcome {
    match created {
        Ok(()) => LinkOutcome::Done,
        Err(CreateAccountError::EmailTaken) => LinkOutcome::EmailTaken,
        Err(CreateAccountError::UsernameTaken) => LinkOutcome::UsernameTaken,
        Err(_) => LinkOutcome::Void,
    }
}
