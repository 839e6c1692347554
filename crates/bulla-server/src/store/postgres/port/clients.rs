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

use crate::store::postgres::{
    PostgresStore,
    jobs::{ChangeClient, CreateClient, DeleteClient},
    tables::clients,
};

#[async_trait]
impl ClientStore for PostgresStore {
    async fn create_client(&self, client: &Client, event: &AuditEvent) -> Result<bool, StoreError> {
        let (client, event) = (client.clone(), event.clone());
        self.write(CreateClient { client, event }).await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let connection = self.connect().await?;
        let client = clients::by_id(&connection, id).await?;
        connection.seen(client).await
    }

    async fn client_by_name(&self, name: &DisplayName) -> Result<Option<Client>, StoreError> {
        let connection = self.connect().await?;
        let client = clients::by_name(&connection, name).await?;
        connection.seen(client).await
    }

    async fn clients(
        &self,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<Client>, StoreError> {
        let connection = self.connect().await?;
        let clients = clients::page(&connection, after, limit).await?;
        connection.seen(clients).await
    }

    async fn change_client(
        &self,
        id: &ClientId,
        decision: ClientDecision,
    ) -> Result<ClientOutcome, StoreError> {
        self.write(ChangeClient::new(id.clone(), decision)).await
    }

    async fn spend_assertion(&self, used: &AssertionUse) -> Result<AssertionOutcome, StoreError> {
        self.write(used.clone()).await
    }

    async fn delete_client(
        &self,
        id: &ClientId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.write(DeleteClient { id, revoke, event }).await
    }
}
