//! Hashes that are made anew.

use bulla_core::{
    account::{Account, PasswordHash},
    ids::AccountId,
    store::Store,
};

use super::{events, stored, with_account};
use crate::{FastHasher, builders};

pub(super) async fn all<S: Store>(make: &impl AsyncFn() -> S) {
    every_form_is_kept(&make().await).await;
    only_the_hash_changes(&make().await).await;
    another_hash_or_account_stays(&make().await).await;
}

const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
const PBKDF2: &str = "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key4";

fn hash(text: &str) -> PasswordHash {
    PasswordHash::parse(text).expect("the hash is one")
}

async fn replace(store: &impl Store, account: &Account, new: &PasswordHash) -> bool {
    let replaced = store.replace_password_hash(&account.id, &account.password, new);
    replaced.await.expect("the store answers")
}

async fn every_form_is_kept(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    for form in [hash(BCRYPT), hash(PBKDF2), PasswordHash::NONE] {
        assert!(replace(store, &account, &form).await);
        account.password = form;
        assert_eq!(stored(store, &account).await, account);
    }
}

async fn only_the_hash_changes(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let bob = with_account(store, "bob").await;
    let recorded = events(store, &account, 10).await;
    assert!(replace(store, &account, &hash(BCRYPT)).await);
    let changed = Account {
        password: hash(BCRYPT),
        ..account.clone()
    };
    assert_eq!(stored(store, &account).await, changed);
    assert_eq!(stored(store, &bob).await, bob);
    assert_eq!(events(store, &account, 10).await, recorded);
}

async fn another_hash_or_account_stays(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let other = Account {
        password: FastHasher::hash_of(&builders::password("another password")),
        ..account.clone()
    };
    assert!(!replace(store, &other, &hash(BCRYPT)).await);
    assert_eq!(stored(store, &account).await, account);
    let nobody = Account {
        id: AccountId::new("usr_nobody").expect("a valid identity"),
        ..account.clone()
    };
    assert!(!replace(store, &nobody, &hash(BCRYPT)).await);
    assert!(replace(store, &account, &hash(BCRYPT)).await);
}
