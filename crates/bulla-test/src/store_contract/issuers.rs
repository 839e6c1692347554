//! Two issuers, each with a store of its own on one database.

use std::sync::Arc;

use bulla_core::{
    account::{Account, Email},
    session::EndReason,
    store::{AccountChange, AccountOutcome, CreateAccountError, LinkOutcome, Store},
};

use super::{
    IDLE, all_sessions, at, changes, ended, links, rotation,
    sessions::{ending, open, start},
    stored, stored_session, taken, term, with_account, with_session,
};
use crate::{
    RecordedRevocations, builders,
    tasks::{Task, join_all},
};

/// A store, and what its issuer heeds.
pub type Heeded<S> = (S, Arc<RecordedRevocations>);

/// Runs the whole suite, each test on two stores that `make` made on one new and empty database.
///
/// # Panics
/// With the first test that fails.
pub async fn of_two_issuers<S: Store, F: AsyncFn() -> [Heeded<S>; 2]>(make: F) {
    whoever_sees_what_the_other_ended_heeds_it(&make().await).await;
    what_both_revoke_at_once_is_heeded_by_both_in_one_order(&make().await).await;
    of_many_ends_at_both_one_is_the_end(&make().await).await;
    of_many_advances_at_both_one_succeeds(&make().await).await;
    of_many_accounts_at_both_that_look_alike_one_is_made(&make().await).await;
    no_change_at_one_is_lost_to_one_at_the_other(&make().await).await;
    of_many_sign_ins_at_both_as_many_are_left_as_may_be(&make().await).await;
    no_sign_in_survives_a_password_change_at_the_other(&make().await).await;
    a_link_is_spent_once_at_both(&make().await).await;
    whatever_revokes_outlives_what_the_other_noted(&make().await).await;
    whoever_signs_in_while_all_are_ended_is_in_or_out(&make().await).await;
    taken::all(&make).await;
}

async fn whoever_sees_what_the_other_ended_heeds_it<S: Store>(
    [(first, _), (second, heeded)]: &[Heeded<S>; 2],
) {
    let account = with_account(first, "alice").await;
    for byte in 1..=30 {
        let (session, _) = open(first, &account, byte, 0, 100).await;
        let ending = ending(&session, 1, EndReason::LoggedOut);
        let tasks: [Task<'_, ()>; 2] = [
            Box::pin(async {
                assert!(first.end_session(&ending).await.expect("answers"));
            }),
            Box::pin(async {
                while stored_session(second, &session).await.ended.is_none() {}
                assert!(heeded.hits_session(session.id), "seen, and not heeded");
            }),
        ];
        join_all(tasks.into()).await;
    }
}

async fn what_both_revoke_at_once_is_heeded_by_both_in_one_order<S: Store>(
    issuers: &[Heeded<S>; 2],
) {
    let account = with_account(&issuers[0].0, "alice").await;
    let mut sessions = Vec::new();
    for byte in 1..=60 {
        sessions.push(open(&issuers[0].0, &account, byte, 0, 100).await.0);
    }
    let tasks = sessions.iter().zip(issuers.iter().cycle());
    let tasks = tasks.map(|(session, (store, heeded))| -> Task<'_, _> {
        Box::pin(async move {
            let ending = ending(session, 1, EndReason::LoggedOut);
            assert!(store.end_session(&ending).await.expect("answers"));
            assert!(heeded.hits_session(session.id), "answered too early");
        })
    });
    join_all(tasks.collect()).await;
    for (store, heeded) in issuers {
        stored(store, &account).await;
        let sequences = heeded.records().into_iter().map(|record| record.sequence);
        assert!(sequences.eq(1..=60));
    }
}

