//! What a client signs to prove itself (RFC 7523, `private_key_jwt`).

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use bulla_jose::{
    jws,
    jwt::{
        self, Audience, ClaimProblem, Issuer, TokenError, UnixTime, UnverifiedJwt,
        VerificationPolicy,
    },
};
use serde::Deserialize;

use super::ClientKeys;
use crate::time::Timestamp;

/// An assertion as somebody presented it; nothing about it is proven.
pub struct PresentedAssertion<'a> {
    text: &'a str,
    claimed: ClaimedIssuer,
    audiences: Vec<String>,
}

/// The identity of an assertion of one client: SHA-256 of its `jti`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssertionId([u8; 32]);

/// An assertion that the client's key has signed.
pub(super) struct VerifiedAssertion {
    pub(super) id: AssertionId,
    /// Until then it must be remembered.
    pub(super) until: Timestamp,
}

/// Why an assertion proves nothing. Whoever has signed it with a key of the client's may know the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefused {
    /// It is no JWT, or too long a one.
    #[error("the assertion is no JWT that is read here: {0}")]
    Malformed(jws::Malformed),
    /// It asks for what nobody here understands.
    #[error("the assertion has crit in its header, and no extension is understood here")]
    Critical,
    /// It does not say whose it is.
    #[error("iss of the assertion is missing or no text")]
    Anonymous,
    /// There is no such client, or it has no such key, or is disabled. Which of them is not said.
    #[error("the client or its key is wrong")]
    Unproven,
    /// `iss` and `sub` are not both the client.
    #[error("iss and sub of the assertion must be the client_id")]
    Subject,
    /// It is for somebody else, or for others too.
    #[error("aud of the assertion must be the issuer or the token endpoint, and nobody else")]
    Audience,
    /// It is over.
    #[error("the assertion has expired")]
    Expired,
    /// It is not yet to be used.
    #[error("nbf of the assertion lies ahead")]
    TooEarly,
    /// It would be good for too long.
    #[error("exp of the assertion is more than {} seconds ahead", MAX_LIFETIME.as_secs())]
    TooLong,
    /// It has no identity.
    #[error("jti of the assertion must have 1 to {MAX_ID_BYTES} bytes")]
    NoId,
    /// It has the type of another kind of token.
    #[error("typ of the assertion must be {} or {}, or left out", TYPES[0], TYPES[1])]
    Type,
    /// A claim is missing or of a wrong kind.
    #[error("{claim} of the assertion {problem}")]
    Claim {
        /// Its name.
        claim: &'static str,
        /// What is wrong with it.
        problem: ClaimProblem,
    },
    /// It was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// So many assertions of the client are remembered that there is no room for another one.
    #[error("the client has used too many assertions that are not over yet")]
    TooMany,
}

/// How far ahead `exp` may lie: for so long an assertion is remembered.
const MAX_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How much the clocks of clients may differ from ours.
const LEEWAY: Duration = Duration::from_secs(30);

const MAX_ID_BYTES: usize = 255;

/// `typ`, if there is one: what libraries write, and what RFC 7523 is about to ask for.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

#[derive(Deserialize)]
struct ClaimedIssuer {
    iss: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    jti: String,
}

impl<'a> PresentedAssertion<'a> {
    /// Reads an assertion of at most 16 KiB.
    ///
    /// # Errors
    /// [`AssertionRefused::Malformed`], [`AssertionRefused::Critical`], [`AssertionRefused::Anonymous`].
    pub fn decode(text: &'a str) -> Result<Self, AssertionRefused> {
        let refused = |error| match error {
            TokenError::Malformed(malformed) => AssertionRefused::Malformed(malformed),
            _ => AssertionRefused::Anonymous,
        };
        let unverified = UnverifiedJwt::decode(text).map_err(refused)?;
        // Before anybody is looked up, so that it tells nothing of whom there is.
        if !unverified.header().critical().is_empty() {
            return Err(AssertionRefused::Critical);
        }
        let claimed = unverified
            .dangerous_claims_without_verification()
            .map_err(refused)?;
        // Verifying tells of a wrong one, once it is known who has signed it.
        let audiences = unverified.dangerous_audiences_without_verification();
        let audiences = audiences.unwrap_or_default();
        Ok(Self {
            text,
            claimed,
            audiences,
        })
    }

    /// Whose it claims to be: good for looking up the keys, and nothing else.
    #[must_use]
    pub fn claimed_client(&self) -> &str {
        &self.claimed.iss
    }

    /// Checks it: signature first, with the keys' own algorithms. It is for one of `audiences`, and for nobody else, so that
    /// nobody can use an assertion here that was made for another server (RFC 7523 section 3).
    pub(super) fn verify(
        &self,
        keys: &ClientKeys,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<VerifiedAssertion, AssertionRefused> {
        // What is verified below is the same text.
        let named = match self.audiences.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        let wanted = audiences.iter().find(|audience| named == Some(**audience));
        // Somebody who has no key is told nothing, so a token for nobody we know is verified too.
        let audience = wanted.or(audiences.first()).copied().unwrap_or_default();
        let policy = VerificationPolicy::new(
            Issuer::new(self.claimed.iss.as_str()).map_err(|_| AssertionRefused::Subject)?,
            Audience::new(audience).map_err(|_| AssertionRefused::Audience)?,
            &TYPES,
            &keys.algorithms(),
        );
        let policy = policy.or_untyped().with_leeway(LEEWAY);
        let seconds = u64::try_from(now.as_seconds()).unwrap_or(0);
        let now = UnixTime::from_seconds(seconds);
        let verified = jwt::verify::<Claims>(self.text, keys.set(), &policy, now)?;
        let Claims { iss, sub, jti } = verified.claims();
        if iss != sub {
            return Err(AssertionRefused::Subject);
        }
        if named.is_none() {
            return Err(AssertionRefused::Audience);
        }
        if !(1..=MAX_ID_BYTES).contains(&jti.len()) {
            return Err(AssertionRefused::NoId);
        }
        let latest = now.saturating_add(MAX_LIFETIME);
        if verified.expires_at() > latest.saturating_add(LEEWAY) {
            return Err(AssertionRefused::TooLong);
        }
        let until = verified.expires_at().saturating_add(LEEWAY).as_seconds();
        let until = i64::try_from(until.saturating_mul(1000)).unwrap_or(i64::MAX);
        Ok(VerifiedAssertion {
            id: AssertionId::of(jti),
            until: Timestamp::from_millis(until),
        })
    }
}

impl AssertionId {
    /// The identity of these bytes, from the store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(jti: &str) -> Self {
        let mut id = [0; 32];
        id.copy_from_slice(digest(&SHA256, jti.as_bytes()).as_ref());
        Self(id)
    }
}

impl From<TokenError> for AssertionRefused {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Malformed(malformed) => Self::Malformed(malformed),
            TokenError::Expired { .. } => Self::Expired,
            TokenError::NotYetValid { .. } => Self::TooEarly,
            TokenError::IssuerMismatch { .. } => Self::Subject,
            TokenError::AudienceMismatch { .. } | TokenError::ClaimInvalid { claim: "aud", .. } => {
                Self::Audience
            }
            TokenError::ClaimInvalid { claim, problem } => Self::Claim { claim, problem },
            TokenError::TypeMismatch { .. } => Self::Type,
            _ => Self::Unproven,
        }
    }
}

impl std::fmt::Debug for PresentedAssertion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentedAssertion(..)")
    }
}
