//! Many accounts at once: a few statements for all of them.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use async_trait::async_trait;
use bulla_core::{
    account::Account,
    store::{AccountImport, ImportEntry, ImportOutcome},
    time::Timestamp,
};

use crate::store::postgres::{
    fault::Fault,
    tables::{
        accounts::Taken,
        many_accounts::{InTheWay, complete, in_the_way, insert},
        revocations::of_whole_subjects,
    },
    transaction::{Job, Transaction},
};

#[async_trait]
impl Job for AccountImport {
    type Output = Vec<ImportOutcome>;

    const PATIENCE: Option<Duration> = Some(Duration::from_secs(30));

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Vec<ImportOutcome>, Fault> {
        let mut outcomes = Vec::with_capacity(self.accounts.len());
        let before = transaction.savepoint().await?;
        let mut rest = &self.accounts[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(distinct(rest));
            outcomes.extend(import(transaction, now, self.now).await?);
            rest = later;
        }
        if self.rehearsal {
            transaction.undo(before).await?;
        }
        Ok(outcomes)
    }
}

/// How many of them there are before the second one of an identity: that one finds the first.
fn distinct(entries: &[ImportEntry]) -> usize {
    let mut seen = HashSet::new();
    let mut ids = entries.iter().map(|entry| &entry.account.id);
    let second = ids.position(|id| !seen.insert(id));
    second.unwrap_or(entries.len())
}

/// Imports accounts of which no two are of one identity.
async fn import(
    transaction: &mut Transaction,
    entries: &[ImportEntry],
    now: Timestamp,
) -> Result<Vec<ImportOutcome>, Fault> {
    let accounts: Vec<&Account> = entries.iter().map(|entry| &entry.account).collect();
    let deleted = of_whole_subjects(transaction, &accounts, now).await?;
    let until = |account: &&Account| deleted.get(account.id.as_str()).copied();
    let possible = without(&accounts, |account| until(account).is_some());
    let created = insert(transaction, &possible).await?;
    let is_created = |account: &&Account| created.contains(account.id.as_str());
    // One that was about to be deleted has made the insertion wait: only now is it known.
    if of_whole_subjects(transaction, &possible, now)
        .await?
        .keys()
        .any(|id| created.contains(id))
    {
        return Err(Fault::Overtaken);
    }
    let refused = without(&possible, is_created);
    let reasons = reasons(transaction, &refused).await?;
    let present = without(&refused, |account| {
        reasons.get(account.id.as_str()) != Some(&InTheWay::Itself)
    });
    let completed = complete(transaction, &present).await?;

    let mut outcomes = Vec::with_capacity(entries.len());
    for entry in entries {
        let account = &entry.account;
        outcomes.push(match (until(&account), reasons.get(account.id.as_str())) {
            (Some(until), _) => ImportOutcome::Deleted { until },
            (None, None) => {
                transaction.record(&entry.created);
                ImportOutcome::Created
            }
            (None, Some(InTheWay::Itself)) if completed.contains(account.id.as_str()) => {
                transaction.record(&entry.password_added);
                ImportOutcome::PasswordAdded
            }
            (None, Some(InTheWay::Itself)) => ImportOutcome::Present,
            (None, Some(InTheWay::Other(Taken::Identity))) => ImportOutcome::IdentityTaken,
            (None, Some(InTheWay::Other(Taken::Email))) => ImportOutcome::EmailTaken,
            (None, Some(InTheWay::Other(Taken::Username))) => ImportOutcome::UsernameTaken,
        });
    }
    Ok(outcomes)
}

/// Why each of them was not inserted, by its identity.
async fn reasons<'a>(
    transaction: &Transaction,
    refused: &[&'a Account],
) -> Result<HashMap<&'a str, InTheWay>, Fault> {
    let found = in_the_way(transaction, refused).await?;
    let pairs = refused.iter().zip(found).map(|(account, found)| {
        // What was in the way may have gone meanwhile.
        Ok((account.id.as_str(), found.ok_or(Fault::Overtaken)?))
    });
    pairs.collect()
}

fn without<'a>(
    accounts: &[&'a Account],
    is_out: impl Fn(&&'a Account) -> bool,
) -> Vec<&'a Account> {
    let rest = accounts.iter().copied();
    rest.filter(|account| !is_out(account)).collect()
}
