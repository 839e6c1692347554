//! From a token to the principal it speaks for.

use std::sync::Arc;

use arc_swap::Guard;
use bulla_jose::jwt::{self, TokenError, UnixTime, VerificationPolicy};

use crate::{
    cache::TokenCache,
    keys::{KeySet, KeySnapshot},
    principal::Principal,
    problem::Code,
    refusal::Refusal,
    revocation::{RevocationSet, RevokedBy},
    verified::{Token, Verified},
};

pub use crate::cache::CacheStatus;

/// Verifies the tokens of one issuer. Never waits: keys and revocations are in memory.
///
/// Subjects, sessions and key IDs mean something only together with their issuer: each further
/// issuer gets a verifier, with keys and revocations of its own.
#[derive(Debug)]
pub struct Verifier {
    keys: Arc<KeySet>,
    policy: VerificationPolicy,
    revocations: Arc<RevocationSet>,
    cache: Option<TokenCache>,
}

impl Verifier {
    /// A verifier for tokens that satisfy `policy`, without a cache.
    #[must_use]
    pub const fn new(
        keys: Arc<KeySet>,
        policy: VerificationPolicy,
        revocations: Arc<RevocationSet>,
    ) -> Self {
        Self {
            keys,
            policy,
            revocations,
            cache: None,
        }
    }

    /// The same with a cache of verified tokens of at most so many bytes. It spares a token that comes again its
    /// signature, and nothing else.
    #[must_use]
    pub fn with_cache(mut self, bytes: usize) -> Self {
        self.cache = Some(TokenCache::new(bytes));
        self
    }

    /// How the cache does; `None` without one.
    #[must_use]
    pub fn cache_status(&self) -> Option<CacheStatus> {
        self.cache.as_ref().map(TokenCache::status)
    }

    /// The keys it verifies with.
    #[must_use]
    pub const fn keys(&self) -> &Arc<KeySet> {
        &self.keys
    }

    /// The revocations it heeds.
    #[must_use]
    pub const fn revocations(&self) -> &Arc<RevocationSet> {
        &self.revocations
    }

    /// The principal of a token that holds, now.
    ///
    /// # Errors
    /// 401 with a `token_…` code; 503 `keys_unavailable` while there are no keys at all.
    pub fn verify(&self, token: &str, now: UnixTime) -> Result<Verified, Refusal> {
        let keys = self.current_keys()?;
        let cached = |cache: &TokenCache| cache.find(token, keys.epoch, now);
        // What is no longer in time is not found, and refused like any other such token.
        let verified = match self.cache.as_ref().and_then(cached) {
            Some(verified) => verified,
            None => self.verify_anew(token, &keys, now)?,
        };
        match self.revocations.revoked_by(&verified) {
            Some(by) => Err(revoked(by)),
            None => Ok(verified),
        }
    }

    /// Whether a token that it has verified was revoked since.
    #[must_use]
    pub fn is_revoked(&self, verified: &Verified) -> bool {
        self.revocations.revoked_by(verified).is_some()
    }

    fn verify_anew(
        &self,
        token: &str,
        keys: &KeySnapshot,
        now: UnixTime,
    ) -> Result<Verified, Refusal> {
        let verified = jwt::verify(token, &keys.keys, &self.policy, now)
            .map_err(|error| self.refuse(&error))?;
        let times = self.times(verified.not_before(), verified.expires_at());
        let principal = Principal::from_verified(verified)?;
        let verified = Verified::new(Token::new(token, principal, times, keys.epoch));
        Ok(match &self.cache {
            Some(cache) => cache.keep(verified, now),
            None => verified,
        })
    }

    /// From when until when a token holds, the leeway counted in.
    fn times(&self, not_before: Option<UnixTime>, expires_at: UnixTime) -> (UnixTime, UnixTime) {
        let leeway = self.policy.leeway();
        let from = not_before.map_or(0, UnixTime::as_seconds);
        let from = UnixTime::from_seconds(from.saturating_sub(leeway.as_secs()));
        (from, expires_at.saturating_add(leeway))
    }

    /// The principal of a token that holds or once held: it may have expired, and its session may
    /// have ended. Only for acts that end something, such as a logout.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but never `token_expired`, and `token_revoked` only if the key
    /// that signed the token is.
    pub fn verify_ended(&self, token: &str, now: UnixTime) -> Result<Arc<Principal>, Refusal> {
        let keys = self.current_keys()?;
        let verified = jwt::dangerous::verify_ended(token, &keys.keys, &self.policy, now)
            .map_err(|error| self.refuse(&error))?;
        let principal = Principal::from_verified(verified)?;
        if self.revocations.key_is_revoked(&principal) {
            return Err(revoked(RevokedBy::Key));
        }
        Ok(Arc::new(principal))
    }

    /// The keys, if there are any: without them nobody can be called unknown.
    pub(crate) fn current_keys(&self) -> Result<Guard<Arc<KeySnapshot>>, Refusal> {
        let snapshot = self.keys.load();
        if snapshot.keys.keys().is_empty() {
            let detail = "there are no keys yet to verify tokens with";
            return Err(Refusal::new(Code::KeysUnavailable, detail));
        }
        Ok(snapshot)
    }

    fn refuse(&self, error: &TokenError) -> Refusal {
        if matches!(error, TokenError::KeyUnknown { .. }) {
            self.keys.key_missed();
        }
        Refusal::new(code_of(error), error.to_string())
    }
}

fn revoked(by: RevokedBy) -> Refusal {
    let detail = match by {
        RevokedBy::Token => "the token was revoked",
        RevokedBy::Session => "the token's session has ended",
        RevokedBy::Subject => "the account has changed since the token was issued",
        RevokedBy::Client => "the token's client was revoked",
        RevokedBy::Key => "the key that signed the token was revoked",
    };
    Refusal::new(Code::TokenRevoked, detail)
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
