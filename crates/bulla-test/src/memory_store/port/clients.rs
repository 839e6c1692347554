//! Clients.

use async_trait::async_trait;
use bulla_core::{
    account::DisplayName,
    audit::AuditEvent,
    client::{AssertionId, Client},
    ids::ClientId,
    revocation::{RevocationTarget, RevocationTerm},
    store::{
        AssertionOutcome, AssertionUse, ClientDecision, ClientOutcome, ClientStore, StoreError,
    },
};

use super::count;
use crate::memory_store::{MemoryStore, tables::Tables};

#[async_trait]
impl ClientStore for MemoryStore {
    async fn create_client(&self, client: &Client, event: &AuditEvent) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let free = tables.client_called(&client.name).is_none();
        if free {
            tables.put_client(client.clone());
            tables.events.push(event.clone());
        }
        Ok(free)
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.begin().await?.clients.get(id).cloned())
    }

    async fn client_by_name(&self, name: &DisplayName) -> Result<Option<Client>, StoreError> {
        Ok(self.begin().await?.client_called(name).cloned())
    }

    async fn clients(
        &self,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<Client>, StoreError> {
        let tables = self.begin().await?;
        let after = |client: &&Client| after.is_none_or(|after| client.id > *after);
        let clients = tables.clients.values().filter(after);
        Ok(clients.take(count(limit)).cloned().collect())
    }

    async fn change_client(
        &self,
        id: &ClientId,
        decision: ClientDecision,
    ) -> Result<ClientOutcome, StoreError> {
        let mut tables = self.begin().await?;
        let Some(before) = tables.clients.get(id).cloned() else {
            return Ok(ClientOutcome::NotFound);
        };
        let Some(change) = decision(&before) else {
            return Ok(ClientOutcome::Unchanged(before));
        };
        let client = change.applied_to(&before);
        let called_so = tables.client_called(&client.name);
        if called_so.is_some_and(|other| other.id != *id) {
            return Ok(ClientOutcome::NameTaken);
        }
        tables.put_client(client.clone());
        tables.events.push(change.event);
        if let Some(term) = change.revoke {
            let target = RevocationTarget::Subject {
                subject: id.into(),
                min_epoch: Some(client.epoch),
            };
            self.revoke(&mut tables, target, term, None);
        }
        Ok(ClientOutcome::Changed(client))
    }

    async fn spend_assertion(&self, used: &AssertionUse) -> Result<AssertionOutcome, StoreError> {
        let mut tables = self.begin().await?;
        let spent = tables.assertions.iter();
        let live = spent.filter(|((owner, _), until)| *owner == used.client && **until > used.now);
        let live: Vec<AssertionId> = live.map(|((_, id), _)| *id).collect();
        if live.contains(&used.id) {
            return Ok(AssertionOutcome::SpentBefore);
        }
        if live.len() >= count(used.room) {
            return Ok(AssertionOutcome::TooMany);
        }
        let key = (used.client.clone(), used.id);
        tables.assertions.insert(key, used.until);
        Ok(AssertionOutcome::Spent)
    }

    async fn delete_client(
        &self,
        id: &ClientId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        if tables.clients.remove(id).is_none() {
            return Ok(false);
        }
        tables.events.push(event.clone());
        let target = RevocationTarget::Client(id.clone());
        self.revoke(&mut tables, target, revoke, None);
        Ok(true)
    }
}

impl Tables {
    fn client_called(&self, name: &DisplayName) -> Option<&Client> {
        self.clients.values().find(|client| client.name == *name)
    }

    fn put_client(&mut self, client: Client) {
        if let Some(lifetime) = client.access_lifetime {
            self.longest_lifetime = self.longest_lifetime.max(lifetime.span());
        }
        self.clients.insert(client.id.clone(), client);
    }
}
