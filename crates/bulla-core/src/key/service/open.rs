use std::sync::Arc;

use arc_swap::ArcSwap;
use bulla_jose::jwa::Algorithm;

use super::{Author, Decision, KeyPorts, KeyService, KeysError};
use crate::{
    key::{SigningKeys, StoredSigningKey, WantedAlgorithm, life::KeySchedule, ring::KeyRing},
    ports::VerifyingKeySink,
    store::{SigningKeyChange, StoreError},
};

impl KeyService {
    /// Reads the keys from the store. On the first start it makes two for `algorithm`, an active and a next one; when
    /// several issuers start at once, the keys of one of them become everybody's.
    ///
    /// # Errors
    /// [`KeysError`]; nothing in the store was overwritten.
    pub async fn open(
        ports: KeyPorts,
        schedule: KeySchedule,
        algorithm: Algorithm,
        sink: Arc<dyn VerifyingKeySink>,
    ) -> Result<Self, KeysError> {
        let keys = match ports.store.signing_keys().await? {
            Some(keys) => keys,
            None => first_keys(&ports, algorithm).await?,
        };
        let (master_key, clock) = (ports.master_key.clone(), Arc::clone(&ports.clock));
        let ring = Arc::new(KeyRing::open(keys, master_key, clock, sink)?);
        Ok(Self {
            ports,
            schedule: Arc::new(ArcSwap::from_pointee(schedule)),
            ring,
        })
    }

    /// From now on new keys are for this algorithm. Keys of another one make way for it as soon as it is published for long
    /// enough. To be called by whoever is configured to serve, and by nobody else: the last one counts, for all issuers.
    ///
    /// # Errors
    /// [`KeysError`]; then they are for the same as before.
    pub async fn want(&self, algorithm: Algorithm) -> Result<(), KeysError> {
        self.change(Author::Rule, |keys, now| {
            let is_new = keys.wanted.algorithm != algorithm;
            Ok::<_, KeysError>(is_new.then(|| Decision {
                wanted: Some(WantedAlgorithm {
                    algorithm,
                    since: now,
                }),
                ..Decision::default()
            }))
        })
        .await?;
        self.tend().await
    }
}

async fn first_keys(ports: &KeyPorts, algorithm: Algorithm) -> Result<SigningKeys, KeysError> {
    let now = ports.clock.now();
    let active = ports.wrapped(&ports.maker.make(algorithm).await?, now)?;
    let next = ports.wrapped(&ports.maker.make(algorithm).await?, now)?;
    let active = StoredSigningKey {
        signs_from: Some(now),
        ..active
    };
    let change = SigningKeyChange {
        seen: 0,
        wanted: WantedAlgorithm {
            algorithm,
            since: now,
        },
        put: vec![active, next],
        revoke: None,
        events: Vec::new(),
    };
    ports.store.change_signing_keys(&change).await?;
    // Read, whoever was first.
    let keys = ports.store.signing_keys().await?;
    Ok(keys.ok_or_else(|| StoreError::Damaged("the first signing keys are gone".to_owned()))?)
}
