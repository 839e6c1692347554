//! What happens by itself: rotation, retirement, another algorithm.

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use bulla_core::{
    key::{
        KeyState, PrivateHalf, Removal,
        life::{KeySchedule, VIEW_AGE},
        ring::IssueError,
    },
    ports::Clock,
    store::RevocationStore,
};
use bulla_jose::jwa::Algorithm;
use bulla_test::tasks::{Task, interleaved, join_all};
use futures_executor::block_on;

use super::issuer::{Issuer, LIFETIME};
use crate::world::{COMMAND_LINE, DAY, SCHEDULE};

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
const SECOND: Duration = Duration::from_secs(1);

/// Several issuers.
const SHARED: KeySchedule = KeySchedule {
    spread: VIEW_AGE,
    ..SCHEDULE
};

#[test]
fn a_key_signs_for_as_long_as_it_is_said_and_the_next_takes_over() {
    let issuer = Issuer::start(SCHEDULE);
    let (first, second) = (issuer.the(KeyState::Active), issuer.the(KeyState::Next));
    issuer.keep_after(MONTH - SECOND);
    assert_eq!(issuer.signer(), first.key_id);
    issuer.keep_after(SECOND);
    assert_eq!(issuer.signer(), second.key_id);
    assert_eq!(issuer.the(KeyState::Retiring).key_id, first.key_id);
    let third = issuer.the(KeyState::Next);
    assert!(issuer.knows(&third.key_id));
    issuer.keep_after(MONTH);
    assert_eq!(issuer.signer(), third.key_id);
}

#[test]
fn a_key_that_was_not_published_for_long_enough_waits() {
    let issuer = Issuer::start(KeySchedule {
        rotate_every: Some(DAY),
        ..SCHEDULE
    });
    issuer.keep_after(DAY);
    // Late, because nobody was there: the next one is young then.
    issuer.keep_after(DAY + DAY / 2);
    let (active, next) = (issuer.the(KeyState::Active), issuer.the(KeyState::Next));
    issuer.keep_after(DAY - SECOND);
    assert_eq!(issuer.signer(), active.key_id);
    issuer.keep_after(SECOND);
    assert_eq!(issuer.signer(), next.key_id);
}

#[test]
fn without_a_schedule_nothing_is_rotated() {
    let issuer = Issuer::start(KeySchedule {
        rotate_every: None,
        ..SCHEDULE
    });
    let first = issuer.the(KeyState::Active);
    issuer.keep_after(100 * MONTH);
    assert_eq!(issuer.signer(), first.key_id);
}

#[test]
fn another_schedule_counts_at_once() {
    let issuer = Issuer::start(KeySchedule {
        rotate_every: None,
        ..SCHEDULE
    });
    let first = issuer.the(KeyState::Active);
    issuer.keep_after(MONTH);
    assert_eq!(issuer.signer(), first.key_id);
    issuer.keys.clone().reschedule(SCHEDULE);
    assert_eq!(issuer.keys.schedule(), SCHEDULE);
    issuer.keep_after(SECOND);
    assert_ne!(issuer.signer(), first.key_id);
}

#[test]
fn a_key_stays_until_its_last_token_has_ended_and_its_private_half_goes() {
    let issuer = Issuer::start(SCHEDULE);
    let noted = issuer.store.note_access_lifetime(LIFETIME);
    block_on(noted).unwrap();
    let first = issuer.the(KeyState::Active);
    issuer.keep_after(MONTH - SECOND);
    // The last one of an issuer that does not know of the rotation for a minute.
    issuer.clock.advance(VIEW_AGE);
    let last = issuer.sign();
    assert!(matches!(last, Err(IssueError::KeysOutdated)));
    issuer
        .clock
        .set(issuer.clock.now().before(VIEW_AGE + SECOND));
    block_on(issuer.keys.keep()).unwrap();
    let last = issuer.sign().unwrap();
    issuer.keep_after(2 * SECOND);
    assert_ne!(issuer.signer(), first.key_id);
    issuer.keep_for(LIFETIME - 3 * SECOND);
    assert!(issuer.verifies(&last));
    issuer.keep_for(Duration::from_secs(120));
    assert!(issuer.knows(&first.key_id));
    issuer.keep_for(10 * SECOND);
    assert!(!issuer.knows(&first.key_id));
    let retired = issuer.stored().find(&first.key_id).unwrap().clone();
    assert!(matches!(
        retired.private,
        PrivateHalf::Removed(Removal::Retired, _)
    ));
}

#[test]
fn nothing_is_signed_by_what_was_read_a_minute_ago() {
    let issuer = Issuer::start(SCHEDULE);
    issuer.store.set_unavailable(true);
    issuer.clock.advance(VIEW_AGE - SECOND);
    assert!(block_on(issuer.keys.keep()).is_err());
    assert!(issuer.sign().is_ok());
    issuer.clock.advance(SECOND);
    assert!(block_on(issuer.keys.keep()).is_err());
    assert!(matches!(issuer.sign(), Err(IssueError::KeysOutdated)));
    assert!(!issuer.keys.ring().can_sign());
    issuer.store.set_unavailable(false);
    block_on(issuer.keys.keep()).unwrap();
    assert!(issuer.sign().is_ok());
}

