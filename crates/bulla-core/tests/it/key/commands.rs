//! What administrators do: rotate, revoke, import.

use std::time::Duration;

use bulla_core::{
    audit::{Actor, AuditEvent, AuditKind, AuditSubject},
    key::{
        KeyState,
        life::{KeySchedule, RotationRefused, VIEW_AGE},
        ring::IssueError,
        service::{ImportKeyError, RevokeKeyError, RotateError},
    },
    ports::Clock,
    revocation::RevocationTarget,
    store::{RevocationStore, Store},
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyId, SigningKey},
};
use futures_executor::block_on;

use super::issuer::{Issuer, LIFETIME};
use crate::world::{COMMAND_LINE, DAY, SCHEDULE};

const SECOND: Duration = Duration::from_secs(1);

const SHARED: KeySchedule = KeySchedule {
    spread: VIEW_AGE,
    ..SCHEDULE
};

fn rotate(issuer: &Issuer, at_once: bool) -> Result<(), RotateError> {
    // No two keys begin to sign in the same millisecond.
    issuer.clock.advance(Duration::from_millis(1));
    block_on(issuer.keys.rotate(at_once, &COMMAND_LINE))
}

fn revoke(issuer: &Issuer, key: &KeyId) -> Result<(), RevokeKeyError> {
    block_on(issuer.keys.revoke(key, &COMMAND_LINE))
}

fn import(issuer: &Issuer, key: &SigningKey, at_once: bool) -> Result<(), ImportKeyError> {
    block_on(issuer.keys.import(key, at_once, &COMMAND_LINE))
}

fn new_key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

/// What was recorded of keys, in order.
fn recorded(issuer: &Issuer) -> Vec<(AuditKind, KeyId, Actor)> {
    let of = |event: AuditEvent| match event.subject {
        AuditSubject::SigningKey(id) => (event.kind, id, event.actor),
        other => unreachable!("{other:?} is no key"),
    };
    issuer.store.events().into_iter().map(of).collect()
}

#[test]
fn a_rotation_lets_the_next_key_sign_and_makes_another() {
    let issuer = Issuer::start(SCHEDULE);
    let next = issuer.the(KeyState::Next).key_id;
    issuer.keep_after(DAY);
    let old = issuer.sign().unwrap();
    rotate(&issuer, false).unwrap();
    assert_eq!(issuer.signer(), next);
    assert_ne!(issuer.the(KeyState::Next).key_id, next);
    assert!(issuer.verifies(&old));
    let made = issuer.the(KeyState::Next).key_id;
    let expected = [(AuditKind::KeyPromoted, next), (AuditKind::KeyMade, made)];
    let by = Actor::CommandLine;
    assert_eq!(
        recorded(&issuer),
        expected.map(|(kind, key)| (kind, key, by.clone()))
    );
}

#[test]
fn a_young_key_is_promoted_only_if_it_is_said() {
    let issuer = Issuer::start(SCHEDULE);
    let ready = issuer.clock.now().after(DAY);
    issuer.keep_after(DAY - SECOND);
    let (signer, next) = (issuer.signer(), issuer.the(KeyState::Next).key_id);
    let refused = rotate(&issuer, false).unwrap_err();
    assert!(
        matches!(refused, RotateError::Refused(RotationRefused::TooYoung { ready_at }) if ready_at == ready),
        "{refused}"
    );
    assert_eq!(issuer.signer(), signer);
    rotate(&issuer, true).unwrap();
    assert_eq!(issuer.signer(), next);
}

#[test]
fn where_one_process_has_the_store_any_number_of_rotations_takes_no_time() {
    let issuer = Issuer::start(SCHEDULE);
    let mut tokens = Vec::new();
    for _ in 0..100 {
        tokens.push(issuer.sign().unwrap());
        rotate(&issuer, true).unwrap();
    }
    assert!(tokens.iter().all(|token| issuer.verifies(token)));
    assert_eq!(issuer.in_state(KeyState::Retiring).len(), 100);
    assert_eq!(issuer.in_state(KeyState::Next).len(), 1);
}

#[test]
fn with_several_issuers_the_next_key_signs_when_all_of_them_know_it() {
    let first = Issuer::start(SHARED);
    let second = first.beside(SHARED);
    let old = first.signer();
    let next = first.the(KeyState::Next).key_id;
    // That it is known for a while already hurries nothing: it is not known that it is to sign.
    first.keep_after(VIEW_AGE);
    rotate(&first, true).unwrap();
    let start = first.clock.now();
    // Again, and without patience: the instant stays.
    rotate(&second, true).unwrap();
    rotate(&second, false).unwrap();
    first.clock.set(start.after(VIEW_AGE - SECOND));
    block_on(first.keys.keep()).unwrap();
    block_on(second.keys.keep()).unwrap();
    assert_eq!([first.signer(), second.signer()], [old.clone(), old]);
    first.clock.advance(SECOND);
    assert_eq!([first.signer(), second.signer()], [next.clone(), next]);
    assert_eq!(
        first.in_state(KeyState::Next).len(),
        1,
        "it was one rotation"
    );
}