async fn of_many_ends_at_both_one_is_the_end<S: Store>(issuers: &[Heeded<S>; 2]) {
    let (_, session) = with_session(&issuers[0].0, "alice", 1).await;
    let ending = ending(&session, 1, EndReason::LoggedOut);
    let ends = at_both(issuers, 20, |store, _| store.end_session(&ending)).await;
    let ends = ends.into_iter().filter(|end| matches!(end, Ok(true)));
    assert_eq!(ends.count(), 1);
    for (_, heeded) in issuers {
        assert!(heeded.hits_session(session.id));
        assert_eq!(heeded.records().len(), 1);
    }
}

async fn of_many_advances_at_both_one_succeeds<S: Store>(issuers: &[Heeded<S>; 2]) {
    let (_, mut session) = with_session(&issuers[0].0, "alice", 1).await;
    for round in 1..=5 {
        let advance = rotation::advance(&session, round * 60);
        let moves = at_both(issuers, 50, |store, _| store.advance_session(&advance)).await;
        let moved = moves.into_iter().filter(|moved| matches!(moved, Ok(true)));
        assert_eq!(moved.count(), 1);
        session = stored_session(&issuers[1].0, &session).await;
        assert_eq!(session.generations, advance.next);
    }
}

async fn of_many_accounts_at_both_that_look_alike_one_is_made<S: Store>(issuers: &[Heeded<S>; 2]) {
    let creations: Vec<_> = (0..20)
        .map(|number| {
            let mut account = builders::account(&format!("user{number}"), at(0));
            let letter = if number % 2 == 0 { "a" } else { "\u{430}" };
            account.email = Email::parse(&format!("w{letter}nted@example.com")).ok();
            builders::creation(&account, None)
        })
        .collect();
    let made = at_both(issuers, creations.len(), |store, number| {
        store.create_account(&creations[number])
    });
    let (made, refused): (Vec<_>, Vec<_>) = made.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    for refused in refused {
        assert!(matches!(refused, Err(CreateAccountError::EmailTaken)));
    }
}

async fn no_change_at_one_is_lost_to_one_at_the_other<S: Store>(issuers: &[Heeded<S>; 2]) {
    let account = with_account(&issuers[0].0, "alice").await;
    let changes = at_both(issuers, 40, |store, _| {
        let raise = |before: &Account| {
            let raised = Account {
                epoch: before.epoch + 1,
                ..before.clone()
            };
            Some(changes::plain(&raised))
        };
        store.change_account(&account.id, Box::new(raise))
    });
    for changed in changes.await {
        assert!(matches!(changed, Ok(AccountOutcome::Changed(_))));
    }
    assert_eq!(stored(&issuers[0].0, &account).await.epoch, 40);
}

async fn of_many_sign_ins_at_both_as_many_are_left_as_may_be<S: Store>(issuers: &[Heeded<S>; 2]) {
    let account = with_account(&issuers[0].0, "alice").await;
    let starts: Vec<_> = (1..=20)
        .map(|byte| {
            let id = builders::session_id(byte);
            start(&builders::session(id, &account.id, at(0)), &account, 3)
        })
        .collect();
    let opened = at_both(issuers, starts.len(), |store, number| {
        store.create_session(&starts[number])
    });
    assert!(
        opened
            .await
            .into_iter()
            .all(|opened| matches!(opened, Ok(true)))
    );
    let live = issuers[0].0.live_sessions(&account.id, at(0), IDLE, 20);
    assert_eq!(live.await.expect("answers").len(), 3);
    for (store, heeded) in issuers {
        stored(store, &account).await;
        assert_eq!(heeded.records().len(), 17, "the others are revoked");
    }
}

