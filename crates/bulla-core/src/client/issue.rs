use std::collections::BTreeSet;

use super::{
    AccessLifetime, AuthenticatedClient, ClientService, Scope,
    token::{ClientTokenClaims, ClientTokenGrant},
};
use crate::{key::ring::IssueError, token::ACCESS_TOKEN_TYPE};

/// What a client asks of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientTokenRequest {
    /// These scopes; `None`: all it may have.
    pub scopes: Option<BTreeSet<Scope>>,
    /// This audience; `None`: its first.
    pub audience: Option<String>,
}

/// A client's access token, as it is handed out.
pub struct ClientToken {
    /// A signed JWT.
    pub access_token: String,
    /// How long it lives, in seconds.
    pub expires_in: u64,
    /// What it may be used for, with a space between each two.
    pub scope: String,
}

/// Why a client got no token.
#[derive(Debug, thiserror::Error)]
pub enum ClientTokenError {
    /// The client does not have this scope.
    #[error("the client does not have the scope {0}")]
    ScopeRefused(Scope),
    /// The client's tokens may not be for this audience.
    #[error("the client gets no tokens for this audience")]
    AudienceRefused,
    /// No token could be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl ClientService {
    /// A token in the client's own name (RFC 6749 section 4.4). Nothing is stored of it.
    ///
    /// # Errors
    /// [`ClientTokenError`].
    pub fn issue_token(
        &self,
        client: &AuthenticatedClient,
        request: &ClientTokenRequest,
    ) -> Result<ClientToken, ClientTokenError> {
        let client = client.client();
        let settings = &self.settings.tokens;
        let scopes = request.scopes.as_ref().unwrap_or(&client.scopes);
        if let Some(refused) = scopes.difference(&client.scopes).next() {
            return Err(ClientTokenError::ScopeRefused(refused.clone()));
        }
        let asked = request.audience.as_deref();
        let audience = client.audiences.choose(asked, &settings.audience);
        let own = client.access_lifetime.map(AccessLifetime::span);
        let lifetime = own.unwrap_or(settings.access_lifetime);
        let scope = Scope::join(scopes);
        let grant = ClientTokenGrant {
            audience: audience.ok_or(ClientTokenError::AudienceRefused)?,
            scope: &scope,
            token_id: self.ports.random(),
            issued_at: self.ports.clock.now(),
            lifetime,
        };
        let claims = ClientTokenClaims::new(settings, client, &grant);
        let access_token = self.keys.sign(ACCESS_TOKEN_TYPE, &claims)?;
        Ok(ClientToken {
            access_token,
            expires_in: lifetime.as_secs(),
            scope,
        })
    }
}

impl std::fmt::Debug for ClientToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientToken")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