#[test]
fn a_revoked_key_signs_no_more_and_its_tokens_are_revoked() {
    let issuer = Issuer::start(SCHEDULE);
    block_on(issuer.store.note_access_lifetime(LIFETIME)).unwrap();
    let (bad, next) = (issuer.signer(), issuer.the(KeyState::Next).key_id);
    let stolen = issuer.sign().unwrap();
    revoke(&issuer, &bad).unwrap();
    assert_eq!(issuer.signer(), next);
    assert!(!issuer.verifies(&stolen));
    assert_eq!(issuer.the(KeyState::Revoked).key_id, bad);
    assert!(!issuer.the(KeyState::Revoked).is_live());
    assert_eq!(issuer.in_state(KeyState::Next).len(), 1);
    let now = issuer.clock.now();
    let revoked = block_on(issuer.store.revocations(0, now)).unwrap();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].target, RevocationTarget::Key(bad.clone()));
    assert!(revoked[0].until > now.after(LIFETIME + VIEW_AGE));
    let by = Actor::CommandLine;
    let expected = [
        (AuditKind::KeyRevoked, bad.clone(), by.clone()),
        (AuditKind::KeyPromoted, next, by.clone()),
        (
            AuditKind::KeyMade,
            issuer.the(KeyState::Next).key_id,
            by.clone(),
        ),
    ];
    assert_eq!(recorded(&issuer), expected);
    // Once is enough.
    revoke(&issuer, &bad).unwrap();
    assert_eq!(block_on(issuer.store.revocations(0, now)).unwrap().len(), 1);
}

#[test]
fn who_hears_of_a_revocation_signs_nothing_with_that_key_and_reads_the_keys_at_once() {
    let first = Issuer::start(SHARED);
    let second = first.beside(SHARED);
    let (bad, next) = (first.signer(), first.the(KeyState::Next).key_id);
    revoke(&first, &bad).unwrap();
    // It has not heard yet.
    block_on(second.keys.keep()).unwrap();
    assert_eq!(second.signer(), bad);
    second.verifier.refuse(bad);
    assert!(matches!(second.sign(), Err(IssueError::KeysOutdated)));
    assert!(!second.keys.ring().can_sign());
    block_on(second.keys.keep()).unwrap();
    assert_eq!(second.signer(), next);
    assert!(first.verifies(&second.sign().unwrap()));
}

#[test]
fn whichever_key_is_revoked_one_signs_and_one_is_next() {
    for state in [KeyState::Next, KeyState::Retiring, KeyState::Retired] {
        let issuer = Issuer::start(SCHEDULE);
        rotate(&issuer, true).unwrap();
        if state == KeyState::Retired {
            issuer.keep_after(DAY);
        }
        let (key, signer) = (issuer.the(state).key_id, issuer.signer());
        revoke(&issuer, &key).unwrap();
        assert_eq!(issuer.signer(), signer, "{state:?}");
        assert_eq!(issuer.the(KeyState::Revoked).key_id, key);
        assert_ne!(issuer.the(KeyState::Next).key_id, key);
    }
    let issuer = Issuer::start(SCHEDULE);
    let unknown = KeyId::new("unknown").unwrap();
    assert!(matches!(
        revoke(&issuer, &unknown),
        Err(RevokeKeyError::NotFound)
    ));
}

#[test]
fn a_key_whose_time_has_not_come_is_revoked_and_the_one_that_signs_goes_on() {
    let issuer = Issuer::start(SHARED);
    rotate(&issuer, true).unwrap();
    let signer = issuer.signer();
    let pending = issuer.in_state(KeyState::Next).remove(0).key_id;
    revoke(&issuer, &pending).unwrap();
    issuer.keep_after(2 * VIEW_AGE);
    assert_eq!(issuer.signer(), signer);
    // And the other way round: it comes before its time.
    rotate(&issuer, true).unwrap();
    let signer = issuer.signer();
    rotate(&issuer, true).unwrap();
    let pending = issuer.in_state(KeyState::Next).remove(0).key_id;
    let next = issuer.in_state(KeyState::Next).remove(1).key_id;
    revoke(&issuer, &signer).unwrap();
    assert_eq!(issuer.signer(), pending);
    assert_eq!(issuer.the(KeyState::Next).key_id, next, "no other is made");
}

#[test]
fn nobody_goes_back_to_a_retiring_key_when_the_active_one_is_revoked() {
    let issuer = Issuer::start(SCHEDULE);
    let retiring = issuer.signer();
    rotate(&issuer, true).unwrap();
    issuer.clock.advance(10 * SECOND);
    let (bad, next) = (issuer.signer(), issuer.the(KeyState::Next).key_id);
    revoke(&issuer, &bad).unwrap();
    // An issuer whose clock is behind.
    issuer.clock.set(issuer.clock.now().before(SECOND));
    assert_ne!(issuer.signer(), retiring);
    assert_eq!(issuer.signer(), next);
}