async fn no_sign_in_survives_a_password_change_at_the_other<S: Store>(issuers: &[Heeded<S>; 2]) {
    let [(first, _), (second, _)] = issuers;
    let mut account = with_account(first, "alice").await;
    for byte in 1..=20 {
        let session = builders::session(builders::session_id(byte), &account.id, at(0));
        let start = start(&session, &account, 100);
        account.epoch += 1;
        let change = AccountChange {
            revoke: Some(term(1)),
            end_sessions: Some(ended(1, EndReason::Revoked)),
            ..changes::plain(&account)
        };
        let tasks: [Task<'_, ()>; 2] = [
            Box::pin(async {
                second.create_session(&start).await.expect("answers");
            }),
            Box::pin(async {
                changes::change(first, change).await;
            }),
        ];
        join_all(tasks.into()).await;
        let live = second.live_sessions(&account.id, at(1), IDLE, 10).await;
        assert_eq!(live.expect("answers"), [], "{byte}");
    }
}

async fn a_link_is_spent_once_at_both<S: Store>(issuers: &[Heeded<S>; 2]) {
    let account = with_account(&issuers[0].0, "alice").await;
    let link = links::reset(&account, 1, 10);
    links::add(&issuers[0].0, &link).await;
    let spent = at_both(issuers, 20, |store, number| {
        store.spend_link(
            link.id,
            links::renaming(&account, &format!("name {number}")),
        )
    });
    let spent = spent.await.into_iter().map(|one| one.expect("answers"));
    let (done, late): (Vec<_>, Vec<_>) = spent.partition(|one| *one == LinkOutcome::Done);
    assert_eq!(done.len(), 1);
    assert!(late.iter().all(|one| *one == LinkOutcome::NotFound));
}

async fn whatever_revokes_outlives_what_the_other_noted<S: Store>(
    [(first, _), (second, _)]: &[Heeded<S>; 2],
) {
    let account = with_account(first, "alice").await;
    for byte in 1..=10 {
        let (session, _) = open(first, &account, byte, 0, 100).await;
        let lifetime = std::time::Duration::from_secs(1000 * u64::from(byte));
        second
            .note_access_lifetime(lifetime)
            .await
            .expect("answers");
        let ending = ending(&session, 1, EndReason::LoggedOut);
        assert!(first.end_session(&ending).await.expect("answers"));
        let last = first.revocations(u64::from(byte) - 1, at(0)).await;
        let until = last.expect("answers").pop().map(|record| record.until);
        assert_eq!(until, Some(at(1).after(lifetime)));
    }
}

async fn whoever_signs_in_while_all_are_ended_is_in_or_out<S: Store>(issuers: &[Heeded<S>; 2]) {
    const SIGN_INS: usize = 40;
    let account = with_account(&issuers[0].0, "alice").await;
    let ending = all_sessions::ending_everybodys(1);
    let sessions: Vec<_> = (1..=SIGN_INS as u8)
        .map(|byte| builders::session(builders::session_id(byte), &account.id, at(0)))
        .collect();
    let signed_in = at_both(issuers, SIGN_INS, |store, number| {
        let start = start(&sessions[number], &account, 100);
        let ending = (number == SIGN_INS / 2).then_some(&ending);
        Box::pin(async move {
            if let Some(ending) = ending {
                store.end_all_sessions(ending).await.expect("answers");
            }
            assert!(store.create_session(&start).await.expect("answers"));
            // The version that its first refresh token has.
            store.refresh_key_version().await.expect("answers")
        })
    });
    for (session, key_version) in sessions.iter().zip(signed_in.await) {
        let found = issuers[0].0.session_to_refresh(session.id).await;
        let found = found.expect("answers").expect("the session is there");
        let is_ended = found.session.ended.is_some();
        assert!(is_ended || key_version == found.key_version, "neither");
    }
}

/// Does it so often, at one and the other in turn, all at once.
pub(super) async fn at_both<'a, S: Store, T>(
    issuers: &'a [Heeded<S>; 2],
    times: usize,
    act: impl Fn(&'a S, usize) -> Task<'a, T>,
) -> Vec<T> {
    let stores = issuers.iter().map(|(store, _)| store).cycle();
    let tasks = stores.take(times).enumerate();
    let tasks = tasks.map(|(number, store)| act(store, number));
    join_all(tasks.collect()).await
}
