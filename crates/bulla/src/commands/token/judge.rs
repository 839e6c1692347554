//! The verdict that a gateway gives on a token, but for revocations, which only a gateway knows.

use std::fmt;

use bulla_guard::{principal::Principal, refusal::Refusal};
use bulla_jose::{
    jwk::JwkSet,
    jwt::{self, TokenError, UnixTime, VerificationPolicy, VerifiedJwt},
};
use serde_json::{Map, Value};

/// Why no gateway would take a token.
pub(super) enum Refused {
    /// It does not hold.
    Token(TokenError),
    /// It holds, but its claims are not those of an access token (RFC 9068).
    Principal(Refusal),
}

impl Refused {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Principal(refusal) => refusal.code.as_str(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Principal(refusal) => f.write_str(&refusal.detail),
        }
    }
}

/// The claims of a token that is good.
///
/// # Errors
/// [`Refused`].
pub(super) fn judge(
    token: &str,
    keys: &JwkSet,
    policy: &VerificationPolicy,
    now: UnixTime,
) -> Result<Map<String, Value>, Refused> {
    let jwt: VerifiedJwt<Map<String, Value>> =
        jwt::verify(token, keys, policy, now).map_err(Refused::Token)?;
    if !jwt.is_access_token() {
        return Ok(jwt.into_claims());
    }
    Principal::from_verified(jwt)
        .map(|principal| principal.claims)
        .map_err(Refused::Principal)
}
