//! How a client says who it is, and proves it (RFC 6749 section 2.3).

use std::str;

use axum::http::{HeaderMap, header::AUTHORIZATION};
use bulla_core::{
    audit::Origin,
    client::{AuthenticatedClient, ClientAuthenticationError, PresentedAssertion},
    token::BUILT_IN_CLIENT,
};
use bulla_guard::abuse::Offence;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    refused::{OAuthCode, OAuthRefused},
    token_endpoint,
};
use crate::{
    edge::secret::SecretText,
    guessing::{self, PasswordFailure},
    issuer::Issuer,
};

/// Who asks, unless `Authorization: Basic` says it.
#[derive(Deserialize, ToSchema)]
pub(super) struct ClientForm {
    /// Which client.
    client_id: Option<String>,
    /// `client_secret_post`: its secret.
    #[schema(value_type = Option<String>, format = "password")]
    client_secret: Option<SecretText>,
    /// `private_key_jwt`: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
    /// `private_key_jwt`: a JWT that one of its keys has signed (RFC 7523).
    #[schema(value_type = Option<String>)]
    client_assertion: Option<SecretText>,
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
    /// Whose it must be, if that is said too.
    Assertion(Option<String>, SecretText),
    Nothing(String),
}

/// The one kind of assertion there is (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
        let is_in_form = form.client_secret.is_some() || form.client_assertion.is_some();
        let asking = Self::by(issuer, shown(headers, form), from).await;
        match asking {
            Err(refused) if is_in_form && !headers.contains_key(AUTHORIZATION) => {
                Err(refused.unchallenged())
            }
            asking => asking,
        }
    }

    async fn by(
        issuer: &Issuer,
        shown: Result<Shown, OAuthRefused>,
        from: Origin,
    ) -> Result<Self, OAuthRefused> {
        let client = match shown? {
            Shown::Nothing(id) if id == BUILT_IN_CLIENT => return Ok(Self::BuiltIn),
            Shown::Nothing(_) => return Err(unproven("the client must prove itself")),
            Shown::Secret(id, secret) => by_secret(issuer, &id, &secret, from).await?,
            Shown::Assertion(id, assertion) => {
                by_assertion(issuer, id.as_deref(), &assertion, from).await?
            }
        };
        Ok(Self::Client(Box::new(client)))
    }
}

async fn by_secret(
    issuer: &Issuer,
    id: &str,
    secret: &SecretText,
    from: Origin,
) -> Result<AuthenticatedClient, OAuthRefused> {
    let service = issuer.clients();
    let outcome = service.authenticate_by_secret(id, secret.expose()).await;
    unless_guessed(issuer, id, from, outcome)
}

async fn by_assertion(
    issuer: &Issuer,
    id: Option<&str>,
    assertion: &SecretText,
    from: Origin,
) -> Result<AuthenticatedClient, OAuthRefused> {
    let presented = PresentedAssertion::decode(assertion.expose())
        .map_err(|refused| unproven(&refused.to_string()))?;
    let claimed = presented.claimed_client();
    if id.is_some_and(|id| id != claimed) {
        return Err(malformed(
            "client_id is another one than in client_assertion",
        ));
    }
    let token_endpoint = token_endpoint(issuer);
    let name = &issuer.settings().authentication.tokens.issuer;
    let audiences = [name.as_str(), token_endpoint.as_str()];
    let service = issuer.clients();
    let outcome = service
        .authenticate_by_assertion(&presented, &audiences)
        .await;
    unless_guessed(issuer, claimed, from, outcome)
}

/// What is right was not guessed, so nobody is kept out by who guesses beside him: only what is wrong is held back. It costs
/// too little to be asked about before.
fn unless_guessed(
    issuer: &Issuer,
    client: &str,
    from: Origin,
    outcome: Result<AuthenticatedClient, ClientAuthenticationError>,
) -> Result<AuthenticatedClient, OAuthRefused> {
    let account = guessing::Account::Client(client);
    let is_wrong = outcome
        .as_ref()
        .is_err_and(PasswordFailure::is_wrong_password);
    match issuer.guessing().begin(account, from, issuer.moment()) {
        Ok(guess) => guess.came_to(&outcome),
        Err(exhausted) if is_wrong => return Err(exhausted.into()),
        Err(_) => {}
    }
    Ok(outcome?)
}

impl From<ClientAuthenticationError> for OAuthRefused {
    fn from(error: ClientAuthenticationError) -> Self {
        let refused = unproven(&error.to_string());
        if error.is_wrong_password() {
            return refused.counting(Offence::FailedLogin);
        }
        match error {
            ClientAuthenticationError::Store(error) => error.into(),
            _ => refused,
        }
    }
}

fn shown(headers: &HeaderMap, form: ClientForm) -> Result<Shown, OAuthRefused> {
    let basic = basic(headers)?;
    let ClientForm {
        client_id,
        client_secret,
        client_assertion_type,
        client_assertion,
    } = form;
    let ways = [
        basic.is_some(),
        client_secret.is_some(),
        client_assertion.is_some(),
    ];
    if ways.into_iter().filter(|shown| *shown).count() > 1 {
        return Err(malformed("the client proves itself in two ways"));
    }
    if let Some(assertion) = client_assertion {
        return match client_assertion_type.as_deref() {
            Some(JWT_BEARER) => Ok(Shown::Assertion(client_id, assertion)),
            Some(_) => Err(unproven("there is no such client_assertion_type here")),
            None => Err(malformed("client_assertion_type is missing")),
        };
    }
    match (basic, client_id, client_secret) {
        (Some((basic, _)), Some(id), _) if basic != id => {
            Err(malformed("client_id is another one than in Authorization"))
        }
        (Some((id, secret)), ..) | (None, Some(id), Some(secret)) => Ok(Shown::Secret(id, secret)),
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
