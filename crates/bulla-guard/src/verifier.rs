//! From a token to the principal it speaks for.

use std::sync::Arc;

use bulla_jose::jwt::{Audience, UnixTime, VerificationPolicy, VerifiedJwt};
use serde_json::{Map, Value};

use crate::{
    cache::TokenCache,
    issuer::{NotTheirs, TrustedIssuer, Unaccepted, no_keys},
    keys::{KeySet, KeySnapshot},
    principal::Principal,
    problem::Code,
    refusal::Refusal,
    revocation::{RevocationSet, RevokedBy},
    verified::{Token, Verified, VerifiedBy},
};

pub use crate::cache::CacheStatus;

/// Verifies the tokens of its own issuer and of those that are trusted beside it. Never waits: keys and revocations are in
/// memory.
///
/// Which issuer decides, the keys decide: the first whose keys verify a token and whose name it bears. Nothing of a payload
/// is read before that. The accounts, sessions and revocations of one issuer are not those of another, even where they have
/// the same names.
#[derive(Debug)]
pub struct Verifier {
    /// The own one first.
    issuers: Vec<TrustedIssuer>,
    cache: Option<TokenCache>,
}

/// How an issuer is asked about a token.
type Ask = fn(
    &TrustedIssuer,
    &str,
    &KeySnapshot,
    UnixTime,
) -> Result<VerifiedJwt<Map<String, Value>>, Unaccepted>;

impl Verifier {
    /// A verifier for tokens of its own issuer that satisfy `policy`, without a cache.
    #[must_use]
    pub fn new(
        keys: Arc<KeySet>,
        policy: VerificationPolicy,
        revocations: Arc<RevocationSet>,
    ) -> Self {
        Self {
            issuers: vec![TrustedIssuer::with_own_claims(keys, policy, revocations)],
            cache: None,
        }
    }

    /// The same, which accepts the tokens of these issuers too. They are asked in this order.
    #[must_use]
    pub fn trusting(mut self, issuers: impl IntoIterator<Item = TrustedIssuer>) -> Self {
        self.issuers.extend(issuers);
        self
    }

