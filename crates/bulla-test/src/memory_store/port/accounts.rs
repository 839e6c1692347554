//! Accounts.

use async_trait::async_trait;
use bulla_core::{
    account::{Account, LoginName, NameBeginning, PasswordHash},
    audit::AuditEvent,
    ids::AccountId,
    revocation::{RevocationTarget, RevocationTerm},
    store::{
        AccountCreation, AccountDecision, AccountOutcome, AccountStore, CreateAccountError,
        StoreError,
    },
};

use super::count;
use crate::memory_store::{MemoryStore, tables::is_called};

#[async_trait]
impl AccountStore for MemoryStore {
    async fn create_account(&self, creation: &AccountCreation) -> Result<(), CreateAccountError> {
        let mut tables = self.begin().await?;
        self.create(&mut tables, creation)
    }

    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.begin().await?.accounts.get(id).cloned())
    }

    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError> {
        let tables = self.begin().await?;
        let mut accounts = tables.accounts.values();
        Ok(accounts.find(|account| is_called(account, name)).cloned())
    }

    async fn accounts(
        &self,
        beginning: Option<&NameBeginning>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables
            .accounts
            .values()
            .filter(|account| after.is_none_or(|after| account.id > *after))
            .filter(|account| {
                let names = (account.email.as_ref(), account.username.as_ref());
                beginning.is_none_or(|beginning| beginning.is_of(names.0, names.1))
            })
            .take(count(limit))
            .cloned()
            .collect())
    }

    async fn change_account(
        &self,
        id: &AccountId,
        decision: AccountDecision,
    ) -> Result<AccountOutcome, StoreError> {
        let mut tables = self.begin().await?;
        Ok(self.change(&mut tables, id, decision))
    }

    async fn replace_password_hash(
        &self,
        id: &AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let account = tables.accounts.get_mut(id);
        let Some(account) = account.filter(|account| account.password == *old) else {
            return Ok(false);
        };
        account.password = new.clone();
        Ok(true)
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let last_hand_out = tables.last_hand_out(id);
        if tables.accounts.remove(id).is_none() {
            return Ok(false);
        }
        tables.sessions.retain(|_, session| session.account != *id);
        tables.links.retain(|_, (link, _)| {
            let holder = link.purpose.holder();
            holder.is_none_or(|holder| holder.account != *id)
        });
        tables.events.push(event.clone());
        let target = RevocationTarget::Subject {
            subject: id.into(),
            min_epoch: None,
        };
        self.revoke(&mut tables, target, revoke, last_hand_out);
        Ok(true)
    }
}
