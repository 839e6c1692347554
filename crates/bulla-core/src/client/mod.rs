//! Services that ask for tokens in their own name: clients (RFC 6749 section 2). A file per use case.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    account::DisplayName, authentication::AuthenticationSettings, ids::ClientId,
    key::ring::KeyRing, ports::Ports, time::Timestamp,
};

mod assertion;
mod audience;
mod authenticate;
mod issue;
mod keys;
mod lifetime;
mod revoke;
mod scope;
mod secret;
mod token;

pub use assertion::{AssertionId, AssertionRefused, PresentedAssertion};
pub use audience::{Audiences, AudiencesRefused};
pub use authenticate::{AuthenticatedClient, ClientAuthenticationError};
pub use issue::{ClientToken, ClientTokenError, ClientTokenRequest};
pub use keys::{ClientKeys, ClientKeysRefused};
pub use lifetime::{AccessLifetime, InvalidAccessLifetime};
pub use scope::{InvalidScope, Scope, ScopesRefused};
pub use secret::{ClientSecret, ClientSecrets, OlderSecret, SecretHash};

/// A client as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Claims `client_id` and `sub`.
    pub id: ClientId,
    /// What administrators call it; no other client is called the same.
    pub name: DisplayName,
    /// What it proves itself by.
    pub credential: ClientCredential,
    /// What it may ask for.
    pub scopes: BTreeSet<Scope>,
    /// Whom its tokens may be for.
    pub audiences: Audiences,
    /// How long its access tokens live; `None`: as long as everybody's.
    pub access_lifetime: Option<AccessLifetime>,
    /// Claim `epoch` of its tokens. It is raised to end the older ones.
    pub epoch: u64,
    /// Since when it gets no tokens.
    pub disabled_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a client proves itself by: one way, so that nobody finds an easier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCredential {
    /// A secret that it shows.
    Secrets(ClientSecrets),
    /// Keys with which it signs.
    Keys(ClientKeys),
}

/// What clients do.
#[derive(Clone)]
pub struct ClientService {
    ports: Ports,
    keys: Arc<KeyRing>,
    settings: AuthenticationSettings,
}

impl ClientService {
    /// The use cases over these ports: `keys` sign access tokens.
    #[must_use]
    pub const fn new(ports: Ports, keys: Arc<KeyRing>, settings: AuthenticationSettings) -> Self {
        Self {
            ports,
            keys,
            settings,
        }
    }
}

impl std::fmt::Debug for ClientService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientService")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
