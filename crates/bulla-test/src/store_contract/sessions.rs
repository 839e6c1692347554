//! Opening and reading sessions.

use bulla_core::{
    account::{Account, DisplayName},
    audit::{Actor, AuditEvent, AuditKind},
    revocation::{RevocationTarget, RevocationTerm},
    session::{EndReason, Ended, Generations, Session, SessionCap},
    store::{
        AccountCreation, AccountOutcome, SessionAdvance, SessionEnd, SessionStart, SessionsEnd,
        Store,
    },
};

use super::{
    IDLE, at,
    changes::{change, plain},
    ended, events, stored_session, term, with_account, with_session,
};
use crate::builders;

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_session_is_read_back_whole_with_its_account(&make().await).await;
    an_unknown_session_is_none(&make().await).await;
    no_session_opens_at_another_epoch(&make().await).await;
    no_session_opens_for_a_disabled_or_unknown_account(&make().await).await;
    the_oldest_sessions_end_beyond_the_cap(&make().await).await;
    ended_and_expired_sessions_do_not_count(&make().await).await;
    a_replaced_session_ends_with_the_opening_and_before_the_cap(&make().await).await;
    an_account_begins_in_the_place_of_anybodys_session(&make().await).await;
    idle_sessions_neither_count_nor_push_out_live_ones(&make().await).await;
    sessions_are_listed_the_newest_first(&make().await).await;
    live_sessions_are_listed_the_newest_first(&make().await).await;
    a_session_gets_a_name_and_loses_it(&make().await).await;
}

async fn a_session_is_read_back_whole_with_its_account(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let mut session = builders::session(builders::session_id(7), &account.id, at(3));
    session.name = DisplayName::parse("Alice's \u{1f980}").ok();
    session.device.address = "2001:db8::1".parse().ok();
    session.generations = Generations {
        newest: 1 << 40,
        handed_out_at: at(2),
        settled: (1 << 40) - 1,
    };
    let opened = store.create_session(&start(&session, &account, 10)).await;
    assert!(opened.expect("answers"));
    let read = store.session(session.id).await.expect("answers");
    assert_eq!(read, Some((session, account)));
}

async fn an_unknown_session_is_none(store: &impl Store) {
    with_session(store, "alice", 1).await;
    let read = store.session(builders::session_id(2)).await;
    assert_eq!(read.expect("answers"), None);
}

async fn a_session_gets_a_name_and_loses_it(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let (ended, _) = open(store, &account, 2, 0, 10).await;
    end(store, &ended, 1, EndReason::LoggedOut).await;
    let event = builders::event(at(2), AuditKind::SessionRenamed, &account.id);
    let before = events(store, &account, 10).await.len();
    let name = DisplayName::parse("the one in the kitchen").ok();
    for name in [name.as_ref(), None] {
        let renamed = store.rename_session(session.id, name, &event).await;
        assert!(renamed.expect("answers"));
        let stored = stored_session(store, &session).await;
        assert_eq!(stored.name.as_ref(), name);
        assert_eq!(
            Session {
                name: None,
                ..stored
            },
            session
        );
    }
    for other in [ended.id, builders::session_id(9)] {
        let renamed = store.rename_session(other, name.as_ref(), &event).await;
        assert!(!renamed.expect("answers"));
    }
    assert_eq!(stored_session(store, &ended).await.name, None);
    let recorded = events(store, &account, 10).await;
    assert_eq!(recorded.len(), before + 2);
    assert_eq!(recorded[0], event);
}

async fn no_session_opens_at_another_epoch(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let session = builders::session(builders::session_id(1), &account.id, at(1));
    for epoch in [account.epoch + 1, account.epoch + 7] {
        let mut other = start(&session, &account, 10);
        other.account_epoch = epoch;
        let opened = store.create_session(&other).await.expect("answers");
        assert!(!opened);
    }
    assert_eq!(store.session(session.id).await.expect("answers"), None);
    let opened = store.create_session(&start(&session, &account, 10)).await;
    assert!(opened.expect("answers"));
}

async fn no_session_opens_for_a_disabled_or_unknown_account(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    account.disabled_at = Some(at(1));
    let changed = change(store, plain(&account)).await;
    assert_eq!(changed, AccountOutcome::Changed(account.clone()));

    let unknown = builders::account("bob", at(0));
    for account in [&account, &unknown] {
        let session = builders::session(builders::session_id(1), &account.id, at(1));
        let opened = store.create_session(&start(&session, account, 10)).await;
        assert!(!opened.expect("answers"));
        assert_eq!(store.session(session.id).await.expect("answers"), None);
    }
}

