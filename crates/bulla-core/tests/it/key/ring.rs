//! Opening the key ring.

use bulla_core::{
    key::{
        KeyState, StoredSigningKey,
        ring::{KeyRing, OpenKeyRingError},
        wrap::MasterKey,
    },
    store::SigningKeyStore,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::SigningKey,
    jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
};
use bulla_test::{
    MemoryStore, MockClock, SeededEntropy,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes(Zeroizing::new([byte; 32]))
}

fn open(
    store: &MemoryStore,
    master: &MasterKey,
    algorithm: Algorithm,
) -> Result<KeyRing, OpenKeyRingError> {
    let (entropy, clock) = (SeededEntropy::default(), MockClock::default());
    block_on(KeyRing::open(store, master, algorithm, &entropy, &clock))
}

fn stored(store: &MemoryStore) -> Vec<StoredSigningKey> {
    block_on(store.signing_keys()).unwrap()
}

/// Whether a token of the one is good for the other.
fn verifies(signer: &KeyRing, verifier: &KeyRing) -> bool {
    let claims = json!({"iss": "i", "aud": "a", "sub": "s", "exp": 2});
    let token = jwt::sign(signer.signer(), "at+jwt", &claims).unwrap();
    let policy = VerificationPolicy::new(
        Issuer::new("i").unwrap(),
        Audience::new("a").unwrap(),
        &["at+jwt"],
        Algorithm::ALL,
    );
    let now = UnixTime::from_seconds(1);
    jwt::verify::<Value>(&token, &verifier.verifying_keys(), &policy, now).is_ok()
}

#[test]
fn the_first_start_makes_an_active_and_a_next_key() {
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let store = MemoryStore::default();
        let ring = open(&store, &master(1), algorithm).unwrap();
        let states: Vec<_> = stored(&store).iter().map(|key| key.state).collect();
        assert_eq!(states, [KeyState::Active, KeyState::Next]);
        assert_eq!(ring.signer().algorithm(), algorithm);
        assert_eq!(ring.signer().key_id(), &stored(&store)[0].key_id);
        assert_eq!(ring.verifying_keys().keys().len(), 2);
    }
}

#[test]
fn later_starts_use_the_same_keys() {
    let store = MemoryStore::default();
    let first = open(&store, &master(1), Algorithm::Es256).unwrap();
    let keys = stored(&store);
    let second = open(&store, &master(1), Algorithm::Es256).unwrap();
    assert_eq!(stored(&store), keys);
    assert!(verifies(&first, &second) && verifies(&second, &first));
}

#[test]
fn issuers_that_start_at_once_have_the_same_keys() {
    for seed in 0..10 {
        let store = MemoryStore::default();
        let master = master(1);
        let (entropy, clock) = (SeededEntropy::new(seed), MockClock::default());
        let tasks = (0..4).map(|_| -> Task<'_, _> {
            let algorithm = Algorithm::Es256;
            Box::pin(KeyRing::open(&store, &master, algorithm, &entropy, &clock))
        });
        let rings = block_on(interleaved(seed, tasks.collect()));
        let rings: Vec<_> = rings.into_iter().map(Result::unwrap).collect();
        for pair in rings.windows(2) {
            assert_eq!(pair[0].signer().key_id(), pair[1].signer().key_id());
            assert!(verifies(&pair[0], &pair[1]));
        }
    }
}

#[test]
fn private_keys_are_not_readable_in_the_store() {
    let store = MemoryStore::default();
    let ring = open(&store, &master(1), Algorithm::Hs256).unwrap();
    let private = ring.signer().private_bytes().unwrap();
    for key in stored(&store) {
        let window = key.wrapped.windows(private.len());
        assert!(window.into_iter().all(|window| window != &private[..]));
    }
}

#[test]
fn another_master_key_is_refused_and_nothing_is_overwritten() {
    let store = MemoryStore::default();
    open(&store, &master(1), Algorithm::Es256).unwrap();
    let keys = stored(&store);
    let refused = open(&store, &master(2), Algorithm::Es256);
    assert!(matches!(
        refused,
        Err(OpenKeyRingError::WrongMasterKey { .. })
    ));
    assert_eq!(stored(&store), keys);
    assert!(open(&store, &master(1), Algorithm::Es256).is_ok());
}

#[test]
fn another_algorithm_is_refused_and_nothing_is_overwritten() {
    let store = MemoryStore::default();
    open(&store, &master(1), Algorithm::Es256).unwrap();
    let keys = stored(&store);
    let refused = open(&store, &master(1), Algorithm::Hs256).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the store's signing keys are for ES256, but tokens.algorithm is HS256: set \
         tokens.algorithm = \"ES256\", or start with an empty store"
    );
    assert_eq!(stored(&store), keys);
}

#[test]
fn retiring_keys_verify_and_retired_ones_do_not() {
    let old = SigningKey::generate(Algorithm::Es256).unwrap();
    let states = [KeyState::Retiring, KeyState::Retired, KeyState::Next];
    let expected = [true, false, true];
    for (state, expected) in states.into_iter().zip(expected) {
        let store = MemoryStore::default();
        let active = SigningKey::generate(Algorithm::Es256).unwrap();
        let keys = [wrapped(&old, state), wrapped(&active, KeyState::Active)];
        assert!(block_on(store.create_first_signing_keys(&keys)).unwrap());
        let ring = open(&store, &master(1), Algorithm::Es256).unwrap();
        assert_eq!(ring.signer().key_id(), active.key_id());
        let set = ring.verifying_keys();
        let found = set
            .keys()
            .iter()
            .any(|key| key.key_id() == Some(old.key_id()));
        assert_eq!(found, expected, "{state:?}");
    }
}

#[test]
fn keys_of_which_none_is_active_are_refused() {
    let store = MemoryStore::default();
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = [wrapped(&key, KeyState::Next)];
    assert!(block_on(store.create_first_signing_keys(&keys)).unwrap());
    let refused = open(&store, &master(1), Algorithm::Es256);
    assert!(matches!(refused, Err(OpenKeyRingError::NoActiveKey)));
}

fn wrapped(key: &SigningKey, state: KeyState) -> StoredSigningKey {
    let private = key.private_bytes().unwrap();
    StoredSigningKey {
        key_id: key.key_id().clone(),
        algorithm: key.algorithm(),
        state,
        wrapped: master(1).wrap(key.key_id(), key.algorithm(), &private, [0; 12]),
        created_at: bulla_core::time::Timestamp::from_millis(0),
    }
}
