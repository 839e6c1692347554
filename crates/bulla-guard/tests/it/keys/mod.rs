mod departed;
mod former;
mod outage;
mod remote;
mod server;
mod skipped;
mod targets;

use bulla_guard::keys::KeySet;

use crate::issuer::{Issuer, NOW, claims, verifier};

#[test]
fn replaced_keys_count_at_once_and_under_another_epoch() {
    let (old, new) = (Issuer::new(), Issuer::new());
    let keys = std::sync::Arc::new(KeySet::fixed(old.keys()));
    let verifier = verifier(keys.clone());
    let before = keys.load().epoch;
    assert!(verifier.verify(&old.sign(&claims()), NOW).is_ok());
    assert!(verifier.verify(&new.sign(&claims()), NOW).is_err());

    keys.replace(new.keys());
    assert!(keys.load().epoch > before);
    assert!(verifier.verify(&old.sign(&claims()), NOW).is_err());
    assert!(verifier.verify(&new.sign(&claims()), NOW).is_ok());
}

#[test]
fn a_set_is_empty_until_keys_come() {
    let keys = KeySet::empty();
    assert!(keys.is_empty());
    keys.replace(Issuer::new().keys());
    assert!(!keys.is_empty());
}