#[test]
fn a_key_from_elsewhere_becomes_the_next_one_or_signs_at_once() {
    let issuer = Issuer::start(SCHEDULE);
    let (signer, replaced) = (issuer.signer(), issuer.the(KeyState::Next).key_id);
    let own = new_key(Algorithm::Hs256);
    import(&issuer, &own, false).unwrap();
    assert_eq!(issuer.the(KeyState::Next).key_id, *own.key_id());
    assert!(issuer.knows(own.key_id()) && !issuer.knows(&replaced));
    assert_eq!(issuer.signer(), signer);
    // What signs it stays until it has signed for as long as any key, whatever it is for.
    issuer.keep_after(DAY);
    rotate(&issuer, false).unwrap();
    assert_eq!(issuer.signer(), *own.key_id());
    assert_eq!(issuer.the(KeyState::Next).algorithm, Algorithm::Es256);
    issuer.keep_after(2 * DAY);
    assert_eq!(issuer.signer(), *own.key_id());

    let now = new_key(Algorithm::EdDsa);
    issuer.clock.advance(SECOND);
    import(&issuer, &now, true).unwrap();
    assert_eq!(issuer.signer(), *now.key_id());
    assert!(issuer.verifies(&issuer.sign().unwrap()));
    let kinds: Vec<_> = recorded(&issuer)
        .into_iter()
        .map(|(kind, ..)| kind)
        .collect();
    let imported = [AuditKind::KeyImported, AuditKind::KeyPromoted];
    assert!(kinds.ends_with(&imported), "{kinds:?}");
}

#[test]
fn another_algorithm_that_is_asked_for_later_takes_over_from_an_imported_key() {
    let issuer = Issuer::start(SCHEDULE);
    import(&issuer, &new_key(Algorithm::Hs256), true).unwrap();
    issuer.clock.advance(SECOND);
    block_on(issuer.keys.want(Algorithm::EdDsa)).unwrap();
    issuer.keep_after(DAY);
    assert_eq!(issuer.the(KeyState::Active).algorithm, Algorithm::EdDsa);
}

#[test]
fn another_algorithm_and_a_promotion_that_is_ahead_are_recorded() {
    let issuer = Issuer::start(SHARED);
    let told = || {
        let events = issuer.store.events().into_iter();
        let told = events.map(|event| {
            let detail = event.detail.unwrap_or_default();
            assert_eq!(event.actor, Actor::System);
            (event.kind, event.subject, detail)
        });
        told.collect::<Vec<_>>()
    };
    block_on(issuer.keys.want(Algorithm::Es256)).unwrap();
    assert_eq!(told(), [], "it is the same as before");
    let outdated = issuer.the(KeyState::Next).key_id;
    issuer.clock.advance(SECOND);
    block_on(issuer.keys.want(Algorithm::EdDsa)).unwrap();
    let made = issuer.the(KeyState::Next).key_id;
    let mut expected = vec![
        (
            AuditKind::KeyAlgorithmChanged,
            AuditSubject::Store,
            "EdDSA".to_owned(),
        ),
        (AuditKind::KeyRetired, (&outdated).into(), String::new()),
        (AuditKind::KeyMade, (&made).into(), "EdDSA".to_owned()),
    ];
    assert_eq!(told(), expected);
    issuer.keep_after(DAY);
    let promoted = told().split_off(expected.len());
    expected = vec![(
        AuditKind::KeyPromoted,
        (&made).into(),
        "in 60 seconds".to_owned(),
    )];
    assert_eq!(promoted[..1], expected);
    assert_eq!(promoted[1].0, AuditKind::KeyMade);
}

#[test]
fn a_key_comes_twice_only_if_it_has_retired() {
    let issuer = Issuer::start(SCHEDULE);
    let key = new_key(Algorithm::Es256);
    let refused = |at_once, expected: KeyState| {
        let refused = import(&issuer, &key, at_once);
        let is_known = matches!(refused, Err(ImportKeyError::Known(state)) if state == expected);
        assert!(is_known, "{refused:?}");
    };
    issuer.clock.advance(SECOND);
    import(&issuer, &key, true).unwrap();
    refused(true, KeyState::Active);
    rotate(&issuer, true).unwrap();
    refused(false, KeyState::Retiring);
    issuer.keep_after(DAY);
    import(&issuer, &key, false).unwrap();
    refused(true, KeyState::Next);
    rotate(&issuer, true).unwrap();
    assert_eq!(issuer.signer(), *key.key_id());
    revoke(&issuer, key.key_id()).unwrap();
    refused(true, KeyState::Revoked);
}

#[test]
fn what_the_store_does_not_take_changes_nothing() {
    let issuer = Issuer::start(SCHEDULE);
    let (before, signer) = (issuer.stored(), issuer.signer());
    issuer.store.set_unavailable(true);
    assert!(rotate(&issuer, true).is_err());
    assert!(revoke(&issuer, &signer).is_err());
    assert!(import(&issuer, &new_key(Algorithm::Es256), true).is_err());
    issuer.store.set_unavailable(false);
    block_on(issuer.store.check()).unwrap();
    assert_eq!(issuer.stored(), before);
    assert_eq!(issuer.signer(), signer);
}
