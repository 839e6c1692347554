//! The bodies of OAuth: forms.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::refused::{OAuthCode, OAuthRefused};
use crate::edge::{
    fields,
    json_body::{MAX_BYTES, is_of_type, read},
};

/// More parameters are refused. OAuth has about twenty.
const MAX_PARAMETERS: usize = 64;

/// A form of at most 64 KiB. A parameter without a value counts as none, one that `T` does not know is passed over, and one
/// that it knows is not there twice (RFC 6749 section 3.2).
pub(super) struct Form<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = OAuthRefused;

    async fn from_request(request: Request, _state: &S) -> Result<Self, OAuthRefused> {
        let (parts, body) = request.into_parts();
        if !is_of_type(&parts.headers, "application/x-www-form-urlencoded") {
            let description = "the body must be sent as application/x-www-form-urlencoded";
            return Err(OAuthRefused::new(OAuthCode::InvalidRequest, description));
        }
        let bytes = read::<MAX_BYTES>(&parts.headers, body).await?;
        let parameters = form_urlencoded::parse(&bytes).filter(|(_, value)| !value.is_empty());
        let parameters: Vec<(String, String)> = parameters
            .take(MAX_PARAMETERS + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        if parameters.len() > MAX_PARAMETERS {
            let description = format!("the form may have {MAX_PARAMETERS} parameters");
            return Err(OAuthRefused::new(OAuthCode::InvalidRequest, description));
        }
        Ok(Self(fields::read_parameters(parameters)?))
    }
}
