//! The first start, and later ones.

use std::sync::Arc;

use bulla_core::key::{KeyState, PrivateHalf, ring::OpenKeyError, service::KeysError};
use bulla_jose::jwa::Algorithm;
use bulla_test::tasks::{Task, interleaved};
use futures_executor::block_on;

use super::issuer::{Issuer, open};
use crate::world::SCHEDULE;

#[test]
fn the_first_start_makes_an_active_and_a_next_key() {
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let opened = open(Arc::default(), Arc::default(), SCHEDULE, algorithm, 1);
        let issuer = block_on(opened).unwrap();
        assert_eq!(issuer.signer(), issuer.the(KeyState::Active).key_id);
        assert_eq!(issuer.the(KeyState::Active).algorithm, algorithm);
        assert_eq!(issuer.the(KeyState::Next).algorithm, algorithm);
        assert_eq!(issuer.verifier.keys().keys().len(), 2);
    }
}

#[test]
fn later_starts_use_the_same_keys() {
    let first = Issuer::start(SCHEDULE);
    let keys = first.stored();
    let second = first.beside(SCHEDULE);
    assert_eq!(first.stored(), keys);
    assert!(first.verifies(&second.sign().unwrap()));
    assert!(second.verifies(&first.sign().unwrap()));
}

#[test]
fn issuers_that_start_at_once_have_the_same_keys() {
    for seed in 0..10 {
        let (store, clock) = (Arc::default(), Arc::default());
        let tasks = (0..4).map(|_| -> Task<'_, _> {
            let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
            Box::pin(open(store, clock, SCHEDULE, Algorithm::Es256, 1))
        });
        let issuers = block_on(interleaved(seed, tasks.collect()));
        let issuers: Vec<_> = issuers.into_iter().map(Result::unwrap).collect();
        for pair in issuers.windows(2) {
            assert_eq!(pair[0].signer(), pair[1].signer());
            assert!(pair[0].verifies(&pair[1].sign().unwrap()));
        }
    }
}

#[test]
fn private_keys_are_not_readable_in_the_store() {
    let opened = open(
        Arc::default(),
        Arc::default(),
        SCHEDULE,
        Algorithm::Hs256,
        1,
    );
    let issuer = block_on(opened).unwrap();
    let master = bulla_core::key::wrap::MasterKey::from_bytes([1; 32].into());
    for key in issuer.stored().all() {
        let PrivateHalf::Wrapped(wrapped) = &key.private else {
            panic!("a new key is gone");
        };
        let secret = master.unwrap(&key.key_id, key.algorithm, wrapped).unwrap();
        let mut windows = wrapped.windows(secret.len());
        assert!(windows.all(|window| window != &secret[..]));
    }
}

#[test]
fn another_master_key_is_refused_and_nothing_is_overwritten() {
    let first = Issuer::start(SCHEDULE);
    let keys = first.stored();
    let again = |master| {
        let (store, clock) = (Arc::clone(&first.store), Arc::clone(&first.clock));
        block_on(open(store, clock, SCHEDULE, Algorithm::Es256, master))
    };
    assert!(matches!(
        again(2),
        Err(KeysError::Open(OpenKeyError::WrongMasterKey { .. }))
    ));
    assert_eq!(first.stored(), keys);
    assert!(again(1).is_ok());
}