async fn the_oldest_sessions_end_beyond_the_cap(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 9).await;
    let (second, revoked) = open(store, &account, 3, 1, 3).await;
    assert_eq!(revoked, []);
    let (third, revoked) = open(store, &account, 5, 2, 3).await;
    assert_eq!(revoked, []);
    let (fourth, revoked) = open(store, &account, 1, 3, 3).await;
    assert_eq!(revoked, [RevocationTarget::Session(first.id)]);
    let too_many = Some(ended(3, EndReason::TooMany));
    assert_eq!(stored_session(store, &first).await.ended, too_many);
    let recorded = AuditEvent {
        session: Some(first.id),
        ..start(&fourth, &account, 3).surplus_event
    };
    assert_eq!(events(store, &account, 2).await[1], recorded);

    // A lower cap ends several at once, the oldest first.
    let (fifth, revoked) = open(store, &account, 8, 4, 2).await;
    let expected = [second, third].map(|session| RevocationTarget::Session(session.id));
    assert_eq!(revoked, expected);
    for live in [&fourth, &fifth] {
        assert_eq!(stored_session(store, live).await.ended, None);
    }
    let kept = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(kept.len(), 3);
}

async fn ended_and_expired_sessions_do_not_count(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 1).await;
    let (over, _) = open(store, &account, 2, 1, 2).await;
    end(store, &over, 2, EndReason::LoggedOut).await;
    let (_, revoked) = open(store, &account, 3, 3, 2).await;
    assert_eq!(revoked, []);
    assert_eq!(stored_session(store, &first).await.ended, None);
    // Both are past their absolute end by then.
    let month = 31 * 24 * 3600;
    let (_, revoked) = open(store, &account, 4, month, 1).await;
    assert_eq!(revoked, []);
}

async fn a_replaced_session_ends_with_the_opening_and_before_the_cap(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 1).await;
    let (second, _) = open(store, &account, 2, 1, 2).await;
    let third = builders::session(builders::session_id(3), &account.id, at(2));
    let replacing = SessionStart {
        replaces: Some(ending(&second, 2, EndReason::Replaced)),
        ..start(&third, &account, 2)
    };
    let elsewhere = SessionStart {
        account_epoch: 7,
        ..replacing.clone()
    };
    assert!(!store.create_session(&elsewhere).await.expect("answers"));
    assert_eq!(stored_session(store, &second).await.ended, None);

    assert!(store.create_session(&replacing).await.expect("answers"));
    let replaced = stored_session(store, &second).await.ended;
    assert_eq!(replaced, Some(ended(2, EndReason::Replaced)));
    assert_eq!(stored_session(store, &first).await.ended, None);
    let revoked = store.revocations(0, at(0)).await.expect("answers");
    let targets: Vec<_> = revoked.into_iter().map(|record| record.target).collect();
    assert_eq!(targets, [RevocationTarget::Session(second.id)]);
    // One that is over already is no hindrance.
    let (fourth, _) = open(store, &account, 4, 3, 9).await;
    let again = SessionStart {
        replaces: Some(ending(&second, 4, EndReason::Replaced)),
        ..start(
            &builders::session(builders::session_id(5), &account.id, at(4)),
            &account,
            9,
        )
    };
    assert!(store.create_session(&again).await.expect("answers"));
    assert_eq!(stored_session(store, &second).await.ended, replaced);
    assert_eq!(stored_session(store, &fourth).await.ended, None);
}

async fn an_account_begins_in_the_place_of_anybodys_session(store: &impl Store) {
    let (_, others) = with_session(store, "alice", 1).await;
    let account = builders::account("bob", at(1));
    let session = builders::session(builders::session_id(2), &account.id, at(1));
    let creation = AccountCreation {
        replaces: Some(ending(&others, 1, EndReason::Replaced)),
        ..builders::creation(&account, Some(&session))
    };
    let taken = AccountCreation {
        account: Account {
            email: builders::account("alice", at(0)).email,
            ..account.clone()
        },
        ..creation.clone()
    };
    assert!(store.create_account(&taken).await.is_err());
    assert_eq!(stored_session(store, &others).await.ended, None);
    store.create_account(&creation).await.expect("it is stored");
    let replaced = stored_session(store, &others).await.ended;
    assert_eq!(replaced, Some(ended(1, EndReason::Replaced)));
    assert_eq!(stored_session(store, &session).await, session);
    let revoked = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(revoked.len(), 1);
}

async fn idle_sessions_neither_count_nor_push_out_live_ones(store: &impl Store) {
    let idle = i64::try_from(IDLE.as_secs()).expect("a number of seconds");
    let (account, used) = with_session(store, "alice", 1).await;
    let (idled, _) = open(store, &account, 2, 1, 10).await;
    let use_of_first = SessionAdvance {
        id: used.id,
        seen: used.generations,
        next: used.generations.handed_out_again(at(2)),
        used_at: at(2),
        device: used.device.clone(),
        events: Vec::new(),
    };
    assert!(store.advance_session(&use_of_first).await.expect("answers"));
    // The second was last used IDLE ago, the first, which is older, one second less.
    let (third, revoked) = open(store, &account, 3, 1 + idle, 2).await;
    assert_eq!(revoked, []);
    for session in [&used, &idled, &third] {
        assert_eq!(stored_session(store, session).await.ended, None);
    }
    let (_, revoked) = open(store, &account, 4, 1 + idle, 2).await;
    assert_eq!(revoked, [RevocationTarget::Session(used.id)]);
}

