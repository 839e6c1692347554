//! Clients.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account::DisplayName,
    audit::AuditEvent,
    client::{AssertionId, Client},
    ids::ClientId,
    revocation::RevocationTerm,
    time::Timestamp,
};

/// Clients.
///
/// Whatever stores a client with an access lifetime of its own notes that first, as
/// [`note_access_lifetime`](super::RevocationStore::note_access_lifetime) does.
#[async_trait]
pub trait ClientStore: Send + Sync {
    /// Adds a client under a new identity. `false` if another one is called the same; nothing is written then.
    async fn create_client(&self, client: &Client, event: &AuditEvent) -> Result<bool, StoreError>;

    /// The client of this identity.
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// The client that is called so.
    async fn client_by_name(&self, name: &DisplayName) -> Result<Option<Client>, StoreError>;

    /// Up to `limit` clients in the order of their identities, those after `after`.
    async fn clients(
        &self,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<Client>, StoreError>;

    /// Lets `decision` look at the client as it is while nobody else can change it, and does what it says, in the same
    /// transaction: replaces it, and revokes older tokens by one record of its older epochs. Nothing is written if it says
    /// nothing. As with [accounts](super::AccountStore::change_account), a change waits for its turn.
    async fn change_client(
        &self,
        id: &ClientId,
        decision: ClientDecision,
    ) -> Result<ClientOutcome, StoreError>;

    /// Remembers that an assertion of a client was used. Of many at once that are the same, one is
    /// [spent](AssertionOutcome::Spent).
    async fn spend_assertion(&self, used: &AssertionUse) -> Result<AssertionOutcome, StoreError>;

    /// Removes the client, and revokes all its tokens. `false` if there is no such client.
    async fn delete_client(
        &self,
        id: &ClientId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// An assertion that is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionUse {
    /// Whose.
    pub client: ClientId,
    /// Which.
    pub id: AssertionId,
    /// When.
    pub now: Timestamp,
    /// Until when it is remembered.
    pub until: Timestamp,
    /// How many of the client are remembered at most, those that are over not counted.
    pub room: u32,
}

/// What became of an assertion that was to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssertionOutcome {
    /// It is used now.
    Spent,
    /// It was before.
    SpentBefore,
    /// There is no room to remember it.
    TooMany,
}

/// What to make of a client as it is now; `None` leaves it so.
pub type ClientDecision = Box<dyn FnOnce(&Client) -> Option<ClientChange> + Send>;

/// A change of one client.
#[derive(Debug, Clone)]
pub struct ClientChange {
    /// The client as it shall be. Its identity and when it was made do not change.
    pub client: Client,
    /// If set, tokens below the new epoch are revoked.
    pub revoke: Option<RevocationTerm>,
    /// What to record with it.
    pub event: AuditEvent,
}

impl ClientChange {
    /// What is stored in place of `before`.
    #[must_use]
    pub fn applied_to(&self, before: &Client) -> Client {
        Client {
            id: before.id.clone(),
            created_at: before.created_at,
            ..self.client.clone()
        }
    }
}

/// What became of a client that was to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientOutcome {
    /// There is no such client.
    NotFound,
    /// Another one is called so; nothing is changed.
    NameTaken,
    /// The decision left it as it is: so.
    Unchanged(Client),
    /// It is so now.
    Changed(Client),
}
