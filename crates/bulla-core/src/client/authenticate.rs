use super::{Client, ClientSecrets, ClientService, SecretHash};
use crate::{ids::ClientId, store::StoreError};

/// A client that has proven itself: only [`ClientService`] makes one.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient(Client);

/// Why a client has not proven itself.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthenticationError {
    /// There is no such client, or its proof is none, or it is disabled. Which of them is not said.
    #[error("the client or its secret is wrong")]
    Invalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticatedClient {
    /// The client, as it was when it proved itself.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.0
    }
}

impl ClientService {
    /// The client, if the secret is one of its own. Takes as long whether or not there is such a client.
    ///
    /// # Errors
    /// [`ClientAuthenticationError`].
    pub async fn authenticate_by_secret(
        &self,
        client_id: &str,
        secret: &str,
    ) -> Result<AuthenticatedClient, ClientAuthenticationError> {
        // Of no secret that anybody knows.
        const NOBODYS: ClientSecrets = ClientSecrets::first(SecretHash::from_bytes([0; 32]));
        let found = match ClientId::new(client_id) {
            Ok(id) => self.ports.store.client(&id).await?,
            Err(_) => None,
        };
        let secrets = found.as_ref().map_or(&NOBODYS, |client| &client.secrets);
        let accepted = secrets.accept(secret, self.ports.clock.now());
        let client = found.filter(|client| accepted && client.disabled_at.is_none());
        client
            .map(AuthenticatedClient)
            .ok_or(ClientAuthenticationError::Invalid)
    }
}
