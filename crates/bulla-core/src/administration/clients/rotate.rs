use std::time::Duration;

use zeroize::Zeroizing;

use super::edit::{EditClientError, EditedClient};
use crate::{
    administration::{AdministrationService, Administrator},
    client::{Client, ClientCredential, ClientSecret},
    ids::ClientId,
};

/// How a secret is replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecretRotation {
    /// For how long the older one is good besides; `None`: it no longer is.
    pub keep_older: Option<Duration>,
    /// Whether the tokens that the client has end.
    pub revoke_tokens: bool,
}

/// Why a client got no other secret.
#[derive(Debug, thiserror::Error)]
pub enum RotateSecretError {
    /// It proves itself by keys.
    #[error("the client proves itself by keys, and has no secret")]
    HasKeys,
    /// It could not be changed.
    #[error(transparent)]
    Edit(#[from] EditClientError),
}

impl AdministrationService {
    /// Gives a client another secret, which is told now and never again.
    ///
    /// # Errors
    /// [`RotateSecretError`].
    pub async fn rotate_client_secret(
        &self,
        id: &ClientId,
        rotation: SecretRotation,
        by: &Administrator,
    ) -> Result<(Client, ClientSecret), RotateSecretError> {
        let now = self.ports.clock.now();
        let secret = self.new_client_secret();
        let hash = secret.hash();
        let ends_at = rotation.keep_older.map(|span| now.after(span));
        let rotated = move |before: &Client| {
            let mut client = before.clone();
            let ClientCredential::Secrets(secrets) = &before.credential else {
                return EditedClient {
                    client,
                    ends_tokens: false,
                };
            };
            client.credential = ClientCredential::Secrets(secrets.rotated(hash, ends_at));
            EditedClient {
                client,
                ends_tokens: rotation.revoke_tokens,
            }
        };
        let client = self.change_client(id, now, by, rotated).await?;
        match client.credential {
            ClientCredential::Secrets(_) => Ok((client, secret)),
            ClientCredential::Keys(_) => Err(RotateSecretError::HasKeys),
        }
    }

    pub(super) fn new_client_secret(&self) -> ClientSecret {
        ClientSecret::from_random(&Zeroizing::new(self.ports.random()))
    }
}
