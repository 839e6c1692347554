//! All that is held about somebody.

use crate::{
    account::Account,
    audit::{AuditEvent, AuditFilter, AuditRecord},
    ids::AccountId,
    link::Link,
    session::Session,
    store::{Store, StoreError},
};

/// So many of each kind at most, the newest: nobody gets more memory out of us than that.
const MOST: u32 = 10_000;

/// All that is held about an account. Its password's hash and the secrets of its sessions are for nobody to see.
#[derive(Debug, Clone)]
pub struct AccountExport {
    /// The account.
    pub account: Account,
    /// Its newest 10,000 sessions, ended ones too.
    pub sessions: Vec<Session>,
    /// The newest 10,000 events about it.
    pub events: Vec<AuditRecord>,
    /// Links that were sent to it and not used.
    pub links: Vec<Link>,
}

impl AccountExport {
    /// What is held about an account; `None` if there is none. The event says who reads it, and is recorded first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn recorded(
        store: &dyn Store,
        id: &AccountId,
        event: AuditEvent,
    ) -> Result<Option<Self>, StoreError> {
        let Some(account) = store.account(id).await? else {
            return Ok(None);
        };
        store.record(&[event]).await?;
        Ok(Some(Self {
            account,
            sessions: store.sessions(id, MOST).await?,
            events: store
                .audit_events(&AuditFilter::of_account(id), MOST)
                .await?,
            links: store.links(id, MOST).await?,
        }))
    }
}
