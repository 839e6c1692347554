//! From the keys of the rules to those that the verifier goes by, and how new ones are made.

use std::sync::Arc;

use async_trait::async_trait;
use bulla_core::{
    key::{
        Removal,
        ring::KeyView,
        service::{KeyPorts, KeyService, KeysError},
    },
    ports::{KeyMaker, VerifyingKeySink},
};
use bulla_guard::{
    keys::{FormerKey, KeyEnd, KeySet},
    revocation::RevocationSet,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyError, KeyId, SigningKey},
};

use super::{IssuerParts, IssuerSettings};

/// The keys, and the set of those that the verifier in this process goes by.
pub(super) async fn open(
    parts: &IssuerParts,
    settings: &IssuerSettings,
) -> Result<(KeyService, Arc<KeySet>), KeysError> {
    let ports = KeyPorts {
        store: Arc::clone(&parts.store),
        maker: Arc::new(BlockingKeyMaker),
        clock: Arc::clone(&parts.clock),
        entropy: Arc::clone(&parts.entropy),
        master_key: parts.master_key.clone(),
    };
    let set = Arc::new(KeySet::empty());
    let sink = Arc::new(LiveKeySet {
        set: Arc::clone(&set),
        revocations: Arc::clone(parts.revocations.set()),
    });
    let keys = KeyService::open(ports, settings.key_schedule, settings.algorithm, sink).await?;
    Ok((keys, set))
}

struct LiveKeySet {
    set: Arc<KeySet>,
    revocations: Arc<RevocationSet>,
}

impl VerifyingKeySink for LiveKeySet {
    fn replace(&self, view: &KeyView) {
        let former = view.former().map(|(key, why)| {
            let end = match why {
                Removal::Retired => KeyEnd::Retired,
                Removal::Revoked => KeyEnd::Revoked,
            };
            let algorithm = key.algorithm;
            (key.key_id.clone(), FormerKey { algorithm, end })
        });
        let keys = view.verifying_keys().clone();
        self.set.replace_all(keys, former.collect());
    }

    fn refuses(&self, key: &KeyId) -> bool {
        self.revocations.hits_key(key.as_str())
    }
}

/// Makes keys on a thread where nobody waits for anything else.
pub(crate) struct BlockingKeyMaker;

#[async_trait]
impl KeyMaker for BlockingKeyMaker {
    async fn make(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        tokio::task::spawn_blocking(move || SigningKey::generate(algorithm))
            .await
            .unwrap_or(Err(KeyError::GenerationFailed))
    }
}
