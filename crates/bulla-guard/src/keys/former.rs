//! Keys that were an issuer's own once.

use std::collections::HashMap;

use bulla_jose::{jwa::Algorithm, jwk::KeyId, jwt::UnverifiedJwt};

use crate::{problem::Code, refusal::Refusal};

/// The keys that an issuer had and has no longer, by ID. Whoever comes with a token of one is late and no forger, as far as
/// anybody can tell: the signature is not checked any more, so nothing else in the token counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormerKeys(HashMap<KeyId, FormerKey>);

/// A key that an issuer has no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormerKey {
    /// What it was for.
    pub algorithm: Algorithm,
    /// Why it is gone.
    pub end: KeyEnd,
}

/// Why a key is no longer the issuer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEnd {
    /// All that it signed had ended.
    Retired,
    /// It is not trusted any longer.
    Revoked,
}

impl FormerKeys {
    pub(super) fn is_revoked(&self, id: &KeyId) -> bool {
        let key = self.0.get(id);
        key.is_some_and(|key| key.end == KeyEnd::Revoked)
    }

    /// Why a token is refused whose key is not in the set, if it was once.
    pub(crate) fn refusal(&self, token: &str) -> Option<Refusal> {
        if self.0.is_empty() {
            return None;
        }
        let token = UnverifiedJwt::decode(token).ok()?;
        let header = token.header();
        let key = self.0.get(&KeyId::new(header.key_id()?).ok()?)?;
        if header.algorithm() != key.algorithm.as_str() {
            return None;
        }
        Some(match key.end {
            KeyEnd::Retired => Refusal::new(
                Code::TokenExpired,
                "the key that signed the token has retired: all of its tokens have ended",
            ),
            KeyEnd::Revoked => Refusal::key_revoked(),
        })
    }
}

impl FromIterator<(KeyId, FormerKey)> for FormerKeys {
    fn from_iter<I: IntoIterator<Item = (KeyId, FormerKey)>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}
