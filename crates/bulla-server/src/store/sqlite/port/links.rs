//! Single-use links.

use async_trait::async_trait;
use bulla_core::{
    ids::AccountId,
    link::{Link, LinkId},
    store::{LinkAct, LinkOutcome, LinkStore, StoreError},
};

use crate::store::sqlite::{SqliteStore, jobs, tables::links};

#[async_trait]
impl LinkStore for SqliteStore {
    async fn add_link(&self, link: &Link) -> Result<(), StoreError> {
        let link = link.clone();
        self.writer.run(move |t| links::insert(t, &link)).await
    }

    async fn link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        self.readers.run(move |c| links::by_id(c, id)).await
    }

    async fn links(&self, account: &AccountId, limit: u32) -> Result<Vec<Link>, StoreError> {
        let account = account.clone();
        self.readers
            .run(move |c| links::of_account(c, &account, limit))
            .await
    }

    async fn attempt_link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        self.writer.run(move |t| links::attempt(t, id)).await
    }

    async fn spend_link(&self, id: LinkId, act: LinkAct) -> Result<LinkOutcome, StoreError> {
        self.writer
            .run(move |t| jobs::links::spend(t, id, act))
            .await
    }
}
