use std::collections::BTreeSet;

use super::edit::differences;
use crate::{
    account::DisplayName,
    administration::{AdministrationService, Administrator},
    audit::{AuditEvent, AuditKind},
    client::{
        AccessLifetime, Audiences, Client, ClientCredential, ClientKeys, ClientSecret,
        ClientSecrets, Scope,
    },
    ids::ClientId,
    store::StoreError,
};

/// A client to be made.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// What it is called.
    pub name: DisplayName,
    /// What it may ask for.
    pub scopes: BTreeSet<Scope>,
    /// Whom its tokens may be for.
    pub audiences: Audiences,
    /// How long its access tokens live; `None`: as long as everybody's.
    pub access_lifetime: Option<AccessLifetime>,
    /// What it proves itself by; `None`: a secret that is made for it.
    pub keys: Option<ClientKeys>,
}

/// Why a client was not made.
#[derive(Debug, thiserror::Error)]
pub enum AddClientError {
    /// Another client is called so.
    #[error("another client is called so")]
    NameTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AdministrationService {
    /// Makes a client. Unless it has keys, it gets a secret that is told now and never again.
    ///
    /// # Errors
    /// [`AddClientError`].
    pub async fn add_client(
        &self,
        new: NewClient,
        by: &Administrator,
    ) -> Result<(Client, Option<ClientSecret>), AddClientError> {
        let (credential, secret) = match new.keys {
            Some(keys) => (ClientCredential::Keys(keys), None),
            None => {
                let secret = self.new_client_secret();
                let secrets = ClientSecrets::first(secret.hash());
                (ClientCredential::Secrets(secrets), Some(secret))
            }
        };
        let client = Client {
            id: ClientId::from_random(self.ports.random()),
            name: new.name,
            credential,
            scopes: new.scopes,
            audiences: new.audiences,
            access_lifetime: new.access_lifetime,
            epoch: 0,
            disabled_at: None,
            created_at: self.ports.clock.now(),
        };
        let ungranted = Client {
            scopes: BTreeSet::new(),
            audiences: Audiences::default(),
            access_lifetime: None,
            ..client.clone()
        };
        let mut granted = differences(&ungranted, &client);
        granted.push(match client.credential {
            ClientCredential::Secrets(_) => "secret made".to_owned(),
            ClientCredential::Keys(_) => "keys given".to_owned(),
        });
        let event = AuditEvent {
            detail: Some(granted.join(", ")),
            ..by.did(AuditKind::ClientCreated, &client.id, client.created_at)
        };
        match self.ports.store.create_client(&client, &event).await? {
            true => Ok((client, secret)),
            false => Err(AddClientError::NameTaken),
        }
    }
}
