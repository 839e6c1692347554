//! Clients: who they are, what they may, and their end.

mod add;
mod edit;
mod remove;
mod rotate;

pub use add::{AddClientError, NewClient};
pub use edit::{ClientEdit, EditClientError};
pub use rotate::{RotateSecretError, SecretRotation};

use super::AdministrationService;
use crate::{account::DisplayName, client::Client, ids::ClientId, store::StoreError};

impl AdministrationService {
    /// Up to `limit` clients in the order of their identities, those after `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients(
        &self,
        after: Option<&ClientId>,
        limit: u32,
    ) -> Result<Vec<Client>, StoreError> {
        self.ports.store.clients(after, limit).await
    }

    /// The client with this identity, else of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_client(&self, id_or_name: &str) -> Result<Option<Client>, StoreError> {
        // The identity first: a client that is called by another's identity does not take its place.
        if let Ok(id) = ClientId::new(id_or_name)
            && let Some(client) = self.ports.store.client(&id).await?
        {
            return Ok(Some(client));
        }
        match DisplayName::parse(id_or_name) {
            Ok(name) => self.ports.store.client_by_name(&name).await,
            Err(_) => Ok(None),
        }
    }
}