#[test]
fn what_is_read_is_as_old_as_its_reading() {
    for (span, is_young) in [(VIEW_AGE, false), (VIEW_AGE - SECOND, true)] {
        let issuer = Issuer::start(SCHEDULE);
        let slow: Task<'_, ()> = Box::pin(async {
            issuer.keys.read().await.unwrap();
        });
        let meanwhile: Task<'_, ()> = Box::pin(async { issuer.clock.advance(span) });
        block_on(join_all(vec![slow, meanwhile]));
        assert_eq!(issuer.sign().is_ok(), is_young);
    }
}

#[test]
fn what_was_read_earlier_and_comes_later_is_no_news() {
    let issuer = Issuer::start(SCHEDULE);
    let bad = issuer.the(KeyState::Active).key_id;
    let mut slow = pin!(issuer.keys.read());
    let mut context = Context::from_waker(Waker::noop());
    // It asks, and is answered.
    assert!(slow.as_mut().poll(&mut context).is_pending());
    assert!(slow.as_mut().poll(&mut context).is_pending());
    block_on(issuer.keys.revoke(&bad, &COMMAND_LINE)).unwrap();
    assert!(!issuer.knows(&bad));
    let read = block_on(slow).unwrap();
    assert!(read.find(&bad).unwrap().is_live());
    assert!(!issuer.knows(&bad));
    assert_ne!(issuer.signer(), bad);
}

#[test]
fn a_clock_that_went_back_does_not_make_what_is_known_young() {
    let issuer = Issuer::start(SCHEDULE);
    issuer.clock.set(issuer.clock.now().before(VIEW_AGE));
    assert!(matches!(issuer.sign(), Err(IssueError::KeysOutdated)));
    block_on(issuer.keys.keep()).unwrap();
    assert!(issuer.sign().is_ok());
}

#[test]
fn verifiers_are_told_only_of_what_changed() {
    let issuer = Issuer::start(SCHEDULE);
    issuer.keep_for(DAY / 24);
    assert_eq!(issuer.verifier.replacements(), 1);
    issuer.keep_after(MONTH);
    assert!(issuer.verifier.replacements() > 1);
}

#[test]
fn all_issuers_move_at_the_same_instant_to_a_key_that_all_of_them_know() {
    for seed in 0..20 {
        let first = Issuer::start(SHARED);
        let issuers = [first.beside(SHARED), first.beside(SHARED), first];
        let old = issuers[0].signer();
        issuers[0].clock.advance(MONTH);
        // Three who want to rotate at once, in any order of their steps.
        let tasks = issuers
            .iter()
            .map(|issuer| -> Task<'_, _> { Box::pin(issuer.keys.keep()) });
        let kept = block_on(interleaved(seed, tasks.collect()));
        kept.into_iter().for_each(Result::unwrap);
        assert_eq!(
            issuers[0].in_state(KeyState::Next).len(),
            2,
            "one is promoted"
        );
        issuers[0].clock.advance(VIEW_AGE - SECOND);
        let signers = issuers.each_ref().map(Issuer::signer);
        assert_eq!(signers, [old.clone(), old.clone(), old.clone()]);
        for issuer in &issuers {
            block_on(issuer.keys.keep()).unwrap();
        }
        issuers[0].clock.advance(SECOND);
        let signers = issuers.each_ref().map(Issuer::signer);
        assert_ne!(signers[0], old);
        assert!(signers.iter().all(|signer| *signer == signers[0]));
    }
}

#[test]
fn another_algorithm_is_published_before_it_signs() {
    let issuer = Issuer::start(SCHEDULE);
    let first = issuer.the(KeyState::Active);
    issuer.clock.advance(SECOND);
    block_on(issuer.keys.want(Algorithm::EdDsa)).unwrap();
    let next = issuer.the(KeyState::Next);
    assert_eq!(next.algorithm, Algorithm::EdDsa);
    assert!(issuer.knows(&next.key_id));
    issuer.keep_after(DAY - SECOND);
    assert_eq!(issuer.signer(), first.key_id);
    let old = issuer.sign().unwrap();
    issuer.keep_after(SECOND);
    assert_eq!(issuer.signer(), next.key_id);
    assert!(issuer.verifies(&old) && issuer.verifies(&issuer.sign().unwrap()));
    // And it stays so.
    block_on(issuer.keys.want(Algorithm::EdDsa)).unwrap();
    issuer.keep_after(2 * DAY);
    assert_eq!(issuer.signer(), next.key_id);
}

#[test]
fn who_changes_his_mind_about_the_algorithm_loses_nothing() {
    let issuer = Issuer::start(SCHEDULE);
    let first = issuer.the(KeyState::Active);
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        issuer.clock.advance(SECOND);
        block_on(issuer.keys.want(algorithm)).unwrap();
        assert_eq!(issuer.the(KeyState::Next).algorithm, algorithm);
    }
    issuer.keep_after(2 * DAY);
    assert_eq!(issuer.signer(), first.key_id);
}
