//! The keys that tokens are verified with, and how they come.

mod departed;
mod former;
#[cfg(feature = "remote")]
pub mod remote;

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use bulla_jose::jwk::JwkSet;

pub use self::{
    departed::DepartedKeys,
    former::{FormerKey, FormerKeys, KeyEnd},
};

/// The keys of one issuer, replaced as a whole while requests are verified. Reading takes no lock.
#[derive(Debug)]
pub struct KeySet {
    current: ArcSwap<KeySnapshot>,
    source: Option<Arc<dyn KeySource>>,
}

/// The keys at one moment.
#[derive(Debug)]
pub struct KeySnapshot {
    /// The keys.
    pub keys: JwkSet,
    /// Those of which the issuer says that it had them before.
    pub former: FormerKeys,
    /// Those that were here before.
    pub departed: DepartedKeys,
    /// Grows with every [`KeySet::replace`]: what was verified under another epoch is verified anew.
    pub epoch: u64,
}

/// Where new keys come from. Told, never waited for.
pub trait KeySource: std::fmt::Debug + Send + Sync + 'static {
    /// A token named a key that is not in the set. Called once per such token, in its request:
    /// returns at once, and makes a flood of them harmless.
    fn key_missed(&self);
}

impl KeySet {
    /// These keys, until [`replace`](Self::replace) brings others.
    #[must_use]
    pub fn fixed(keys: JwkSet) -> Self {
        Self {
            current: ArcSwap::from_pointee(KeySnapshot {
                keys,
                former: FormerKeys::default(),
                departed: DepartedKeys::default(),
                epoch: 0,
            }),
            source: None,
        }
    }

    /// No keys yet: every token is `keys_unavailable`.
    #[must_use]
    pub fn empty() -> Self {
        Self::fixed(JwkSet::new(Vec::new()))
    }

    /// No keys yet, and a source to tell of keys that are missed.
    #[must_use]
    pub fn from_source(source: Arc<dyn KeySource>) -> Self {
        Self {
            source: Some(source),
            ..Self::empty()
        }
    }

    /// Makes these the keys, for every verification that begins from now on.
    pub fn replace(&self, keys: JwkSet) {
        self.replace_all(keys, FormerKeys::default());
    }

    /// The same, and those are the keys that were its own before.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the set owns its keys from here on"
    )]
    pub fn replace_all(&self, keys: JwkSet, former: FormerKeys) {
        self.current.rcu(|before| KeySnapshot {
            departed: before.departed.when(&before.keys, &keys, &former),
            keys: keys.clone(),
            former: former.clone(),
            epoch: before.epoch + 1,
        });
    }

    /// The keys now.
    #[must_use]
    pub fn load(&self) -> Guard<Arc<KeySnapshot>> {
        self.current.load()
    }

    /// Tells the source, if there is one, that a token named a key that is not here.
    pub(crate) fn key_missed(&self) {
        if let Some(source) = &self.source {
            source.key_missed();
        }
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.load().keys.keys().is_empty()
    }
}
