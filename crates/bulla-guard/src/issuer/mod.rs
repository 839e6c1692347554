//! An issuer whose tokens are accepted, beside the others.

mod claims;
mod principal;

use std::sync::Arc;

use bulla_jose::{
    jwa::ContentEncryption,
    jwe::{DecryptionError, DecryptionPolicy, nested},
    jwk::DecryptionKey,
    jws::Malformed,
    jwt::{self, TokenError, UnixTime, VerificationPolicy, VerifiedJwt},
};
use serde_json::{Map, Value};

pub use self::claims::{ClaimNames, ClaimPath, InvalidClaimPath};
use crate::{
    keys::{KeySet, KeySnapshot},
    principal::Principal,
    problem::Code,
    refusal::Refusal,
    revocation::RevocationSet,
};

type Claims = Map<String, Value>;

/// An issuer whose tokens are accepted: its keys, what its tokens must be, and what of them was revoked. Subjects, sessions
/// and key IDs mean something only together with it.
#[derive(Debug)]
pub struct TrustedIssuer {
    pub(crate) keys: Arc<KeySet>,
    pub(crate) policy: VerificationPolicy,
    pub(crate) revocations: Arc<RevocationSet>,
    /// `None`: the claims are Bulla's own.
    claims: Option<ClaimNames>,
    decryption_keys: Vec<DecryptionKey>,
}

/// Why an issuer does not accept a token.
pub(crate) enum Unaccepted {
    /// As far as can be told, the token is somebody else's.
    NotTheirs(NotTheirs, Refusal),
    /// It is theirs, and does not hold.
    Refused(Refusal),
}

/// How far a token got that may be somebody else's: the further, the more its refusal helps. Without keys nothing is known
/// of it, so nobody may call it bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NotTheirs {
    Encrypted,
    Undecipherable,
    AlgorithmRefused,
    KeyUnknown,
    SignatureInvalid,
    /// It names a key that was theirs once.
    KeyFormer,
    // Who it is from is only read after that.
    TypeMismatch,
    IssuerMismatch,
    KeysUnavailable,
}

impl TrustedIssuer {
    /// An issuer whose tokens say who somebody is in these claims. Nothing of it is revoked.
    #[must_use]
    pub fn new(keys: Arc<KeySet>, policy: VerificationPolicy, claims: ClaimNames) -> Self {
        Self {
            claims: Some(claims),
            ..Self::with_own_claims(keys, policy, Arc::default())
        }
    }

    /// Accepts tokens too that were encrypted to one of these keys after they were signed (RFC 7519 section 5.2).
    #[must_use]
    pub fn decrypting_with(mut self, keys: Vec<DecryptionKey>) -> Self {
        self.decryption_keys = keys;
        self
    }

    /// One that issues Bulla's tokens.
    pub(crate) const fn with_own_claims(
        keys: Arc<KeySet>,
        policy: VerificationPolicy,
        revocations: Arc<RevocationSet>,
    ) -> Self {
        Self {
            keys,
            policy,
            revocations,
            claims: None,
            decryption_keys: Vec::new(),
        }
    }

    pub(crate) fn verify(
        &self,
        token: &str,
        snapshot: &KeySnapshot,
        now: UnixTime,
    ) -> Result<VerifiedJwt<Claims>, Unaccepted> {
        let keys = available(snapshot)?;
        match jwt::verify(token, keys, &self.policy, now) {
            Err(TokenError::Malformed(Malformed::Encrypted))
                if !self.decryption_keys.is_empty() =>
            {
                let recipients = &self.decryption_keys;
                let decryption = DecryptionPolicy::new(ContentEncryption::ALL);
                let verified =
                    nested::verify(token, recipients, &decryption, keys, &self.policy, now);
                Ok(verified?)
            }
            verified => verified.map_err(|error| unaccepted(error, token, snapshot)),
        }
    }

    /// As [`verify`](Self::verify), but an expired token is accepted, of a key too that has departed, and an encrypted one is
    /// not.
    pub(crate) fn verify_ended(
        &self,
        token: &str,
        keys: &KeySnapshot,
        now: UnixTime,
    ) -> Result<VerifiedJwt<Claims>, Unaccepted> {
        let ended = |set| jwt::dangerous::verify_ended(token, set, &self.policy, now);
        match ended(available(keys)?) {
            Err(error) if lacks_key(&error) && keys.departed.knows(token) => {
                Ok(ended(keys.departed.keys())?)
            }
            ended => ended.map_err(|error| unaccepted(error, token, keys)),
        }
    }

    pub(crate) fn principal(&self, verified: VerifiedJwt<Claims>) -> Result<Principal, Refusal> {
        match &self.claims {
            None => Principal::from_verified(verified),
            Some(names) => principal::foreign(verified, names),
        }
    }

