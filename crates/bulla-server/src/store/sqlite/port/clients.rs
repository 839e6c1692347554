//! Clients.

use async_trait::async_trait;
use bulla_core::{
    account::DisplayName,
    audit::AuditEvent,
    client::Client,
    ids::ClientId,
    revocation::RevocationTerm,
    store::{
        AssertionOutcome, AssertionUse, ClientDecision, ClientOutcome, ClientStore, StoreError,
    },
};

use crate::store::sqlite::{SqliteStore, jobs, tables::clients};

#[async_trait]
impl ClientStore for SqliteStore {
    async fn create_client(&self, client: &Client, event: &AuditEvent) -> Result<bool, StoreError> {
        let (client, event) = (client.clone(), event.clone());
        self.writer
            .run(move |t| jobs::clients::create(t, &client, &event))
            .await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let id = id.clone();
        self.readers.run(move |c| clients::by_id(c, &id)).await
    }

    async fn client_by_name(&self, name: &DisplayName) -> Result<Option<Client>, StoreError> {
        let name = name.clone();
        self.readers.run(move |c| clients::by_name(c, &name)).await
    }

    async fn clients(
        &self,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<Client>, StoreError> {
        let after = after.cloned();
        self.readers
            .run(move |c| clients::page(c, after.as_ref(), limit))
            .await
    }

    async fn change_client(
        &self,
        id: &ClientId,
        decision: ClientDecision,
    ) -> Result<ClientOutcome, StoreError> {
        let id = id.clone();
        self.writer
            .run(move |t| jobs::clients::change(t, &id, decision))
            .await
    }

    async fn spend_assertion(&self, used: &AssertionUse) -> Result<AssertionOutcome, StoreError> {
        let used = used.clone();
        self.writer
            .run(move |t| jobs::clients::spend_assertion(t, &used))
            .await
    }

    async fn delete_client(
        &self,
        id: &ClientId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.writer
            .run(move |t| jobs::clients::delete(t, id, revoke, &event))
            .await
    }
}
