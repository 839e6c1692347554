//! How a client says who it is, and proves it (RFC 6749 section 2.3).

use std::str;

use axum::http::{HeaderMap, header::AUTHORIZATION};
use bulla_core::{
    audit::Origin,
    client::{AuthenticatedClient, ClientAuthenticationError},
    token::BUILT_IN_CLIENT,
};
use bulla_guard::abuse::Offence;
use serde::Deserialize;
use utoipa::ToSchema;

use super::refused::{OAuthCode, OAuthRefused};
use crate::{edge::secret::SecretText, guessing, issuer::Issuer};

/// Who asks, unless `Authorization: Basic` says it.
#[derive(Deserialize, ToSchema)]
pub(super) struct ClientForm {
    /// Which client.
    client_id: Option<String>,
    /// `client_secret_post`: its secret.
    #[schema(value_type = Option<String>, format = "password")]
    client_secret: Option<SecretText>,
}

/// Who asks.
pub(super) enum Asking {
    /// A client that has proven itself.
    Client(Box<AuthenticatedClient>),
    /// The built-in client, which is public: it has nothing to prove itself by.
    BuiltIn,
}

/// What a client shows of itself.
enum Shown {
    Secret(String, SecretText),
    Nothing(String),
}

impl Asking {
    /// The client that has proven itself.
    ///
    /// # Errors
    /// `invalid_client` if it is the public one.
    pub(super) fn proven(&self) -> Result<&AuthenticatedClient, OAuthRefused> {
        match self {
            Self::Client(client) => Ok(client),
            Self::BuiltIn => Err(unproven("the client must prove itself")),
        }
    }

    /// Who asks.
    ///
    /// # Errors
    /// `invalid_request` if it says so in two ways, `invalid_client` if it does not prove it; too many were wrong.
    pub(super) async fn of(
        issuer: &Issuer,
        headers: &HeaderMap,
        form: ClientForm,
        from: Origin,
    ) -> Result<Self, OAuthRefused> {
        match shown(headers, form)? {
            Shown::Nothing(id) if id == BUILT_IN_CLIENT => Ok(Self::BuiltIn),
            Shown::Nothing(_) => Err(unproven("the client must prove itself")),
            Shown::Secret(id, secret) => {
                let account = guessing::Account::Client(&id);
                let guess = issuer.guessing().begin(account, from, issuer.moment())?;
                let service = issuer.clients();
                let outcome = service.authenticate_by_secret(&id, secret.expose()).await;
                guess.came_to(&outcome);
                Ok(Self::Client(Box::new(outcome?)))
            }
        }
    }
}

impl From<ClientAuthenticationError> for OAuthRefused {
    fn from(error: ClientAuthenticationError) -> Self {
        match error {
            ClientAuthenticationError::Invalid => {
                unproven(&error.to_string()).counting(Offence::FailedLogin)
            }
            ClientAuthenticationError::Store(error) => error.into(),
        }
    }
}

fn shown(headers: &HeaderMap, form: ClientForm) -> Result<Shown, OAuthRefused> {
    let basic = basic(headers)?;
    match (basic, form.client_id, form.client_secret) {
        (Some(_), _, Some(_)) => Err(malformed("the client proves itself in two ways")),
        (Some((basic, _)), Some(id), None) if basic != id => {
            Err(malformed("client_id is another one than in Authorization"))
        }
        (Some((id, secret)), _, None) | (None, Some(id), Some(secret)) => {
            Ok(Shown::Secret(id, secret))
        }
        (None, Some(id), None) => Ok(Shown::Nothing(id)),
        (None, None, Some(_)) => Err(malformed("client_id is missing")),
        (None, None, None) => Err(unproven("nothing says which client it is")),
    }
}

/// Both halves of `Authorization: Basic …` (RFC 7617), each encoded as in a form before that (section 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, SecretText)>, OAuthRefused> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(malformed("there is more than one Authorization"));
    }
    let (scheme, encoded) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unproven("clients prove themselves by Authorization: Basic"));
    }
    let decoded = base64_simd::STANDARD.decode_to_vec(encoded.trim().as_bytes());
    let both = decoded.map(zeroize::Zeroizing::new).ok();
    let both = both.as_ref().and_then(|bytes| str::from_utf8(bytes).ok());
    let halves = both.and_then(|text| text.split_once(':'));
    let (id, secret) = halves.ok_or_else(|| unproven("Authorization: Basic cannot be read"))?;
    let secret = SecretText::new(form_decoded(secret));
    Ok(Some((form_decoded(id), secret)))
}

/// One value as a form has it.
fn form_decoded(text: &str) -> String {
    let form = format!("={}", text.replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes())
        .map(|(_, value)| value.into_owned())
        .next()
        .unwrap_or_default()
}

fn malformed(description: &str) -> OAuthRefused {
    OAuthRefused::new(OAuthCode::InvalidRequest, description)
}

fn unproven(description: &str) -> OAuthRefused {
    OAuthRefused::new(OAuthCode::InvalidClient, description)
}