    /// From when until when a token holds, the leeway counted in.
    pub(crate) fn times(&self, verified: &VerifiedJwt<Claims>) -> (UnixTime, UnixTime) {
        let leeway = self.policy.leeway();
        let from = verified.not_before().map_or(0, UnixTime::as_seconds);
        let from = UnixTime::from_seconds(from.saturating_sub(leeway.as_secs()));
        (from, verified.expires_at().saturating_add(leeway))
    }
}

/// The keys, if there are any: without them nobody can be called unknown.
fn available(snapshot: &KeySnapshot) -> Result<&bulla_jose::jwk::JwkSet, Unaccepted> {
    if snapshot.keys.keys().is_empty() {
        return Err(Unaccepted::NotTheirs(NotTheirs::KeysUnavailable, no_keys()));
    }
    Ok(&snapshot.keys)
}

/// What is said of a token that was refused. Its key may have been theirs once, and the only one for its algorithm.
fn unaccepted(error: TokenError, token: &str, keys: &KeySnapshot) -> Unaccepted {
    let former = || {
        let former = keys.former.refusal(token);
        former.or_else(|| keys.departed.refusal(token))
    };
    match lacks_key(&error).then(former).flatten() {
        Some(refusal) => Unaccepted::NotTheirs(NotTheirs::KeyFormer, refusal),
        None => error.into(),
    }
}

const fn lacks_key(error: &TokenError) -> bool {
    matches!(
        error,
        TokenError::KeyUnknown { .. } | TokenError::AlgorithmRefused { .. }
    )
}

pub(crate) fn no_keys() -> Refusal {
    let detail = "there are no keys yet to verify tokens with";
    Refusal::new(Code::KeysUnavailable, detail)
}

impl From<TokenError> for Unaccepted {
    fn from(error: TokenError) -> Self {
        let refusal = Refusal::new(code_of(&error), error.to_string());
        let not_theirs = match error {
            TokenError::Malformed(Malformed::Encrypted) => NotTheirs::Encrypted,
            TokenError::AlgorithmRefused { .. } => NotTheirs::AlgorithmRefused,
            TokenError::KeyUnknown { .. } => NotTheirs::KeyUnknown,
            TokenError::SignatureInvalid { .. } => NotTheirs::SignatureInvalid,
            TokenError::TypeMismatch { .. } => NotTheirs::TypeMismatch,
            TokenError::IssuerMismatch { .. } => NotTheirs::IssuerMismatch,
            _ => return Self::Refused(refusal),
        };
        Self::NotTheirs(not_theirs, refusal)
    }
}

impl From<nested::NestedError> for Unaccepted {
    fn from(error: nested::NestedError) -> Self {
        let detail = error.to_string();
        match error {
            // What was decrypted is this issuer's, and no further key opens what is in it.
            nested::NestedError::Token(TokenError::Malformed(_)) => {
                Self::Refused(Refusal::new(Code::TokenMalformed, detail))
            }
            nested::NestedError::Token(error) => error.into(),
            nested::NestedError::Decryption(error) => {
                let how_far = match error {
                    DecryptionError::Failed => NotTheirs::SignatureInvalid,
                    _ => NotTheirs::Undecipherable,
                };
                Self::NotTheirs(how_far, Refusal::new(code_of_decryption(&error), detail))
            }
            _ => Self::Refused(Refusal::new(Code::TokenTypeMismatch, detail)),
        }
    }
}

const fn code_of(error: &TokenError) -> Code {
    match error {
        TokenError::SignatureInvalid { .. } => Code::TokenSignatureInvalid,
        TokenError::KeyUnknown { .. } => Code::TokenKeyUnknown,
        TokenError::AlgorithmRefused { .. } => Code::TokenAlgorithmRefused,
        TokenError::CriticalUnsupported { .. } => Code::TokenCriticalUnsupported,
        TokenError::TypeMismatch { .. } => Code::TokenTypeMismatch,
        TokenError::IssuerMismatch { .. } => Code::TokenIssuerMismatch,
        TokenError::AudienceMismatch { .. } => Code::TokenAudienceMismatch,
        TokenError::Expired { .. } => Code::TokenExpired,
        TokenError::NotYetValid { .. } => Code::TokenNotYetValid,
        TokenError::ClaimInvalid { .. } => Code::TokenClaimInvalid,
        // `Malformed`, and what later versions add.
        _ => Code::TokenMalformed,
    }
}

const fn code_of_decryption(error: &DecryptionError) -> Code {
    match error {
        DecryptionError::AlgorithmRefused { .. }
        | DecryptionError::ContentEncryptionRefused { .. } => Code::TokenAlgorithmRefused,
        DecryptionError::CriticalUnsupported { .. } => Code::TokenCriticalUnsupported,
        DecryptionError::KeyUnknown { .. } => Code::TokenKeyUnknown,
        // Altered, or encrypted to another key: it comes from nobody who can be believed.
        DecryptionError::Failed => Code::TokenSignatureInvalid,
        _ => Code::TokenMalformed,
    }
}
