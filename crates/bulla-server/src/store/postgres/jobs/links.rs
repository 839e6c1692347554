//! Links: what one is for, and its end, in one transaction.

use async_trait::async_trait;
use bulla_core::{
    ids::AccountId,
    link::{Link, LinkId},
    revocation::RevocationTarget,
    store::{
        AccountCreation, AccountDecision, AccountOutcome, EmailChange, LinkAct, LinkOutcome,
        SessionStart,
    },
};

use super::{accounts as acts, sessions as openings};
use crate::store::postgres::{
    fault::Fault,
    tables::{
        accounts::{self, Taken},
        links, sessions,
    },
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct AddLink(pub(in crate::store::postgres) Link);

pub(in crate::store::postgres) struct AttemptLink(pub(in crate::store::postgres) LinkId);

pub(in crate::store::postgres) struct SpendLink {
    id: LinkId,
    act: Act,
}

/// A [`LinkAct`] that can be done again, until its decision was asked.
enum Act {
    CreateAccount(Box<AccountCreation>),
    ChangeAccount {
        account: AccountId,
        decision: Option<AccountDecision>,
    },
    ChangeEmail(Box<EmailChange>),
    CreateSession(Box<SessionStart>),
}

impl SpendLink {
    pub(in crate::store::postgres) fn new(id: LinkId, act: LinkAct) -> Self {
        let act = match act {
            LinkAct::CreateAccount(creation) => Act::CreateAccount(creation),
            LinkAct::ChangeAccount { account, decision } => Act::ChangeAccount {
                account,
                decision: Some(decision),
            },
            LinkAct::ChangeEmail(change) => Act::ChangeEmail(change),
            LinkAct::CreateSession(start) => Act::CreateSession(start),
        };
        Self { id, act }
    }
}

impl Act {
    /// The account that is there already.
    const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::CreateAccount(_) => None,
            Self::ChangeAccount { account, .. } => Some(account),
            Self::ChangeEmail(change) => Some(&change.account),
            Self::CreateSession(start) => Some(&start.session.account),
        }
    }

    async fn run(&mut self, transaction: &mut Transaction) -> Result<LinkOutcome, Fault> {
        match self {
            Self::CreateAccount(creation) => {
                Ok(outcome(acts::create(transaction, creation).await?))
            }
            Self::ChangeAccount { account, decision } => {
                match acts::change(transaction, account, decision).await? {
                    AccountOutcome::Changed(_) => Ok(LinkOutcome::Done),
                    AccountOutcome::NotFound | AccountOutcome::Unchanged(_) => {
                        Ok(LinkOutcome::Void)
                    }
                }
            }
            Self::ChangeEmail(change) => change_email(transaction, change).await,
            Self::CreateSession(start) => match openings::create(transaction, start).await? {
                true => Ok(LinkOutcome::Done),
                false => Ok(LinkOutcome::Void),
            },
        }
    }
}

#[async_trait]
impl Job for AddLink {
    type Output = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), Fault> {
        links::insert(transaction, &self.0).await
    }
}

#[async_trait]
impl Job for AttemptLink {
    type Output = Option<Link>;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Option<Link>, Fault> {
        links::attempt(transaction, self.0).await
    }
}

#[async_trait]
impl Job for SpendLink {
    type Output = LinkOutcome;

    /// Unless it is done, nothing was written.
    async fn run(&mut self, transaction: &mut Transaction) -> Result<LinkOutcome, Fault> {
        if let Some(account) = self.act.account() {
            accounts::locked(transaction, account).await?;
        }
        if !links::lock(transaction, self.id).await? {
            return Ok(LinkOutcome::NotFound);
        }
        let done = self.act.run(transaction).await?;
        if done == LinkOutcome::Done {
            links::delete(transaction, self.id).await?;
        }
        Ok(done)
    }

    fn can_be_repeated(&self) -> bool {
        !matches!(self.act, Act::ChangeAccount { decision: None, .. })
    }
}

const fn outcome(taken: Option<Taken>) -> LinkOutcome {
    match taken {
        None => LinkOutcome::Done,
        Some(Taken::Email) => LinkOutcome::EmailTaken,
        Some(Taken::Username) => LinkOutcome::UsernameTaken,
        Some(Taken::Identity) => LinkOutcome::Void,
    }
}

async fn change_email(
    transaction: &mut Transaction,
    change: &EmailChange,
) -> Result<LinkOutcome, Fault> {
    let EmailChange {
        account,
        epoch,
        email,
        ..
    } = change;
    if !accounts::is_open(transaction, account, *epoch).await? {
        return Ok(LinkOutcome::Void);
    }
    if accounts::has_email(transaction, email, Some(account)).await? {
        return Ok(LinkOutcome::EmailTaken);
    }
    let epoch = epoch.saturating_add(1);
    accounts::set_email(transaction, account, email, epoch).await?;
    let target = RevocationTarget::Subject {
        subject: account.into(),
        min_epoch: Some(epoch),
    };
    let open = sessions::lock_all(transaction, account).await?;
    transaction.revoke(target, change.revoke, acts::last_hand_out(&open));
    transaction.record(&change.event);
    Ok(LinkOutcome::Done)
}
