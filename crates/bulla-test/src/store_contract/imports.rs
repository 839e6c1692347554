//! Accounts that were exported elsewhere.

use bulla_core::{
    account::{Account, Email, PasswordHash, Username},
    audit::AuditKind,
    store::{AccountImport, ImportEntry, ImportOutcome, Store},
};

use super::{at, events, stored, term, with_account};
use crate::builders;

pub(super) async fn all<S: Store>(make: &impl AsyncFn() -> S) {
    all_of_an_account_is_kept_and_recorded(&make().await).await;
    what_is_taken_stops_nobody_else(&make().await).await;
    names_that_look_alike_are_taken(&make().await).await;
    a_rehearsal_leaves_nothing_behind(&make().await).await;
    tokens_of_an_older_account_stay_revoked(&make().await).await;
    who_has_no_password_gets_one(&make().await).await;
    of_two_of_one_identity_the_first_stays(&make().await).await;
    another_of_the_same_identity_is_left_out(&make().await).await;
}

fn import_of(accounts: &[&Account]) -> AccountImport {
    let entry = |account: &&Account| ImportEntry {
        account: (*account).clone(),
        created: builders::event(at(0), AuditKind::AccountCreated, &account.id),
        password_added: builders::event(at(0), AuditKind::PasswordChanged, &account.id),
    };
    AccountImport {
        accounts: accounts.iter().map(entry).collect(),
        now: at(0),
        rehearsal: false,
    }
}

async fn import(store: &impl Store, accounts: &[&Account]) -> Vec<ImportOutcome> {
    let outcomes = store.import_accounts(&import_of(accounts)).await;
    outcomes.expect("the store answers")
}

async fn is_there(store: &impl Store, account: &Account) -> bool {
    let found = store.account(&account.id).await;
    found.expect("the store answers").is_some()
}

async fn all_of_an_account_is_kept_and_recorded(store: &impl Store) {
    let alice = Account {
        disabled_at: Some(at(5)),
        epoch: 3,
        ..builders::account("alice", at(-1000))
    };
    let bob = builders::account("bob", at(0));
    let outcomes = import(store, &[&alice, &bob]).await;
    assert_eq!(outcomes, [ImportOutcome::Created; 2]);
    for account in [&alice, &bob] {
        assert_eq!(stored(store, account).await, *account);
        let recorded = events(store, account, 10).await;
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded[0].kind, AuditKind::AccountCreated);
    }
}

async fn what_is_taken_stops_nobody_else(store: &impl Store) {
    let alice = with_account(store, "alice").await;
    let same_address = Account {
        email: alice.email.clone(),
        ..builders::account("bob", at(0))
    };
    let same_name = Account {
        username: alice.username.clone(),
        ..builders::account("carol", at(0))
    };
    let dora = builders::account("dora", at(0));
    let changed = Account {
        epoch: 7,
        ..alice.clone()
    };
    let like_dora = Account {
        id: builders::account_id("another_dora"),
        ..dora.clone()
    };
    let all = [
        &same_address,
        &same_name,
        &changed,
        &dora,
        &like_dora,
        &dora,
    ];
    let expected = [
        ImportOutcome::EmailTaken,
        ImportOutcome::UsernameTaken,
        ImportOutcome::Present,
        ImportOutcome::Created,
        ImportOutcome::EmailTaken,
        ImportOutcome::Present,
    ];
    assert_eq!(import(store, &all).await, expected);
    assert_eq!(stored(store, &alice).await, alice);
    assert_eq!(stored(store, &dora).await, dora);
    for nobody in [&same_address, &same_name, &like_dora] {
        assert!(!is_there(store, nobody).await);
        assert_eq!(events(store, nobody, 10).await, []);
    }
}

async fn names_that_look_alike_are_taken(store: &impl Store) {
    with_account(store, "paypal").await;
    let email = |text| Some(Email::parse(text).expect("a valid address"));
    let username = |text| Some(Username::parse(text).expect("a valid user name"));
    let by_address = Account {
        email: email("p\u{430}ypal@example.com"),
        username: None,
        ..builders::account("one", at(0))
    };
    let by_name = Account {
        email: None,
        username: username("paypa1"),
        ..builders::account("two", at(0))
    };
    let neither = Account {
        email: email("paypa1@example.com"),
        username: username("paypals"),
        ..builders::account("three", at(0))
    };
    let expected = [
        ImportOutcome::EmailTaken,
        ImportOutcome::UsernameTaken,
        ImportOutcome::Created,
    ];
    assert_eq!(
        import(store, &[&by_address, &by_name, &neither]).await,
        expected
    );
}