async fn sessions_are_listed_the_newest_first(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 9).await;
    let (second, _) = open(store, &account, 3, 1, 10).await;
    let (third, _) = open(store, &account, 5, 2, 10).await;
    with_session(store, "bob", 1).await;
    end(store, &second, 4, EndReason::LoggedOut).await;
    let listed = store.sessions(&account.id, 10).await.expect("answers");
    let ids: Vec<_> = listed.iter().map(|session| session.id).collect();
    assert_eq!(ids, [third.id, second.id, first.id]);
    assert_eq!(listed[1].ended, Some(ended(4, EndReason::LoggedOut)));
    let newest = store.sessions(&account.id, 2).await.expect("answers");
    assert_eq!(newest, listed[..2]);
}

async fn live_sessions_are_listed_the_newest_first(store: &impl Store) {
    let (account, idled) = with_session(store, "alice", 9).await;
    let idle = i64::try_from(IDLE.as_secs()).expect("it fits");
    let (second, _) = open(store, &account, 3, 1, 10).await;
    let (over, _) = open(store, &account, 5, 2, 10).await;
    let (last, _) = open(store, &account, 4, idle, 10).await;
    with_session(store, "bob", 1).await;
    end(store, &over, 4, EndReason::LoggedOut).await;
    let live = async |seconds, limit| {
        let listed = store.live_sessions(&account.id, at(seconds), IDLE, limit);
        let listed = listed.await.expect("answers");
        let ids = listed.into_iter().map(|session| session.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(live(idle - 1, 10).await, [last.id, second.id, idled.id]);
    assert_eq!(live(idle, 10).await, [last.id, second.id]);
    assert_eq!(live(idle, 1).await, [last.id]);
    assert_eq!(live(idle + 1, 10).await, [last.id]);
    let absolute_end = last.absolute_end.as_seconds() - at(0).as_seconds();
    let always = async |seconds| {
        let listed = store.live_sessions(&account.id, at(seconds), IDLE * 100, 10);
        listed.await.expect("answers").len()
    };
    assert_eq!(always(absolute_end - 1).await, 1);
    assert_eq!(always(absolute_end).await, 0);
}

/// Opens a session whose identity is 16 times `byte`, `seconds` after the first point in time.
/// With it comes what the store revoked meanwhile.
pub(super) async fn open(
    store: &impl Store,
    account: &Account,
    byte: u8,
    seconds: i64,
    cap: u32,
) -> (Session, Vec<RevocationTarget>) {
    let session = builders::session(builders::session_id(byte), &account.id, at(seconds));
    let before = store.revocations(0, at(0)).await.expect("it answers");
    let opened = store.create_session(&start(&session, account, cap)).await;
    assert!(opened.expect("the store answers"), "the session opens");
    let last = before.last().map_or(0, |record| record.sequence);
    let since = store.revocations(last, at(0)).await.expect("it answers");
    let targets = since.into_iter().map(|record| record.target);
    (session, targets.collect())
}

/// Ends a session, whatever its generations.
pub(super) async fn end(
    store: &impl Store,
    session: &Session,
    seconds: i64,
    reason: EndReason,
) -> bool {
    let end = ending(session, seconds, reason);
    store.end_session(&end).await.expect("the store answers")
}

pub(super) fn ending(session: &Session, seconds: i64, reason: EndReason) -> SessionEnd {
    SessionEnd {
        id: session.id,
        seen: None,
        ended: ended(seconds, reason),
        revoke: term(seconds),
        event: builders::event(at(seconds), AuditKind::SessionEnded, &session.account),
    }
}

pub(super) fn ending_all(account: &Account, seconds: i64) -> SessionsEnd {
    SessionsEnd {
        account: account.id.clone(),
        keep: None,
        ended: ended(seconds, EndReason::Revoked),
        revoke: term(seconds),
        event: builders::event(at(seconds), AuditKind::SessionEnded, &account.id),
    }
}

pub(super) fn start(session: &Session, account: &Account, cap: u32) -> SessionStart {
    SessionStart {
        session: session.clone(),
        account_epoch: account.epoch,
        replaces: None,
        cap: SessionCap {
            most: cap,
            idle: IDLE,
        },
        surplus_ends: Ended {
            at: session.created_at,
            reason: EndReason::TooMany,
        },
        surplus_event: AuditEvent {
            actor: Actor::System,
            ..builders::event(session.created_at, AuditKind::SessionEnded, &account.id)
        },
        revoke: RevocationTerm {
            now: session.created_at,
            ..term(0)
        },
        event: builders::event(session.created_at, AuditKind::SessionOpened, &account.id),
    }
}
