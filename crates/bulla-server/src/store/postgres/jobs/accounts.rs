//! Accounts.

use async_trait::async_trait;
use bulla_core::{
    account::{Account, PasswordHash},
    audit::AuditEvent,
    ids::AccountId,
    revocation::{RevocationTarget, RevocationTerm},
    store::{AccountCreation, AccountDecision, AccountOutcome},
    time::Timestamp,
};

use super::sessions::end_session;
use crate::store::postgres::{
    fault::Fault,
    tables::{
        accounts::{self, Taken},
        sessions::{self, Locked},
    },
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct ChangeAccount {
    id: AccountId,
    decision: Option<AccountDecision>,
}

pub(in crate::store::postgres) struct ReplacePasswordHash {
    pub(in crate::store::postgres) id: AccountId,
    pub(in crate::store::postgres) old: PasswordHash,
    pub(in crate::store::postgres) new: PasswordHash,
}

pub(in crate::store::postgres) struct DeleteAccount {
    pub(in crate::store::postgres) id: AccountId,
    pub(in crate::store::postgres) revoke: RevocationTerm,
    pub(in crate::store::postgres) event: AuditEvent,
}

impl ChangeAccount {
    pub(in crate::store::postgres) fn new(id: AccountId, decision: AccountDecision) -> Self {
        Self {
            id,
            decision: Some(decision),
        }
    }
}

#[async_trait]
impl Job for AccountCreation {
    type Output = Option<Taken>;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Option<Taken>, Fault> {
        create(transaction, self).await
    }
}

#[async_trait]
impl Job for ChangeAccount {
    type Output = AccountOutcome;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<AccountOutcome, Fault> {
        change(transaction, &self.id, &mut self.decision).await
    }

    /// Not once it was decided: by then something else may be right.
    fn can_be_repeated(&self) -> bool {
        self.decision.is_some()
    }
}

#[async_trait]
impl Job for ReplacePasswordHash {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        let found = accounts::locked(transaction, &self.id).await?;
        let Some(account) = found.filter(|account| account.password == self.old) else {
            return Ok(false);
        };
        let account = Account {
            password: self.new.clone(),
            ..account
        };
        accounts::update(transaction, &account).await?;
        Ok(true)
    }
}

#[async_trait]
impl Job for DeleteAccount {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        if !accounts::lock_whole(transaction, &self.id).await? {
            return Ok(false);
        }
        let open = sessions::lock_all(transaction, &self.id).await?;
        accounts::delete(transaction, &self.id).await?;
        let target = RevocationTarget::Subject {
            subject: (&self.id).into(),
            min_epoch: None,
        };
        transaction.revoke(target, self.revoke, last_hand_out(&open));
        transaction.record(&self.event);
        Ok(true)
    }
}

/// What is taken, if anything is; nothing is written then.
pub(super) async fn create(
    transaction: &mut Transaction,
    creation: &AccountCreation,
) -> Result<Option<Taken>, Fault> {
    let account = &creation.account;
    if let Some(taken) = accounts::insert(transaction, account).await? {
        return Ok(Some(taken));
    }
    if let Some(end) = &creation.replaces {
        end_session(transaction, end).await?;
    }
    if let Some(session) = &creation.session {
        sessions::insert(transaction, session).await?;
    }
    if let Some(end) = creation.visitor {
        let target = RevocationTarget::Subject {
            subject: (&account.id).into(),
            min_epoch: Some(account.epoch),
        };
        transaction.revoke(target, end.revoke, Some(end.handed_out_at));
    }
    transaction.record(&creation.event);
    Ok(None)
}

/// The decision is taken out once it is asked.
pub(super) async fn change(
    transaction: &mut Transaction,
    id: &AccountId,
    decision: &mut Option<AccountDecision>,
) -> Result<AccountOutcome, Fault> {
    let Some(before) = accounts::locked(transaction, id).await? else {
        return Ok(AccountOutcome::NotFound);
    };
    let decide = decision.take().ok_or(Fault::Overtaken)?;
    let Some(change) = decide(&before) else {
        return Ok(AccountOutcome::Unchanged(before));
    };
    let account = change.applied_to(&before);
    accounts::update(transaction, &account).await?;
    // Before they end: their tokens are hit too.
    let open = sessions::lock_all(transaction, id).await?;
    if let Some(ended) = change.end_sessions {
        let others = open.iter().map(|session| session.id);
        let others: Vec<_> = others
            .filter(|id| Some(*id) != change.keep_session)
            .collect();
        sessions::end(transaction, &others, ended).await?;
    }
    if let Some(term) = change.revoke {
        let target = RevocationTarget::Subject {
            subject: id.into(),
            min_epoch: Some(account.epoch),
        };
        transaction.revoke(target, term, last_hand_out(&open));
    }
    transaction.record(&change.event);
    Ok(AccountOutcome::Changed(account))
}

/// When a token of the sessions was last handed out.
pub(super) fn last_hand_out(sessions: &[Locked]) -> Option<Timestamp> {
    let handed_out_at = sessions
        .iter()
        .map(|session| session.generations.handed_out_at);
    handed_out_at.max()
}
