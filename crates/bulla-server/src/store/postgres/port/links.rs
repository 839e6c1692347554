//! Single-use links.

use async_trait::async_trait;
use bulla_core::{
    ids::AccountId,
    link::{Link, LinkId},
    store::{LinkAct, LinkOutcome, LinkStore, StoreError},
};

use crate::store::postgres::{
    PostgresStore,
    jobs::{AddLink, AttemptLink, SpendLink},
    tables::links,
};

#[async_trait]
impl LinkStore for PostgresStore {
    async fn add_link(&self, link: &Link) -> Result<(), StoreError> {
        self.write(AddLink(link.clone())).await
    }

    async fn link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        let connection = self.connect().await?;
        let link = links::by_id(&connection, id).await?;
        connection.seen(link).await
    }

    async fn links(&self, account: &AccountId, limit: u32) -> Result<Vec<Link>, StoreError> {
        let connection = self.connect().await?;
        let links = links::of_account(&connection, account, limit).await?;
        connection.seen(links).await
    }

    async fn attempt_link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        self.write(AttemptLink(id)).await
    }

    async fn spend_link(&self, id: LinkId, act: LinkAct) -> Result<LinkOutcome, StoreError> {
        self.write(SpendLink::new(id, act)).await
    }
}
