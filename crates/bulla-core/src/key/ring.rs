//! The signing keys in use, unwrapped.

use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, KeyError, SigningKey},
};

use super::{KeyState, StoredSigningKey, wrap::MasterKey};
use crate::{
    ports::{Clock, Entropy},
    store::{Store, StoreError},
};

/// The key that signs, and those that verify.
#[derive(Debug, Clone)]
pub struct KeyRing {
    signer: SigningKey,
    verifying: JwkSet,
}

/// Why the signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenKeyRingError {
    /// They were wrapped with another master key, or are damaged.
    #[error(
        "signing key {key_id} cannot be read with this master key: put back the master key that \
         belongs to this store"
    )]
    WrongMasterKey {
        /// Which key.
        key_id: String,
    },
    /// They are of another algorithm than the configured one.
    #[error(
        "the store's signing keys are for {stored}, but tokens.algorithm is {configured}: set \
         tokens.algorithm = \"{stored}\", or start with an empty store"
    )]
    OtherAlgorithm {
        /// The algorithm of the active key.
        stored: Algorithm,
        /// The configured one.
        configured: Algorithm,
    },
    /// There are keys, but none that may sign.
    #[error("the store has signing keys, but none of them is active")]
    NoActiveKey,
    /// A key could not be made or read.
    #[error("a signing key is unusable: {0}")]
    Key(#[from] KeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KeyRing {
    /// Reads the keys from the store. On the first start it makes two, `active` and `next`; when
    /// several issuers start at once, the keys of one of them become everybody's.
    ///
    /// Keys of another algorithm are refused, not replaced: tokens signed with them must stay
    /// verifiable, and gateways must know the new ones before the first signature.
    ///
    /// # Errors
    /// [`OpenKeyRingError`]; nothing in the store was overwritten.
    pub async fn open(
        store: &dyn Store,
        master: &MasterKey,
        algorithm: Algorithm,
        entropy: &dyn Entropy,
        clock: &dyn Clock,
    ) -> Result<Self, OpenKeyRingError> {
        let mut stored = store.signing_keys().await?;
        if stored.is_empty() {
            let first = [
                new_key(KeyState::Active, master, algorithm, entropy, clock)?,
                new_key(KeyState::Next, master, algorithm, entropy, clock)?,
            ];
            store.create_first_signing_keys(&first).await?;
            // Read again, whoever was first.
            stored = store.signing_keys().await?;
        }
        Self::from_stored(&stored, master, algorithm)
    }

    /// The key that signs new tokens.
    #[must_use]
    pub const fn signer(&self) -> &SigningKey {
        &self.signer
    }

    /// The keys whose tokens are good: active, next and retiring ones. May hold HMAC secrets;
    /// what is published is [`JwkSet::public_json`].
    #[must_use]
    pub fn verifying_keys(&self) -> JwkSet {
        self.verifying.clone()
    }

    fn from_stored(
        stored: &[StoredSigningKey],
        master: &MasterKey,
        algorithm: Algorithm,
    ) -> Result<Self, OpenKeyRingError> {
        let mut signer = None;
        let mut verifying = Vec::new();
        for key in stored.iter().filter(|key| key.state != KeyState::Retired) {
            let unwrapped = unwrapped(key, master)?;
            verifying.push(unwrapped.verifying_key().clone());
            if key.state == KeyState::Active {
                signer = Some(unwrapped);
            }
        }
        let signer = signer.ok_or(OpenKeyRingError::NoActiveKey)?;
        if signer.algorithm() != algorithm {
            return Err(OpenKeyRingError::OtherAlgorithm {
                stored: signer.algorithm(),
                configured: algorithm,
            });
        }
        Ok(Self {
            signer,
            verifying: JwkSet::new(verifying),
        })
    }
}

fn new_key(
    state: KeyState,
    master: &MasterKey,
    algorithm: Algorithm,
    entropy: &dyn Entropy,
    clock: &dyn Clock,
) -> Result<StoredSigningKey, KeyError> {
    let key = SigningKey::generate(algorithm)?;
    let mut nonce = [0; 12];
    entropy.fill(&mut nonce);
    let wrapped = master.wrap(key.key_id(), algorithm, &key.private_bytes()?, nonce);
    Ok(StoredSigningKey {
        key_id: key.key_id().clone(),
        algorithm,
        state,
        wrapped,
        created_at: clock.now(),
    })
}

fn unwrapped(key: &StoredSigningKey, master: &MasterKey) -> Result<SigningKey, OpenKeyRingError> {
    let private = master
        .unwrap(&key.key_id, key.algorithm, &key.wrapped)
        .map_err(|_| OpenKeyRingError::WrongMasterKey {
            key_id: key.key_id.as_str().to_owned(),
        })?;
    let key = SigningKey::from_private_bytes(key.algorithm, key.key_id.clone(), &private)?;
    Ok(key)
}
