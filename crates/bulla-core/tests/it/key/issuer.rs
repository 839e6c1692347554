//! An issuer as far as keys go: what signs in it, and what verifies.

use std::{sync::Arc, time::Duration};

use bulla_core::{
    key::{
        KeyState, SigningKeys, StoredSigningKey,
        life::KeySchedule,
        ring::IssueError,
        service::{KeyPorts, KeyService, KeysError},
        wrap::MasterKey,
    },
    ports::Clock,
    store::SigningKeyStore,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::KeyId,
    jwt::{self, Audience, Issuer as TokenIssuer, UnixTime, UnverifiedJwt, VerificationPolicy},
};
use bulla_test::{InlineKeyMaker, MemoryStore, MockClock, RecordedKeys, SeededEntropy};
use futures_executor::block_on;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How long its tokens live.
pub(super) const LIFETIME: Duration = Duration::from_secs(900);

pub(super) struct Issuer {
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: Arc<MockClock>,
    pub(super) keys: KeyService,
    pub(super) verifier: Arc<RecordedKeys>,
}

impl Issuer {
    pub(super) fn start(schedule: KeySchedule) -> Self {
        let (store, clock) = (Arc::default(), Arc::default());
        block_on(open(store, clock, schedule, Algorithm::Es256, 1)).unwrap()
    }

    /// Another issuer of the same store.
    pub(super) fn beside(&self, schedule: KeySchedule) -> Self {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        block_on(open(store, clock, schedule, Algorithm::Es256, 1)).unwrap()
    }

    pub(super) fn sign(&self) -> Result<String, IssueError> {
        let expires_at = self.clock.now().after(LIFETIME).as_seconds();
        let claims = json!({"iss": "i", "aud": "a", "sub": "s", "exp": expires_at});
        self.keys.ring().sign("at+jwt", &claims)
    }

    /// The key that signs.
    pub(super) fn signer(&self) -> KeyId {
        signer(&self.sign().unwrap())
    }

    pub(super) fn verifies(&self, token: &str) -> bool {
        let policy = VerificationPolicy::for_keys_of_ours(
            TokenIssuer::new("i").unwrap(),
            Audience::new("a").unwrap(),
            &["at+jwt"],
        );
        let now = u64::try_from(self.clock.now().as_seconds()).unwrap();
        let (keys, now) = (self.verifier.keys(), UnixTime::from_seconds(now));
        jwt::verify::<Value>(token, &keys, &policy, now).is_ok()
    }

    /// As often as the clock strikes in that time.
    pub(super) fn keep_for(&self, span: Duration) {
        const TICK: Duration = Duration::from_secs(10);
        let end = self.clock.now().after(span);
        while self.clock.now() < end {
            self.clock.advance(TICK.min(end.since(self.clock.now())));
            block_on(self.keys.keep()).unwrap();
        }
    }

    /// What a long time comes to: nothing is due in between.
    pub(super) fn keep_after(&self, span: Duration) {
        self.clock.advance(span);
        block_on(self.keys.keep()).unwrap();
    }

    pub(super) fn stored(&self) -> SigningKeys {
        block_on(self.store.signing_keys()).unwrap().unwrap()
    }

    /// The keys that are in this state.
    pub(super) fn in_state(&self, state: KeyState) -> Vec<StoredSigningKey> {
        let (keys, now) = (self.stored(), self.clock.now());
        let found = keys
            .all()
            .iter()
            .filter(|key| keys.state(key, now) == state);
        found.cloned().collect()
    }

    /// The one key that is in this state.
    pub(super) fn the(&self, state: KeyState) -> StoredSigningKey {
        let [key] = <[_; 1]>::try_from(self.in_state(state)).unwrap();
        key
    }

    /// Whether tokens of this key are good here.
    pub(super) fn knows(&self, id: &KeyId) -> bool {
        let keys = self.verifier.keys();
        keys.keys().iter().any(|key| key.key_id() == Some(id))
    }
}

/// An issuer whose master key is made of this byte.
pub(super) async fn open(
    store: Arc<MemoryStore>,
    clock: Arc<MockClock>,
    schedule: KeySchedule,
    algorithm: Algorithm,
    master: u8,
) -> Result<Issuer, KeysError> {
    let ports = KeyPorts {
        store: Arc::clone(&store) as _,
        maker: Arc::new(InlineKeyMaker),
        clock: Arc::clone(&clock) as _,
        entropy: Arc::new(SeededEntropy::default()),
        master_key: MasterKey::from_bytes(Zeroizing::new([master; 32])),
    };
    let verifier = Arc::new(RecordedKeys::default());
    let keys = KeyService::open(ports, schedule, algorithm, Arc::clone(&verifier) as _).await?;
    Ok(Issuer {
        store,
        clock,
        keys,
        verifier,
    })
}

/// The key that signed it.
pub(super) fn signer(token: &str) -> KeyId {
    let token = UnverifiedJwt::decode(token).unwrap();
    KeyId::new(token.header().key_id().unwrap()).unwrap()
}
