//! A token in the client's own name (RFC 6749 section 4.4).

use bulla_core::client::{ClientTokenError, ClientTokenRequest, Scope};

use super::{
    super::{
        client::Asking,
        refused::{OAuthCode, OAuthRefused},
    },
    TokenAnswer,
};
use crate::issuer::Issuer;

/// What the form asks for.
pub(super) fn asked(
    scope: Option<&str>,
    audience: Option<String>,
    resource: Option<String>,
) -> Result<ClientTokenRequest, OAuthRefused> {
    if audience.is_some() && resource.is_some() {
        let description = "audience and resource are two names for one thing";
        return Err(OAuthRefused::new(OAuthCode::InvalidRequest, description));
    }
    let names = |text: &str| Scope::parse_all(text.split(' ').filter(|name| !name.is_empty()));
    let scopes = scope.map(names).transpose();
    Ok(ClientTokenRequest {
        scopes: scopes
            .map_err(|error| OAuthRefused::new(OAuthCode::InvalidScope, error.to_string()))?,
        audience: audience.or(resource),
    })
}

pub(super) fn issue(
    issuer: &Issuer,
    asking: &Asking,
    asked: &ClientTokenRequest,
) -> Result<TokenAnswer, OAuthRefused> {
    let Asking::Client(client) = asking else {
        let description = "a public client gets no token in its own name";
        return Err(OAuthRefused::new(
            OAuthCode::UnauthorizedClient,
            description,
        ));
    };
    let token = issuer.clients().issue_token(client, asked)?;
    Ok(TokenAnswer {
        access_token: token.access_token,
        token_type: "Bearer",
        expires_in: token.expires_in,
        refresh_token: None,
        scope: Some(token.scope).filter(|scope| !scope.is_empty()),
    })
}

impl From<ClientTokenError> for OAuthRefused {
    fn from(error: ClientTokenError) -> Self {
        let code = match error {
            ClientTokenError::ScopeRefused(_) => OAuthCode::InvalidScope,
            ClientTokenError::AudienceRefused => OAuthCode::InvalidTarget,
            ClientTokenError::Issue(error) => return error.into(),
        };
        Self::new(code, error.to_string())
    }
}
