//! A no, and how HTTP authentication says it.

use std::fmt::Write as _;

use http::{HeaderValue, StatusCode};

use crate::problem::Code;

/// The protection space that every challenge names.
const REALM: &str = "bulla";

/// `error_description` goes into a header: longer ones are cut.
const DESCRIPTION_BYTES: usize = 256;

/// Why a request does not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// What kind of no it is.
    pub code: Code,
    /// What was wrong with this request, for the client's eyes.
    pub detail: String,
    /// The scopes that would have been enough (RFC 6750 section 3).
    scope: Option<String>,
}

impl Refusal {
    /// A refusal of this kind. `detail` is for the client's eyes: nothing secret, no inner workings.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            scope: None,
        }
    }

    /// A `token_revoked` for all tokens of a key.
    pub(crate) fn key_revoked() -> Self {
        Self::new(
            Code::TokenRevoked,
            "the key that signed the token was revoked",
        )
    }

    /// A `scope_insufficient` that names all scopes the route asks for.
    #[must_use]
    pub(crate) fn scopes_needed(scopes: &[String]) -> Self {
        let scope = scopes.join(" ");
        Self {
            code: Code::ScopeInsufficient,
            detail: format!("the scope {scope} is needed"),
            scope: Some(scope),
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The `WWW-Authenticate` header of its answer (RFC 6750 section 3): on every 401, with `error`
    /// only where an access token was refused, and on the 403 of a token that does not reach.
    #[must_use]
    pub fn www_authenticate(&self) -> Option<HeaderValue> {
        let error = match self.status() {
            StatusCode::UNAUTHORIZED => self.refuses_token().then_some("invalid_token"),
            StatusCode::FORBIDDEN if self.concerns_token() => Some("insufficient_scope"),
            _ => return None,
        };
        let mut challenge = format!("Bearer realm=\"{REALM}\"");
        if let Some(error) = error {
            let description = quotable(&self.detail);
            let _ = write!(
                challenge,
                ", error=\"{error}\", error_description=\"{description}\""
            );
        }
        if let Some(scope) = &self.scope {
            let _ = write!(challenge, ", scope=\"{}\"", quotable(scope));
        }
        HeaderValue::try_from(challenge).ok()
    }

    /// Whether another token could make a difference.
    const fn concerns_token(&self) -> bool {
        !matches!(self.code, Code::CsrfRefused | Code::AddressBanned)
    }

    /// Whether it is an access token that was refused. A refresh token is none: clients take
    /// `invalid_token` as the call to refresh, and would ask again for ever.
    const fn refuses_token(&self) -> bool {
        matches!(
            self.code,
            Code::TokenMalformed
                | Code::TokenSignatureInvalid
                | Code::TokenKeyUnknown
                | Code::TokenAlgorithmRefused
                | Code::TokenExpired
                | Code::TokenNotYetValid
                | Code::TokenIssuerMismatch
                | Code::TokenAudienceMismatch
                | Code::TokenTypeMismatch
                | Code::TokenClaimInvalid
                | Code::TokenCriticalUnsupported
                | Code::TokenRevoked
        )
    }
}

/// The text without what RFC 6750 section 3 keeps out of a quoted value: quotes, backslashes and
/// all that is not printable ASCII. A token's own words may be in it.
fn quotable(text: &str) -> String {
    text.chars()
        .take(DESCRIPTION_BYTES)
        .map(|character| match character {
            '"' => '\'',
            '\\' => '/',
            ' '..='~' => character,
            _ => '?',
        })
        .collect()
}
