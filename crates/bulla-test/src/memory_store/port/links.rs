//! Single-use links.

use async_trait::async_trait;
use bulla_core::{
    ids::AccountId,
    link::{Link, LinkId},
    store::{LinkAct, LinkOutcome, LinkStore, StoreError},
};

use super::count;
use crate::memory_store::MemoryStore;

#[async_trait]
impl LinkStore for MemoryStore {
    async fn add_link(&self, link: &Link) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        tables.links.insert(link.id, (link.clone(), Link::ATTEMPTS));
        Ok(())
    }

    async fn link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables.links.get(&id).map(|(link, _)| link.clone()))
    }

    async fn links(&self, account: &AccountId, limit: u32) -> Result<Vec<Link>, StoreError> {
        let mut links = self.begin().await?.links_of(account);
        links.truncate(count(limit));
        Ok(links)
    }

    async fn attempt_link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        Ok(self.begin().await?.attempt_link(id))
    }

    async fn spend_link(&self, id: LinkId, act: LinkAct) -> Result<LinkOutcome, StoreError> {
        let mut tables = self.begin().await?;
        Ok(self.spend(&mut tables, id, act))
    }
}
