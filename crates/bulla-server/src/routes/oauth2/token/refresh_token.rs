//! New tokens for a refresh token (RFC 6749 section 6).

use bulla_core::{
    authentication::{RefreshError, SessionRequest},
    session::Device,
};
use bulla_guard::abuse::Offence;

use super::{
    super::{
        client::Asking,
        refused::{OAuthCode, OAuthRefused},
    },
    TokenAnswer,
};
use crate::{edge::secret::SecretText, issuer::Issuer};

/// As `/auth/refresh` does.
pub(super) async fn exchange(
    issuer: &Issuer,
    asking: &Asking,
    token: &SecretText,
    scope: Option<&str>,
    device: Device,
) -> Result<TokenAnswer, OAuthRefused> {
    if let Asking::Client(_) = asking {
        let description = "the refresh token belongs to another client";
        return Err(OAuthRefused::new(OAuthCode::InvalidGrant, description));
    }
    if scope.is_some() {
        let description = "a session has no scopes";
        return Err(OAuthRefused::new(OAuthCode::InvalidScope, description));
    }
    let service = issuer.authentication();
    let issued = service.refresh(token.expose(), device, SessionRequest::default());
    let issued = issued.await?;
    Ok(TokenAnswer {
        access_token: issued.access_token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        refresh_token: Some(SecretText::new(issued.refresh_token.to_string())),
        scope: None,
    })
}

impl From<RefreshError> for OAuthRefused {
    fn from(error: RefreshError) -> Self {
        let refused = Self::new(OAuthCode::InvalidGrant, error.to_string());
        match error {
            RefreshError::Invalid => refused.counting(Offence::ForgedToken),
            RefreshError::Issue(error) => error.into(),
            RefreshError::Store(error) => error.into(),
            _ => refused,
        }
    }
}
