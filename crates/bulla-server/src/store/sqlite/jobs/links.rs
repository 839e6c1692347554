//! Spending a link: what it is for, and its end, in one transaction.

use bulla_core::{
    link::LinkId,
    revocation::RevocationTarget,
    store::{AccountOutcome, EmailChange, LinkAct, LinkOutcome},
};

use super::{
    super::{
        fault::Fault,
        tables::{accounts, accounts::Taken, audit_events, links, sessions},
        transaction::Transaction,
    },
    change_account, create_account, create_session,
};

/// Unless it is done, nothing was written.
pub(in crate::store::sqlite) fn spend(
    transaction: &mut Transaction<'_>,
    id: LinkId,
    act: LinkAct,
) -> Result<LinkOutcome, Fault> {
    if links::by_id(transaction, id)?.is_none() {
        return Ok(LinkOutcome::NotFound);
    }
    let done = match act {
        LinkAct::CreateAccount(creation) => outcome(create_account(transaction, &creation)?),
        LinkAct::ChangeAccount { account, decision } => {
            match change_account(transaction, &account, decision)? {
                AccountOutcome::Changed(_) => LinkOutcome::Done,
                AccountOutcome::NotFound | AccountOutcome::Unchanged(_) => LinkOutcome::Void,
            }
        }
        LinkAct::ChangeEmail(change) => change_email(transaction, &change)?,
        LinkAct::CreateSession(start) => match create_session(transaction, &start)? {
            true => LinkOutcome::Done,
            false => LinkOutcome::Void,
        },
    };
    if done == LinkOutcome::Done {
        links::delete(transaction, id)?;
    }
    Ok(done)
}

const fn outcome(taken: Option<Taken>) -> LinkOutcome {
    match taken {
        None => LinkOutcome::Done,
        Some(Taken::Email) => LinkOutcome::EmailTaken,
        Some(Taken::Username) => LinkOutcome::UsernameTaken,
        Some(Taken::Identity) => LinkOutcome::Void,
    }
}

fn change_email(
    transaction: &mut Transaction<'_>,
    change: &EmailChange,
) -> Result<LinkOutcome, Fault> {
    let EmailChange {
        account,
        epoch,
        email,
        ..
    } = change;
    if !accounts::is_open(transaction, account, *epoch)? {
        return Ok(LinkOutcome::Void);
    }
    if accounts::has_email(transaction, email, Some(account))? {
        return Ok(LinkOutcome::EmailTaken);
    }
    let epoch = epoch.saturating_add(1);
    accounts::set_email(transaction, account, email, epoch)?;
    let target = RevocationTarget::Subject {
        subject: account.into(),
        min_epoch: Some(epoch),
    };
    let last_hand_out = sessions::last_hand_out(transaction, account)?;
    transaction.revoke(target, change.revoke, last_hand_out)?;
    audit_events::append(transaction, &change.event)?;
    Ok(LinkOutcome::Done)
}
