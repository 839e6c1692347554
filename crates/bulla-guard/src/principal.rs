//! Who is asking: what a verified token says.

use bulla_jose::jwt::{UnixTime, VerifiedJwt};
use serde_json::{Map, Value};

use crate::{limit::ANONYMOUS_MINIMAL, problem::Code, refusal::Refusal};

/// The bearer of a token that holds.
///
/// Texts are as the issuer wrote them. Whoever puts them into a header makes sure that they fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// Claim `iss`.
    pub issuer: String,
    /// Claim `sub`, never empty.
    pub subject: String,
    /// Claim `sid`.
    pub session: Option<String>,
    /// Claim `client_id`.
    pub client_id: Option<String>,
    /// Claim `roles`.
    pub roles: Vec<String>,
    /// Claim `scope`, taken apart at its spaces.
    pub scopes: Vec<String>,
    /// Claim `plan`.
    pub plan: Option<String>,
    /// Claim `anon`: a visitor without an account.
    pub anonymous: bool,
    /// Claim `jti`.
    pub token_id: Option<String>,
    /// Header `kid`.
    pub key_id: Option<String>,
    /// Claim `epoch`: the account's revocation epoch when the token was signed.
    pub epoch: Option<u64>,
    /// Claim `gen`: the session's generation that the token came with.
    pub generation: Option<u64>,
    /// Claim `iat`.
    pub issued_at: Option<UnixTime>,
    /// Claim `exp`.
    pub expires_at: UnixTime,
    /// All claims of the token, those above too.
    pub claims: Map<String, Value>,
}

impl Principal {
    /// The bearer of a token that says no more than this.
    #[must_use]
    pub fn new(issuer: String, subject: String, expires_at: UnixTime) -> Self {
        Self {
            issuer,
            subject,
            session: None,
            client_id: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            plan: None,
            anonymous: false,
            token_id: None,
            key_id: None,
            epoch: None,
            generation: None,
            issued_at: None,
            expires_at,
            claims: Map::new(),
        }
    }

    /// Reads the claims of a token that holds. One of our own that is `null` counts as none.
    ///
    /// Whether the token was revoked is another question: only a [`Verifier`](crate::verifier::Verifier) answers both.
    ///
    /// # Errors
    /// `token_claim_invalid` if `sub` is missing or empty, or a claim has another type than it must.
    pub fn from_verified(token: VerifiedJwt<Map<String, Value>>) -> Result<Self, Refusal> {
        let key_id = token.key_id().map(ToString::to_string);
        let issued_at = token.issued_at();
        let expires_at = token.expires_at();
        let claims = token.into_claims();
        let subject = text(&claims, "sub")?.filter(|subject| !subject.is_empty());
        Ok(Self {
            issuer: text(&claims, "iss")?.ok_or_else(|| missing("iss"))?,
            subject: subject.ok_or_else(|| missing("sub"))?,
            session: text(&claims, "sid")?,
            client_id: text(&claims, "client_id")?,
            roles: texts(&claims, "roles")?,
            scopes: scopes(&claims)?,
            plan: text(&claims, "plan")?,
            anonymous: flag(&claims, "anon")?,
            token_id: text(&claims, "jti")?,
            key_id,
            epoch: count(&claims, "epoch")?,
            generation: count(&claims, "gen")?,
            issued_at,
            expires_at,
            claims,
        })
    }

    /// Whether it is a visitor who did no work for the token: anybody can have any number of those.
    #[must_use]
    pub fn did_no_work(&self) -> bool {
        self.anonymous && self.plan.as_deref() == Some(ANONYMOUS_MINIMAL)
    }
}

type Claims = Map<String, Value>;

fn text(claims: &Claims, name: &str) -> Result<Option<String>, Refusal> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(mistyped(name, "a string")),
    }
}

fn texts(claims: &Claims, name: &str) -> Result<Vec<String>, Refusal> {
    let wrong = || mistyped(name, "an array of strings");
    match claims.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

/// RFC 8693 section 4.2: one string, the scopes divided by spaces.
fn scopes(claims: &Claims) -> Result<Vec<String>, Refusal> {
    let scope = text(claims, "scope")?.unwrap_or_default();
    let scopes = scope.split(' ').filter(|scope| !scope.is_empty());
    Ok(scopes.map(str::to_owned).collect())
}

fn flag(claims: &Claims, name: &str) -> Result<bool, Refusal> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(mistyped(name, "true or false")),
    }
}

fn count(claims: &Claims, name: &str) -> Result<Option<u64>, Refusal> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .map(Some)
            .ok_or_else(|| mistyped(name, "a whole number")),
    }
}

pub(crate) fn missing(name: &str) -> Refusal {
    Refusal::new(
        Code::TokenClaimInvalid,
        format!("the claim {name} is missing"),
    )
}

pub(crate) fn mistyped(name: &str, wanted: &str) -> Refusal {
    Refusal::new(
        Code::TokenClaimInvalid,
        format!("the claim {name} is not {wanted}"),
    )
}