async fn a_rehearsal_leaves_nothing_behind(store: &impl Store) {
    let (alice, bob) = (
        builders::account("alice", at(0)),
        builders::account("bob", at(0)),
    );
    let twice = Account {
        id: builders::account_id("another_alice"),
        ..alice.clone()
    };
    let accounts = [&alice, &twice, &bob];
    let rehearsal = AccountImport {
        rehearsal: true,
        ..import_of(&accounts)
    };
    let expected = [
        ImportOutcome::Created,
        ImportOutcome::EmailTaken,
        ImportOutcome::Created,
    ];
    for _ in 0..2 {
        let outcomes = store.import_accounts(&rehearsal).await;
        assert_eq!(outcomes.expect("the store answers"), expected);
        assert!(!is_there(store, &alice).await);
        assert_eq!(events(store, &alice, 10).await, []);
    }
    assert_eq!(import(store, &accounts).await, expected);
    assert!(is_there(store, &alice).await && is_there(store, &bob).await);
}

async fn tokens_of_an_older_account_stay_revoked(store: &impl Store) {
    let alice = with_account(store, "alice").await;
    let event = builders::event(at(0), AuditKind::AccountDeleted, &alice.id);
    let deleted = store.delete_account(&alice.id, term(0), &event).await;
    assert!(deleted.expect("the store answers"));
    let until = at(900);
    assert_eq!(
        import(store, &[&alice]).await,
        [ImportOutcome::Deleted { until }]
    );
    assert!(!is_there(store, &alice).await);
    let later = AccountImport {
        now: until,
        ..import_of(&[&alice])
    };
    let outcomes = store.import_accounts(&later).await;
    assert_eq!(
        outcomes.expect("the store answers"),
        [ImportOutcome::Created]
    );
    assert_eq!(stored(store, &alice).await, alice);
}

async fn who_has_no_password_gets_one(store: &impl Store) {
    let with = builders::account("alice", at(0));
    let without = Account {
        password: PasswordHash::NONE,
        ..with.clone()
    };
    let with_more = Account {
        name: None,
        epoch: 9,
        ..with.clone()
    };
    assert_eq!(import(store, &[&without]).await, [ImportOutcome::Created]);
    assert_eq!(import(store, &[&without]).await, [ImportOutcome::Present]);
    let outcomes = import(store, &[&with_more, &with_more]).await;
    assert_eq!(
        outcomes,
        [ImportOutcome::PasswordAdded, ImportOutcome::Present]
    );
    assert_eq!(stored(store, &with).await, with);
    let kinds: Vec<_> = events(store, &with, 10)
        .await
        .iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [AuditKind::PasswordChanged, AuditKind::AccountCreated]
    );
    assert_eq!(import(store, &[&without]).await, [ImportOutcome::Present]);
    assert_eq!(stored(store, &with).await, with);
}

async fn of_two_of_one_identity_the_first_stays(store: &impl Store) {
    let taken = with_account(store, "taken").await;
    let alice = builders::account("alice", at(0));
    let with_a_taken_name = Account {
        email: taken.email.clone(),
        ..alice.clone()
    };
    let bob = builders::account("bob", at(0));
    let without = Account {
        password: PasswordHash::NONE,
        ..bob.clone()
    };
    let all = [
        &with_a_taken_name,
        &alice,
        &with_a_taken_name,
        &without,
        &bob,
        &bob,
    ];
    let expected = [
        ImportOutcome::EmailTaken,
        ImportOutcome::Created,
        ImportOutcome::Present,
        ImportOutcome::Created,
        ImportOutcome::PasswordAdded,
        ImportOutcome::Present,
    ];
    assert_eq!(import(store, &all).await, expected);
    assert_eq!(stored(store, &alice).await, alice);
    assert_eq!(stored(store, &bob).await, bob);
    assert_eq!(events(store, &alice, 10).await.len(), 1);
    assert_eq!(events(store, &bob, 10).await.len(), 2);
}

async fn another_of_the_same_identity_is_left_out(store: &impl Store) {
    let alice = Account {
        password: PasswordHash::NONE,
        ..builders::account("alice", at(0))
    };
    let bob = Account {
        id: alice.id.clone(),
        ..builders::account("bob", at(0))
    };
    let renamed = Account {
        email: bob.email.clone(),
        ..builders::account("alice", at(0))
    };
    let expected = [ImportOutcome::Created, ImportOutcome::IdentityTaken];
    assert_eq!(import(store, &[&alice, &bob]).await, expected);
    assert_eq!(import(store, &[&bob]).await, [ImportOutcome::IdentityTaken]);
    // Above all, the password of one is not the other's.
    assert_eq!(stored(store, &alice).await, alice);
    assert_eq!(events(store, &alice, 10).await.len(), 1);
    let outcomes = import(store, &[&renamed]).await;
    assert_eq!(outcomes, [ImportOutcome::PasswordAdded]);
}
