//! Keys that were in the set a while ago.

use bulla_jose::{
    jwk::{JwkSet, VerifyingKey},
    jwt::UnverifiedJwt,
};

use super::FormerKeys;
use crate::{problem::Code, refusal::Refusal};

/// So many are remembered, the latest to go.
const MOST: usize = 32;

/// The keys that went from a set while this process watched it, the latest last. What they have signed holds no longer; but
/// it was signed by who it says. Never a key that was revoked, nor a secret.
#[derive(Debug, Default)]
pub struct DepartedKeys(JwkSet);

impl DepartedKeys {
    /// Those that have gone when `now` takes the place of a set.
    pub(super) fn when(&self, before: &JwkSet, now: &JwkSet, former: &FormerKeys) -> Self {
        let has = |set: &JwkSet, key: &VerifyingKey| {
            let mut ids = set.keys().iter().map(VerifyingKey::key_id);
            ids.any(|id| id == key.key_id())
        };
        let is_gone = |key: &&VerifyingKey| {
            key.key_id().is_some_and(|id| !former.is_revoked(id))
                && !key.algorithm().is_symmetric()
                && !has(now, key)
        };
        // One may have come back and gone again.
        let earlier = self.0.keys().iter().filter(|key| !has(before, key));
        let gone: Vec<_> = earlier
            .chain(before.keys())
            .filter(is_gone)
            .cloned()
            .collect();
        let forgotten = gone.len().saturating_sub(MOST);
        Self(JwkSet::new(gone[forgotten..].to_vec()))
    }

    /// To verify what need not be good any more, such as the token of somebody who logs out.
    pub(crate) const fn keys(&self) -> &JwkSet {
        &self.0
    }

    /// Whether it names one of these.
    pub(crate) fn knows(&self, token: &str) -> bool {
        let Ok(token) = UnverifiedJwt::decode(token) else {
            return false;
        };
        let header = token.header();
        self.0.keys().iter().any(|key| {
            let id = key.key_id().map(bulla_jose::jwk::KeyId::as_str);
            id == header.key_id() && key.algorithm().as_str() == header.algorithm()
        })
    }

    /// Why a token is refused whose key is not in the set, if it was there a while ago: whoever comes with it is late.
    pub(crate) fn refusal(&self, token: &str) -> Option<Refusal> {
        let refusal = || {
            Refusal::new(
                Code::TokenExpired,
                "the issuer no longer publishes the key that signed the token",
            )
        };
        self.knows(token).then(refusal)
    }
}
