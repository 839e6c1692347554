//! Clients.

use async_trait::async_trait;
use bulla_core::{
    audit::AuditEvent,
    client::Client,
    ids::ClientId,
    revocation::{RevocationTarget, RevocationTerm},
    store::{AssertionOutcome, AssertionUse, ClientDecision, ClientOutcome},
};

use crate::store::postgres::{
    connection::Connection,
    fault::Fault,
    tables::{client_assertions, clients, revocations},
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct CreateClient {
    pub(in crate::store::postgres) client: Client,
    pub(in crate::store::postgres) event: AuditEvent,
}

pub(in crate::store::postgres) struct ChangeClient {
    id: ClientId,
    decision: Option<ClientDecision>,
}

pub(in crate::store::postgres) struct DeleteClient {
    pub(in crate::store::postgres) id: ClientId,
    pub(in crate::store::postgres) revoke: RevocationTerm,
    pub(in crate::store::postgres) event: AuditEvent,
}

impl ChangeClient {
    pub(in crate::store::postgres) fn new(id: ClientId, decision: ClientDecision) -> Self {
        Self {
            id,
            decision: Some(decision),
        }
    }
}

#[async_trait]
impl Job for CreateClient {
    /// Whether its name was free; nothing is written if it was not.
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        let Self { client, event } = self;
        if !clients::insert(transaction, client).await? {
            return Ok(false);
        }
        transaction.record(event);
        note_lifetime(transaction, client).await?;
        Ok(true)
    }
}

#[async_trait]
impl Job for ChangeClient {
    type Output = ClientOutcome;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<ClientOutcome, Fault> {
        let Some(before) = clients::locked(transaction, &self.id).await? else {
            return Ok(ClientOutcome::NotFound);
        };
        let decide = self.decision.take().ok_or(Fault::Overtaken)?;
        let Some(change) = decide(&before) else {
            return Ok(ClientOutcome::Unchanged(before));
        };
        let client = change.applied_to(&before);
        // Another may be about to be called so: only its end tells.
        let unchanged = transaction.savepoint().await?;
        match clients::update(transaction, &client).await {
            Err(fault) if fault.is_taken() => {
                transaction.undo(unchanged).await?;
                return Ok(ClientOutcome::NameTaken);
            }
            updated => updated?,
        }
        transaction.record(&change.event);
        note_lifetime(transaction, &client).await?;
        if let Some(term) = change.revoke {
            let target = RevocationTarget::Subject {
                subject: (&client.id).into(),
                min_epoch: Some(client.epoch),
            };
            transaction.revoke(target, term, None);
        }
        Ok(ClientOutcome::Changed(client))
    }

    /// Not once it was decided: by then something else may be right.
    fn can_be_repeated(&self) -> bool {
        self.decision.is_some()
    }
}

#[async_trait]
impl Job for AssertionUse {
    type Output = AssertionOutcome;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<AssertionOutcome, Fault> {
        let live = client_assertions::count(transaction, self).await?;
        if !client_assertions::insert(transaction, self).await? {
            return Ok(AssertionOutcome::SpentBefore);
        }
        if live >= u64::from(self.room) {
            client_assertions::delete(transaction, self).await?;
            return Ok(AssertionOutcome::TooMany);
        }
        Ok(AssertionOutcome::Spent)
    }
}

#[async_trait]
impl Job for DeleteClient {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        if !clients::delete(transaction, &self.id).await? {
            return Ok(false);
        }
        transaction.record(&self.event);
        let target = RevocationTarget::Client(self.id.clone());
        transaction.revoke(target, self.revoke, None);
        Ok(true)
    }
}

/// The last step, for it may lock the head of the revocations.
async fn note_lifetime(connection: &Connection, client: &Client) -> Result<(), Fault> {
    match client.access_lifetime {
        Some(lifetime) => revocations::note_lifetime(connection, lifetime.span()).await,
        None => Ok(()),
    }
}
