//! Changing and deleting accounts.

use bulla_core::{
    account::{Account, DisplayName, Email, Plan, Username},
    audit::AuditKind,
    revocation::{RevocationRecord, RevocationTarget},
    session::EndReason,
    store::{AccountChange, AccountOutcome, Store},
};

use super::{at, ended, events, stored, stored_session, term, with_account, with_session};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_change_is_stored(&make().await).await;
    a_decision_against_changes_nothing(&make().await).await;
    no_crowd_of_changes_makes_another_one_fail(&make().await).await;
    a_change_leaves_the_names_alone(&make().await).await;
    a_change_revokes_older_epochs(&make().await).await;
    a_change_ends_the_other_sessions(&make().await).await;
    a_change_leaves_other_accounts_alone(&make().await).await;
    a_deleted_account_is_gone_with_its_sessions(&make().await).await;
}

async fn a_change_is_stored(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    account.plan = Plan::parse("gold").expect("a valid plan");
    account.disabled_at = Some(at(1));
    account.epoch = 4;
    let changed = change(store, plain(&account)).await;
    assert_eq!(changed, AccountOutcome::Changed(account.clone()));
    assert_eq!(stored(store, &account).await, account);
    assert_eq!(store.revocations(0, at(0)).await.expect("answers"), []);
    let unknown = change(store, plain(&builders::account("bob", at(0)))).await;
    assert_eq!(unknown, AccountOutcome::NotFound);
}

async fn a_decision_against_changes_nothing(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let expected = account.clone();
    let decision = Box::new(move |before: &Account| {
        assert_eq!(*before, expected);
        None
    });
    let left = store.change_account(&account.id, decision).await;
    let unchanged = AccountOutcome::Unchanged(account.clone());
    assert_eq!(left.expect("answers"), unchanged);
    assert_eq!(stored(store, &account).await, account);
    assert_eq!(stored_session(store, &session).await, session);
    let recorded = events(store, &account, 10).await;
    assert_eq!(recorded.len(), 1, "{recorded:?}");
}

async fn no_crowd_of_changes_makes_another_one_fail(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let rename = |number: u32| {
        let name = DisplayName::parse(&format!("name {number}")).ok();
        let decision = Box::new(move |before: &Account| {
            let renamed = Account {
                name,
                epoch: before.epoch + 1,
                ..before.clone()
            };
            Some(plain(&renamed))
        });
        store.change_account(&account.id, decision)
    };
    let disable = || {
        let decision = Box::new(|before: &Account| {
            let disabled = Account {
                disabled_at: Some(at(1)),
                ..before.clone()
            };
            Some(plain(&disabled))
        });
        store.change_account(&account.id, decision)
    };
    let tasks = (0..400).map(|number| -> Task<'_, _> {
        if number == 200 {
            disable()
        } else {
            rename(number)
        }
    });
    for outcome in join_all(tasks.collect()).await {
        let outcome = outcome.expect("the store answers");
        assert!(matches!(outcome, AccountOutcome::Changed(_)), "{outcome:?}");
    }
    // Each saw what those before it had done: none is lost.
    let last = stored(store, &account).await;
    assert_eq!((last.disabled_at, last.epoch), (Some(at(1)), 399));
}

async fn a_change_leaves_the_names_alone(store: &impl Store) {
    let alice = with_account(store, "alice").await;
    let mut renamed = plain(&alice);
    renamed.account.email = Email::parse("new@example.com").ok();
    renamed.account.username = Username::parse("new").ok();
    let changed = change(store, renamed).await;
    assert_eq!(changed, AccountOutcome::Changed(alice.clone()));
    assert_eq!(stored(store, &alice).await, alice);
}

async fn a_change_revokes_older_epochs(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    account.epoch = 1;
    let mut revoking = plain(&account);
    revoking.revoke = Some(term(0));
    change(store, revoking).await;
    let expected = RevocationRecord {
        sequence: 1,
        target: RevocationTarget::Subject {
            subject: (&account.id).into(),
            min_epoch: Some(1),
        },
        until: at(900),
    };
    let kept = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(kept, [expected]);
}

async fn a_change_ends_the_other_sessions(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 1).await;
    let (kept, _) = super::sessions::open(store, &account, 2, 1, 10).await;
    let (ended_before, _) = super::sessions::open(store, &account, 3, 2, 10).await;
    super::sessions::end(store, &ended_before, 3, EndReason::LoggedOut).await;

    let mut ending = plain(&account);
    ending.end_sessions = Some(ended(5, EndReason::PasswordChanged));
    ending.keep_session = Some(kept.id);
    ending.revoke = Some(term(0));
    let before = store.revocations(0, at(0)).await.expect("answers").len();
    change(store, ending).await;
    // The epoch's record hits the tokens of the ended sessions; they need none of their own.
    let after = store.revocations(0, at(0)).await.expect("answers").len();
    assert_eq!(after, before + 1);

    let reason = async |session| stored_session(store, session).await.ended;
    let by_change = Some(ended(5, EndReason::PasswordChanged));
    assert_eq!(reason(&first).await, by_change);
    assert_eq!(reason(&kept).await, None);
    let before = Some(ended(3, EndReason::LoggedOut));
    assert_eq!(
        reason(&ended_before).await,
        before,
        "an end is never changed"
    );
}

async fn a_change_leaves_other_accounts_alone(store: &impl Store) {
    let (alice, _) = with_session(store, "alice", 1).await;
    let (bob, of_bob) = with_session(store, "bob", 2).await;
    let mut ending = plain(&alice);
    ending.end_sessions = Some(ended(5, EndReason::AccountDisabled));
    change(store, ending).await;
    assert_eq!(stored_session(store, &of_bob).await, of_bob);
    assert_eq!(stored(store, &bob).await, bob);
}

async fn a_deleted_account_is_gone_with_its_sessions(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let (_, of_bob) = with_session(store, "bob", 2).await;
    let event = builders::event(at(1), AuditKind::AccountDeleted, &account.id);
    let deleted = store.delete_account(&account.id, term(0), &event).await;
    assert!(deleted.expect("answers"));
    let target = RevocationTarget::Subject {
        subject: (&account.id).into(),
        min_epoch: None,
    };
    let records = store.revocations(0, at(0)).await.expect("answers");
    let [record] = &records[..] else {
        unreachable!("one record, not {records:?}")
    };
    assert_eq!((&record.target, record.until), (&target, at(900)));

    assert_eq!(store.account(&account.id).await.expect("answers"), None);
    assert_eq!(store.session(session.id).await.expect("answers"), None);
    assert_eq!(stored_session(store, &of_bob).await, of_bob);
    let again = store.delete_account(&account.id, term(0), &event).await;
    assert!(!again.expect("answers"));
    with_account(store, "alice").await;
}

/// The account as it shall be, and nothing else.
pub(super) fn plain(account: &Account) -> AccountChange {
    AccountChange {
        account: account.clone(),
        revoke: None,
        end_sessions: None,
        keep_session: None,
        event: builders::event(at(1), AuditKind::AccountChanged, &account.id),
    }
}

/// Makes the change, whatever the account is now.
pub(super) async fn change(store: &impl Store, change: AccountChange) -> AccountOutcome {
    let id = change.account.id.clone();
    let changed = store.change_account(&id, Box::new(|_| Some(change))).await;
    changed.expect("the store answers")
}
