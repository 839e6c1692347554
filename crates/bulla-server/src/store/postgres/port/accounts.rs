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

use crate::store::postgres::{
    PostgresStore,
    jobs::{ChangeAccount, DeleteAccount, ReplacePasswordHash},
    tables::{accounts, accounts::Taken},
};

#[async_trait]
impl AccountStore for PostgresStore {
    async fn create_account(&self, creation: &AccountCreation) -> Result<(), CreateAccountError> {
        created(self.write(creation.clone()).await?)
    }

    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let connection = self.connect().await?;
        let account = accounts::by_id(&connection, id).await?;
        connection.seen(account).await
    }

    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError> {
        let connection = self.connect().await?;
        let account = accounts::by_name(&connection, name).await?;
        connection.seen(account).await
    }

    async fn accounts(
        &self,
        beginning: Option<&NameBeginning>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let connection = self.connect().await?;
        let accounts = accounts::page(&connection, beginning, after, limit).await?;
        connection.seen(accounts).await
    }

    async fn change_account(
        &self,
        id: &AccountId,
        decision: AccountDecision,
    ) -> Result<AccountOutcome, StoreError> {
        self.write(ChangeAccount::new(id.clone(), decision)).await
    }

    async fn replace_password_hash(
        &self,
        id: &AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let (id, old, new) = (id.clone(), old.clone(), new.clone());
        self.write(ReplacePasswordHash { id, old, new }).await
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.write(DeleteAccount { id, revoke, event }).await
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
