//! Accounts.

use async_trait::async_trait;
use bulla_core::{
    account::{Account, LoginName, NameBeginning, PasswordHash},
    audit::AuditEvent,
    ids::AccountId,
    revocation::RevocationTerm,
    store::{
        AccountCreation, AccountDecision, AccountOutcome, AccountStore, CreateAccountError,
        StoreError,
    },
};

use crate::store::sqlite::{
    SqliteStore, jobs,
    tables::{accounts, accounts::Taken},
    transaction::Transaction,
};

#[async_trait]
impl AccountStore for SqliteStore {
    async fn create_account(&self, creation: &AccountCreation) -> Result<(), CreateAccountError> {
        let creation = creation.clone();
        let work = move |t: &mut Transaction<'_>| jobs::create_account(t, &creation);
        created(self.writer.run(work).await?)
    }

    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let id = id.clone();
        self.readers.run(move |c| accounts::by_id(c, &id)).await
    }

    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError> {
        let name = name.clone();
        self.readers.run(move |c| accounts::by_name(c, &name)).await
    }

    async fn accounts(
        &self,
        beginning: Option<&NameBeginning>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let (beginning, after) = (beginning.cloned(), after.cloned());
        self.readers
            .run(move |c| accounts::page(c, beginning.as_ref(), after.as_ref(), limit))
            .await
    }

    async fn change_account(
        &self,
        id: &AccountId,
        decision: AccountDecision,
    ) -> Result<AccountOutcome, StoreError> {
        let id = id.clone();
        self.writer
            .run(move |t| jobs::change_account(t, &id, decision))
            .await
    }

    async fn replace_password_hash(
        &self,
        id: &AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let (id, old, new) = (id.clone(), old.clone(), new.clone());
        self.writer
            .run(move |t| jobs::replace_password_hash(t, &id, &old, new))
            .await
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.writer
            .run(move |t| jobs::delete_account(t, &id, revoke, &event))
            .await
    }
}

fn created(taken: Option<Taken>) -> Result<(), CreateAccountError> {
    match taken {
        None => Ok(()),
        Some(Taken::Identity) => Err(CreateAccountError::IdentityTaken),
        Some(Taken::Email) => Err(CreateAccountError::EmailTaken),
        Some(Taken::Username) => Err(CreateAccountError::UsernameTaken),
    }
}
