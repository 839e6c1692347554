use super::{
    AssertionRefused, Client, ClientCredential, ClientSecrets, ClientService, PresentedAssertion,
    SecretHash,
};
use crate::{
    ids::ClientId,
    store::{AssertionOutcome, AssertionUse, StoreError},
};

/// So many assertions of one client are remembered: one in every third of a second, if each is good for an hour.
const MAX_REMEMBERED: u32 = 10_000;

/// A client that has proven itself: only [`ClientService`] makes one.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient(Client);

/// Why a client has not proven itself.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthenticationError {
    /// There is no such client, or its secret is another one, or it is disabled. Which of them is not said.
    #[error("the client or its secret is wrong")]
    Invalid,
    /// The assertion proves nothing.
    #[error(transparent)]
    Assertion(#[from] AssertionRefused),
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
        let found = self.enabled(client_id).await?;
        let secrets = match found.as_ref().map(|client| &client.credential) {
            Some(ClientCredential::Secrets(secrets)) => secrets,
            _ => &NOBODYS,
        };
        let accepted = secrets.accept(secret, self.ports.clock.now());
        let client = found.filter(|_| accepted).map(AuthenticatedClient);
        client.ok_or(ClientAuthenticationError::Invalid)
    }

    /// The client, if one of its keys has signed the assertion, which is for one of `audiences` and was not used before
    /// (RFC 7523). It is used by that.
    ///
    /// # Errors
    /// [`ClientAuthenticationError`].
    pub async fn authenticate_by_assertion(
        &self,
        presented: &PresentedAssertion<'_>,
        audiences: &[&str],
    ) -> Result<AuthenticatedClient, ClientAuthenticationError> {
        let now = self.ports.clock.now();
        let found = self.enabled(presented.claimed_client()).await?;
        let client = found.ok_or(AssertionRefused::Unproven)?;
        let ClientCredential::Keys(keys) = &client.credential else {
            return Err(AssertionRefused::Unproven.into());
        };
        let verified = presented.verify(keys, audiences, now)?;
        let used = AssertionUse {
            client: client.id.clone(),
            id: verified.id,
            now,
            until: verified.until,
            room: MAX_REMEMBERED,
        };
        match self.ports.store.spend_assertion(&used).await? {
            AssertionOutcome::Spent => Ok(AuthenticatedClient(client)),
            AssertionOutcome::SpentBefore => Err(AssertionRefused::Replayed.into()),
            AssertionOutcome::TooMany => Err(AssertionRefused::TooMany.into()),
        }
    }

    async fn enabled(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        let Ok(id) = ClientId::new(client_id) else {
            return Ok(None);
        };
        let found = self.ports.store.client(&id).await?;
        Ok(found.filter(|client| client.disabled_at.is_none()))
    }
}
