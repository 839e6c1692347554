use std::fmt;

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    ClaimProblem, TokenError, UnixTime, VerificationPolicy,
    claims::{Claims, Times},
    policy::is_type,
};
use crate::{
    json,
    jwa::Algorithm,
    jwk::{JwkSet, KeyId},
    jws::{self, Malformed, Part},
};

/// Claims that were verified. Only verifying makes one:
///
/// ```compile_fail,E0451
/// use bulla_jose::jwt::VerifiedJwt;
///
/// fn trust_me(other: VerifiedJwt<&'static str>) -> VerifiedJwt<&'static str> {
///     VerifiedJwt { claims: "admin", ..other }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct VerifiedJwt<C> {
    claims: C,
    times: Times,
    algorithm: Algorithm,
    key_id: Option<KeyId>,
    is_access_token: bool,
}

impl<C> VerifiedJwt<C> {
    /// The claims, in the type that was asked for.
    #[must_use]
    pub const fn claims(&self) -> &C {
        &self.claims
    }

    /// The claims alone.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }

    /// `exp` (RFC 7519 section 4.1.4); from this second on the token is refused. A fraction was rounded up.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.times.expires_at
    }

    /// `iat` (RFC 7519 section 4.1.6). A fraction was rounded down.
    #[must_use]
    pub const fn issued_at(&self) -> Option<UnixTime> {
        self.times.issued_at
    }

    /// `nbf` (RFC 7519 section 4.1.5). A fraction was rounded up.
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixTime> {
        self.times.not_before
    }

    /// The ID of the key that signed, `kid` (RFC 7517 section 4.5), as the key set has it.
    #[must_use]
    pub const fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The algorithm of the signature, `alg` (RFC 7515 section 4.1.1).
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether its `typ` is that of an access token, `at+jwt` (RFC 9068 section 2.1).
    #[must_use]
    pub const fn is_access_token(&self) -> bool {
        self.is_access_token
    }
}

/// Memory for [`verify_in`]. It may be used for any number of tokens, one after the other.
#[derive(Default)]
pub struct Scratch(jws::Scratch);

/// What is left of the last token in there is not shown.
impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

/// Verifies a token: signature, then `typ`, the types of the registered claims, `iss`, `aud`, `nbf` and `exp` (RFC 7519
/// section 7.2). `exp`, `iss`, `aud` and `typ` are required, and a `sub` that is not empty for the type `at+jwt` (RFC 9068
/// section 2.2).
/// Nothing of the payload is parsed before the signature holds.
///
/// # Errors
/// [`TokenError`], the first thing that is wrong.
pub fn verify<C: DeserializeOwned>(
    token: &str,
    keys: &JwkSet,
    policy: &VerificationPolicy,
    now: UnixTime,
) -> Result<VerifiedJwt<C>, TokenError> {
    verify_in(token, keys, policy, now, &mut Scratch::default())
}

/// As [`verify`], but the claims may borrow from `scratch`, whose memory is used again: a token with a header that its
/// key has signed before is then verified without any allocation of ours.
///
/// ```
/// use bulla_jose::{
///     jwa::Algorithm,
///     jwk::{JwkSet, SigningKey},
///     jwt::{self, Audience, Issuer, Scratch, UnixTime, VerificationPolicy},
/// };
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Claims<'a> {
///     sub: &'a str,
/// }
///
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let claims = serde_json::json!({ "iss": "i", "aud": "api", "sub": "usr_1", "exp": 2 });
/// let token = jwt::sign(&key, "at+jwt", &claims)?;
/// let keys = JwkSet::new(vec![key.verifying_key().clone()]);
/// let (issuer, audience) = (Issuer::new("i")?, Audience::new("api")?);
/// let policy = VerificationPolicy::new(issuer, audience, &["at+jwt"], &[Algorithm::Es256]);
/// let now = UnixTime::from_seconds(1);
///
/// let mut scratch = Scratch::default();
/// let verified = jwt::verify_in::<Claims<'_>>(&token, &keys, &policy, now, &mut scratch)?;
/// assert_eq!(verified.claims().sub, "usr_1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The memory can be used again only when nothing borrows from it any more:
///
/// ```compile_fail,E0499
/// # use bulla_jose::{jwk::JwkSet, jwt::{self, Scratch, UnixTime, VerificationPolicy}};
/// fn both<'s>(keys: &JwkSet, policy: &VerificationPolicy, now: UnixTime, scratch: &'s mut Scratch) {
///     let first = jwt::verify_in::<&str>("a.b.c", keys, policy, now, scratch);
///     let second = jwt::verify_in::<&str>("d.e.f", keys, policy, now, scratch);
///     drop((first, second));
/// }
/// ```
///
/// # Errors
/// As [`verify`].
pub fn verify_in<'s, C: Deserialize<'s>>(
    token: &str,
    keys: &JwkSet,
    policy: &VerificationPolicy,
    now: UnixTime,
    scratch: &'s mut Scratch,
) -> Result<VerifiedJwt<C>, TokenError> {
    verify_until(token, keys, policy, now, scratch, true)
}

/// The one verification. `expired_is_refused` is false for [`super::dangerous::verify_ended`] alone.
pub(super) fn verify_until<'s, C: Deserialize<'s>>(
    token: &str,
    keys: &JwkSet,
    policy: &VerificationPolicy,
    now: UnixTime,
    scratch: &'s mut Scratch,
    expired_is_refused: bool,
) -> Result<VerifiedJwt<C>, TokenError> {
    let limit = policy.max_token_bytes;
    let accepted =
        jws::verify_compact(token, limit, keys, policy.algorithms(keys), &mut scratch.0)?;
    let jws::Scratch { bytes, names } = &mut scratch.0;
    let typ = accepted.typ.as_deref();
    check_type(typ, policy)?;
    let payload = &bytes[..accepted.payload_bytes];
    let mut registered = Claims::default();
    let content = match registered.read(payload, names) {
        Some(claims) => Ok(claims),
        None => Err(registered
            .read_text(payload, names)
            .map_err(|problem| Malformed::Json {
                part: Part::Payload,
                problem,
            })?),
    };
    let is_access_token = typ.is_some_and(|typ| is_type(typ, "at+jwt"));
    let times = registered.check(policy, is_access_token)?;
    times.check(policy, now, expired_is_refused)?;
    Ok(VerifiedJwt {
        claims: content.or_else(read_claims)?,
        times,
        algorithm: accepted.algorithm,
        key_id: accepted.key.key_id().cloned(),
        is_access_token,
    })
}

fn check_type(typ: Option<&str>, policy: &VerificationPolicy) -> Result<(), TokenError> {
    let Some(typ) = typ else {
        if policy.untyped {
            return Ok(());
        }
        return Err(TokenError::ClaimInvalid {
            claim: "typ",
            problem: ClaimProblem::Missing,
        });
    };
    if policy.accepts_type(typ) {
        return Ok(());
    }
    Err(TokenError::TypeMismatch {
        expected: policy.types.clone(),
        found: crate::excerpt::excerpt(typ),
    })
}

pub(super) fn read_claims<'a, C: Deserialize<'a>>(text: &'a str) -> Result<C, TokenError> {
    json::read_checked(text).map_err(|problem| TokenError::ClaimInvalid {
        claim: "claims",
        problem: ClaimProblem::Shape(problem),
    })
}
