//! Changing and deleting accounts.

use bulla_core::{
    account::{Account, Email, Plan},
    audit::AuditKind,
    revocation::{RevocationRecord, RevocationTarget},
    session::EndReason,
    store::{AccountChange, ChangeAccountError, Store},
};

use super::{at, ended, stored, stored_session, with_account, with_session};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_change_is_stored_and_counted(&make().await).await;
    a_change_of_an_older_revision_changes_nothing(&make().await).await;
    of_many_changes_at_once_one_succeeds(&make().await).await;
    a_taken_name_is_refused(&make().await).await;
    a_change_revokes_older_epochs(&make().await).await;
    a_change_ends_the_other_sessions(&make().await).await;
    a_change_leaves_other_accounts_alone(&make().await).await;
    a_deleted_account_is_gone_with_its_sessions(&make().await).await;
}

async fn a_change_is_stored_and_counted(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    account.plan = Plan::parse("gold").expect("a valid plan");
    account.disabled_at = Some(at(1));
    account.email = Email::parse("new@example.com").ok();
    account.epoch = 4;
    let records = change(store, plain(&account)).await.expect("answers");
    assert_eq!(records, Some(vec![]));
    account.revision += 1;
    assert_eq!(stored(store, &account).await, account);
    assert_eq!(
        change(store, plain(&account)).await.expect("answers"),
        Some(vec![])
    );
}

async fn a_change_of_an_older_revision_changes_nothing(store: &impl Store) {
    let account = with_account(store, "alice").await;
    change(store, plain(&account)).await.expect("answers");
    let now = stored(store, &account).await;

    let mut late = plain(&account);
    late.account.plan = Plan::parse("gold").expect("a valid plan");
    late.revoke_until = Some(at(900));
    late.end_sessions = Some(ended(1, EndReason::Revoked));
    assert_eq!(change(store, late).await.expect("answers"), None);
    assert_eq!(stored(store, &account).await, now);
    assert_eq!(store.revocations(0, at(0)).await.expect("answers"), []);

    let unknown = builders::account("bob", at(0));
    assert_eq!(change(store, plain(&unknown)).await.expect("answers"), None);
}

async fn of_many_changes_at_once_one_succeeds(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let tasks = (0..20).map(|_| -> Task<'_, _> { Box::pin(change(store, plain(&account))) });
    let results = join_all(tasks.collect()).await;
    let succeeded = results
        .into_iter()
        .filter(|result| matches!(result, Ok(Some(_))));
    assert_eq!(succeeded.count(), 1);
    assert_eq!(stored(store, &account).await.revision, account.revision + 1);
}

async fn a_taken_name_is_refused(store: &impl Store) {
    let alice = with_account(store, "alice").await;
    let bob = with_account(store, "bob").await;
    let mut taken = plain(&bob);
    taken.account.email.clone_from(&alice.email);
    let refused = change(store, taken).await;
    assert!(matches!(refused, Err(ChangeAccountError::EmailTaken)));
    let mut taken = plain(&bob);
    taken.account.username.clone_from(&alice.username);
    let refused = change(store, taken).await;
    assert!(matches!(refused, Err(ChangeAccountError::UsernameTaken)));
    assert_eq!(stored(store, &bob).await, bob);
}

async fn a_change_revokes_older_epochs(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    account.epoch = 1;
    let mut revoking = plain(&account);
    revoking.revoke_until = Some(at(900));
    let records = change(store, revoking).await.expect("answers");
    let expected = RevocationRecord {
        sequence: 1,
        target: RevocationTarget::Subject {
            account: account.id.clone(),
            min_epoch: Some(1),
        },
        until: at(900),
    };
    assert_eq!(records.as_deref(), Some(&[expected.clone()][..]));
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
    ending.revoke_until = Some(at(900));
    let records = change(store, ending).await.expect("answers");
    // The epoch's record hits the tokens of the ended sessions; they need none of their own.
    assert_eq!(records.map(|records| records.len()), Some(1));

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
    change(store, ending).await.expect("answers");
    assert_eq!(stored_session(store, &of_bob).await, of_bob);
    assert_eq!(stored(store, &bob).await, bob);
}

async fn a_deleted_account_is_gone_with_its_sessions(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let (_, of_bob) = with_session(store, "bob", 2).await;
    let event = builders::event(at(1), AuditKind::AccountDeleted, &account.id);
    let records = store.delete_account(&account.id, at(900), &event).await;
    let target = RevocationTarget::Subject {
        account: account.id.clone(),
        min_epoch: None,
    };
    let records = records.expect("answers").expect("it was there");
    let [record] = &records[..] else {
        unreachable!("one record, not {records:?}")
    };
    assert_eq!((&record.target, record.until), (&target, at(900)));

    assert_eq!(store.account(&account.id).await.expect("answers"), None);
    assert_eq!(store.session(session.id).await.expect("answers"), None);
    assert_eq!(stored_session(store, &of_bob).await, of_bob);
    let again = store.delete_account(&account.id, at(900), &event).await;
    assert_eq!(again.expect("answers"), None);
    with_account(store, "alice").await;
}

fn plain(account: &Account) -> AccountChange {
    AccountChange {
        account: account.clone(),
        revoke_until: None,
        end_sessions: None,
        keep_session: None,
    }
}

async fn change(
    store: &impl Store,
    change: AccountChange,
) -> Result<Option<Vec<RevocationRecord>>, ChangeAccountError> {
    let event = builders::event(at(1), AuditKind::AccountChanged, &change.account.id);
    store.change_account(&change, &event).await
}
