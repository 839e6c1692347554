//! Visitors who become users.

use bulla_core::{
    account::{Account, Email, LoginName},
    audit::AuditKind,
    revocation::{RevocationRecord, RevocationTarget},
    store::{AccountCreation, CreateAccountError, Store, VisitorEnd},
};

use super::{at, events, stored, stored_session, term, with_account};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_visitor_becomes_a_user_and_its_tokens_end(&make().await).await;
    a_taken_name_or_identity_is_refused_and_nothing_is_written(&make().await).await;
    the_same_twice_is_the_same_identity(&make().await).await;
    of_many_at_once_one_becomes_the_user(&make().await).await;
    the_revocation_outlives_a_token_from_before_the_clock_went_back(&make().await).await;
}

/// The visitor `usr_NAME` becomes a user at that second. The number sets names and session apart.
pub(super) fn upgrade(name: &str, number: u8, seconds: i64) -> AccountCreation {
    let account = Account {
        id: builders::account_id(name),
        epoch: 1,
        ..builders::account(&format!("{name}{number}"), at(seconds))
    };
    let session = builders::session(builders::session_id(number), &account.id, at(seconds));
    AccountCreation {
        visitor: Some(VisitorEnd {
            handed_out_at: at(seconds),
            revoke: term(seconds),
        }),
        event: builders::event(at(seconds), AuditKind::VisitorUpgraded, &account.id),
        ..builders::creation(&account, Some(&session))
    }
}

async fn a_visitor_becomes_a_user_and_its_tokens_end(store: &impl Store) {
    let upgrade = upgrade("alice", 1, 5);
    store.create_account(&upgrade).await.expect("it is stored");
    assert_eq!(stored(store, &upgrade.account).await, upgrade.account);
    let session = upgrade.session.expect("it has one");
    assert_eq!(stored_session(store, &session).await, session);
    let revoked = RevocationRecord {
        sequence: 1,
        target: RevocationTarget::Subject {
            subject: (&upgrade.account.id).into(),
            min_epoch: Some(1),
        },
        until: at(905),
    };
    assert_eq!(revocations(store).await, [revoked]);
    let recorded = events(store, &upgrade.account, 10).await;
    assert_eq!(recorded, [upgrade.event]);
}

async fn a_taken_name_or_identity_is_refused_and_nothing_is_written(store: &impl Store) {
    let alice = with_account(store, "alice").await;
    let refused = store.create_account(&upgrade("alice", 1, 5)).await;
    assert!(matches!(refused, Err(CreateAccountError::IdentityTaken)));
    let mut same_email = upgrade("bob", 1, 5);
    same_email.account.email = Email::parse("Alice@EXAMPLE.com").ok();
    let refused = store.create_account(&same_email).await;
    assert!(matches!(refused, Err(CreateAccountError::EmailTaken)));
    let mut same_username = upgrade("bob", 1, 5);
    same_username.account.username = alice.username.clone();
    let refused = store.create_account(&same_username).await;
    assert!(matches!(refused, Err(CreateAccountError::UsernameTaken)));

    assert_eq!(stored(store, &alice).await, alice);
    assert_eq!(
        store.accounts(None, None, 10).await.expect("answers").len(),
        1
    );
    let session = store.session(builders::session_id(1)).await;
    assert_eq!(session.expect("answers"), None);
    assert_eq!(revocations(store).await, []);
}

/// That it was done comes before the names, which are its own.
async fn the_same_twice_is_the_same_identity(store: &impl Store) {
    let twice = upgrade("bob", 2, 5);
    store.create_account(&twice).await.expect("it is stored");
    let refused = store.create_account(&twice).await;
    assert!(matches!(refused, Err(CreateAccountError::IdentityTaken)));
    let no_visitor = builders::creation(&twice.account, None);
    let refused = store.create_account(&no_visitor).await;
    assert!(matches!(refused, Err(CreateAccountError::IdentityTaken)));
    assert_eq!(revocations(store).await.len(), 1);
}

async fn of_many_at_once_one_becomes_the_user(store: &impl Store) {
    let upgrades: Vec<AccountCreation> =
        (1..=20).map(|number| upgrade("alice", number, 5)).collect();
    let tasks = upgrades
        .iter()
        .map(|upgrade| -> Task<'_, _> { Box::pin(store.create_account(upgrade)) });
    let results = join_all(tasks.collect()).await;
    let won = results.iter().position(Result::is_ok).expect("one wins");
    for (place, result) in results.iter().enumerate() {
        let lost = matches!(result, Err(CreateAccountError::IdentityTaken));
        assert!(lost || place == won, "{place}: {result:?}");
    }
    assert_eq!(
        stored(store, &upgrades[won].account).await,
        upgrades[won].account
    );
    let sessions = store.sessions(&upgrades[won].account.id, 100).await;
    let session = upgrades[won].session.clone();
    assert_eq!(sessions.expect("answers"), [session.expect("it has one")]);
    let email = upgrades[won].account.email.clone().map(LoginName::Email);
    let found = store.account_by_name(&email.expect("an address")).await;
    assert_eq!(found.expect("answers"), Some(upgrades[won].account.clone()));
    assert_eq!(revocations(store).await.len(), 1);
}

async fn the_revocation_outlives_a_token_from_before_the_clock_went_back(store: &impl Store) {
    let mut late = upgrade("alice", 1, 5);
    late.visitor = Some(VisitorEnd {
        handed_out_at: at(3600),
        revoke: term(5),
    });
    store.create_account(&late).await.expect("it is stored");
    assert_eq!(revocations(store).await[0].until, at(3600 + 900));
}

async fn revocations(store: &impl Store) -> Vec<RevocationRecord> {
    store.revocations(0, at(0)).await.expect("answers")
}