    /// One for the tokens of its own issuer alone that are for this audience, without a cache. It goes by the same keys and
    /// revocations.
    #[must_use]
    pub fn own_for(&self, audience: Audience) -> Self {
        let own = &self.issuers[0];
        let (keys, revocations) = (Arc::clone(&own.keys), Arc::clone(&own.revocations));
        Self::new(keys, own.policy.clone().for_audience(audience), revocations)
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

    /// The keys of its own issuer.
    #[must_use]
    pub fn keys(&self) -> &Arc<KeySet> {
        &self.issuers[0].keys
    }

    /// The revocations of its own issuer.
    #[must_use]
    pub fn revocations(&self) -> &Arc<RevocationSet> {
        &self.issuers[0].revocations
    }

    /// The principal of a token that holds, now.
    ///
    /// # Errors
    /// 401 with a `token_…` code, that of the issuer with whom it got furthest; 503 `keys_unavailable` if it may be a token
    /// of an issuer that has no keys at all.
    pub fn verify(&self, token: &str, now: UnixTime) -> Result<Verified, Refusal> {
        self.verify_after(token, now, || Ok(()))
    }

    /// The same, for whoever has something to ask before a signature costs anything: of a token that is in the cache,
    /// `before` is not asked.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), and what `before` refuses with.
    pub fn verify_after(
        &self,
        token: &str,
        now: UnixTime,
        before: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Verified, Refusal> {
        let current = |by: VerifiedBy| self.issuers[by.issuer].keys.load().epoch == by.epoch;
        let cached = |cache: &TokenCache| cache.find(token, now, current);
        // What is no longer in time is not found, and refused like any other such token.
        let verified = match self.cache.as_ref().and_then(cached) {
            Some(verified) => verified,
            None => {
                before()?;
                self.verify_anew(token, now)?
            }
        };
        match self.revoked_by(&verified) {
            Some(by) => Err(revoked(by)),
            None => Ok(verified),
        }
    }

    /// Whether a token that it has verified itself was revoked since.
    #[must_use]
    pub fn is_revoked(&self, verified: &Verified) -> bool {
        self.revoked_by(verified).is_some()
    }

    /// The same, for what concerns our own accounts: a token of another issuer does not count.
    ///
    /// # Errors
    /// As [`verify`](Self::verify); `token_issuer_mismatch` for a token that holds and is another issuer's.
    pub fn verify_own(&self, token: &str, now: UnixTime) -> Result<Verified, Refusal> {
        own(self.verify(token, now)?)
    }

    fn revoked_by(&self, verified: &Verified) -> Option<RevokedBy> {
        let issuer = &self.issuers[verified.token().by.issuer];
        issuer.revocations.revoked_by(verified)
    }

    fn verify_anew(&self, token: &str, now: UnixTime) -> Result<Verified, Refusal> {
        let (by, verified) = self.ask_each(token, now, TrustedIssuer::verify)?;
        let issuer = &self.issuers[by.issuer];
        let times = issuer.times(&verified);
        let principal = issuer.principal(verified)?;
        let verified = Verified::new(Token::new(token, principal, times, by));
        Ok(match &self.cache {
            Some(cache) => cache.keep(verified, now),
            None => verified,
        })
    }

    /// The principal of a token of our own that holds or once held: it may have expired, and its session may
    /// have ended. Only for acts that end something, such as a logout.
    ///
    /// # Errors
    /// As [`verify_own`](Self::verify_own), but never `token_expired`, and `token_revoked` only if the key
    /// that signed the token is.
    pub fn verify_ended(&self, token: &str, now: UnixTime) -> Result<Arc<Principal>, Refusal> {
        let (by, verified) = self.ask_each(token, now, TrustedIssuer::verify_ended)?;
        let issuer = &self.issuers[by.issuer];
        let principal = issuer.principal(verified)?;
        if by.issuer != 0 {
            return Err(foreign(&principal));
        }
        if issuer.revocations.key_is_revoked(&principal) {
            return Err(revoked(RevokedBy::Key));
        }
        Ok(Arc::new(principal))
    }

    /// Asks one issuer after the other until one knows the token as its own.
    fn ask_each(
        &self,
        token: &str,
        now: UnixTime,
        ask: Ask,
    ) -> Result<(VerifiedBy, VerifiedJwt<Map<String, Value>>), Refusal> {
        let mut furthest: Option<(NotTheirs, Refusal)> = None;
        let mut lacking_key = Vec::new();
        for (place, issuer) in self.issuers.iter().enumerate() {
            let keys = issuer.keys.load();
            let epoch = keys.epoch;
            match ask(issuer, token, &keys, now) {
                Ok(verified) => {
                    let issuer = place;
                    return Ok((VerifiedBy { issuer, epoch }, verified));
                }
                Err(Unaccepted::Refused(refusal)) => return Err(refusal),
                Err(Unaccepted::NotTheirs(reason, refusal)) => {
                    if matches!(reason, NotTheirs::KeyUnknown | NotTheirs::KeyFormer) {
                        lacking_key.push(&issuer.keys);
                    }
                    if furthest.as_ref().is_none_or(|(other, _)| *other < reason) {
                        furthest = Some((reason, refusal));
                    }
                }
            }
        }
        // Only now: that a token is another issuer's is no reason to fetch keys.
        lacking_key.into_iter().for_each(|keys| keys.key_missed());
        Err(furthest.map_or_else(no_keys, |(_, refusal)| refusal))
    }

    /// Whether any token could be verified: without a key nobody can be called unknown.
    pub(crate) fn check_keys(&self) -> Result<(), Refusal> {
        if self.issuers.iter().all(|issuer| issuer.keys.is_empty()) {
            return Err(no_keys());
        }
        Ok(())
    }
}

pub(crate) fn own(verified: Verified) -> Result<Verified, Refusal> {
    if verified.is_own() {
        Ok(verified)
    } else {
        Err(foreign(&verified))
    }
}

fn foreign(principal: &Principal) -> Refusal {
    let detail = format!(
        "a token of \"{}\" does not count here, where it is about Bulla's own accounts",
        principal.issuer
    );
    Refusal::new(Code::TokenIssuerMismatch, detail)
}

fn revoked(by: RevokedBy) -> Refusal {
    let detail = match by {
        RevokedBy::Token => "the token was revoked",
        RevokedBy::Session => "the token's session has ended",
        RevokedBy::Subject => "the account has changed since the token was issued",
        RevokedBy::Client => "the token's client was revoked",
        RevokedBy::Key => return Refusal::key_revoked(),
    };
    Refusal::new(Code::TokenRevoked, detail)
}
