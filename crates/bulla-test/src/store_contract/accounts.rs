//! Making and finding accounts.

use bulla_core::{
    account::{
        Account, CustomClaims, DisplayName, Email, LoginName, NameBeginning, Plan, Role, Username,
    },
    store::{CreateAccountError, Store},
};
use serde_json::json;

use super::{at, stored, stored_session, with_account, with_session};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    an_account_is_read_back_whole(&make().await).await;
    an_account_comes_with_its_first_session(&make().await).await;
    an_unknown_account_is_none(&make().await).await;
    names_are_found_in_folded_form(&make().await).await;
    a_taken_name_is_refused_and_nothing_is_written(&make().await).await;
    a_name_that_looks_like_another_is_taken(&make().await).await;
    accounts_without_one_of_the_names_do_not_collide(&make().await).await;
    of_many_at_once_one_gets_the_name(&make().await).await;
    accounts_are_listed_in_order_and_in_pages(&make().await).await;
    accounts_are_found_by_how_their_names_begin(&make().await).await;
}

async fn an_account_is_read_back_whole(store: &impl Store) {
    let mut account = builders::account("alice", at(0));
    account.name = Some(DisplayName::parse("Alice \u{1f980} O'Hara").expect("a valid name"));
    account.roles = ["admin", "a:b"]
        .map(|role| Role::parse(role).expect("a valid role"))
        .into();
    account.plan = Plan::parse("gold").expect("a valid plan");
    let claims = json!({"team": 7, "nested": {"list": [1.5, null, "\u{e9}"]}});
    let claims = claims.as_object().expect("an object").clone();
    account.claims = CustomClaims::new(claims).expect("claims of one's own");
    account.epoch = 3;
    account.disabled_at = Some(at(5));
    create(store, &account).await.expect("it is stored");
    assert_eq!(stored(store, &account).await, account);
}

async fn an_account_comes_with_its_first_session(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    assert_eq!(stored(store, &account).await, account);
    assert_eq!(stored_session(store, &session).await, session);
}

async fn an_unknown_account_is_none(store: &impl Store) {
    with_account(store, "alice").await;
    let unknown = builders::account_id("bob");
    assert_eq!(store.account(&unknown).await.expect("answers"), None);
    let name = LoginName::parse("bob@example.com").expect("a valid name");
    assert_eq!(store.account_by_name(&name).await.expect("answers"), None);
}

async fn names_are_found_in_folded_form(store: &impl Store) {
    let account = with_account(store, "alice").await;
    for text in ["alice@example.com", "ALICE@Example.COM", "alice", "ALice"] {
        let name = LoginName::parse(text).expect("a valid name");
        let found = store.account_by_name(&name).await.expect("answers");
        assert_eq!(found.as_ref(), Some(&account), "{text}");
    }
}

async fn a_taken_name_is_refused_and_nothing_is_written(store: &impl Store) {
    with_account(store, "alice").await;
    let mut same_email = builders::account("bob", at(0));
    same_email.email = Email::parse("Alice@EXAMPLE.com").ok();
    let refused = create(store, &same_email).await;
    assert!(matches!(refused, Err(CreateAccountError::EmailTaken)));

    let mut same_username = builders::account("carol", at(0));
    same_username.username = Username::parse("ALICE").ok();
    let refused = create(store, &same_username).await;
    assert!(matches!(refused, Err(CreateAccountError::UsernameTaken)));

    let mut same_both = builders::account("alice", at(0));
    same_both.id = builders::account_id("dave");
    let refused = create(store, &same_both).await;
    assert!(matches!(refused, Err(CreateAccountError::EmailTaken)));

    let all = store.accounts(None, None, 10).await.expect("answers");
    assert_eq!(all.len(), 1);
    create(store, &builders::account("bob", at(0)))
        .await
        .expect("a free name is stored");
}

async fn a_name_that_looks_like_another_is_taken(store: &impl Store) {
    with_account(store, "paypal").await;
    let mut like_username = builders::account("bob", at(0));
    // With Cyrillic letters; with a capital I.
    for text in ["p\u{430}yp\u{430}l", "paypaI"] {
        like_username.username = Username::parse(text).ok();
        let refused = create(store, &like_username).await;
        assert!(matches!(refused, Err(CreateAccountError::UsernameTaken)));
    }
    let mut like_email = builders::account("carol", at(0));
    like_email.email = Email::parse("p\u{430}ypal@example.com").ok();
    let refused = create(store, &like_email).await;
    assert!(matches!(refused, Err(CreateAccountError::EmailTaken)));

    // Who signs in is told by the folded form: a look-alike is nobody.
    let name = LoginName::parse("paypaI").expect("a valid name");
    assert_eq!(store.account_by_name(&name).await.expect("answers"), None);
    // An address in ASCII is like no other one.
    let mut other = builders::account("dave", at(0));
    other.email = Email::parse("paypa1@example.com").ok();
    create(store, &other).await.expect("it is stored");
}

async fn accounts_without_one_of_the_names_do_not_collide(store: &impl Store) {
    for name in ["alice", "bob"] {
        let mut account = builders::account(name, at(0));
        account.email = None;
        create(store, &account).await.expect("it is stored");
        assert_eq!(stored(store, &account).await, account);
    }
    for name in ["carol", "dave"] {
        let mut account = builders::account(name, at(0));
        account.username = None;
        create(store, &account).await.expect("it is stored");
        assert_eq!(stored(store, &account).await, account);
    }
}

async fn of_many_at_once_one_gets_the_name(store: &impl Store) {
    let accounts: Vec<Account> = (0..20)
        .map(|number| {
            let mut account = builders::account(&format!("user{number}"), at(0));
            account.email = Email::parse("wanted@example.com").ok();
            account
        })
        .collect();
    let tasks = accounts
        .iter()
        .map(|account| -> Task<'_, _> { Box::pin(create(store, account)) });
    let results = join_all(tasks.collect()).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let all = store.accounts(None, None, 100).await.expect("answers");
    assert_eq!(all.len(), 1);
}

async fn accounts_are_listed_in_order_and_in_pages(store: &impl Store) {
    for name in ["carol", "alice", "dave", "bob"] {
        with_account(store, name).await;
    }
    let ids = async |after: Option<&str>, limit| -> Vec<String> {
        let after = after.map(builders::account_id);
        let page = store.accounts(None, after.as_ref(), limit).await;
        let page = page.expect("answers");
        page.iter()
            .map(|account| account.id.as_str().to_owned())
            .collect()
    };
    assert_eq!(ids(None, 2).await, ["usr_alice", "usr_bob"]);
    assert_eq!(ids(Some("bob"), 2).await, ["usr_carol", "usr_dave"]);
    assert_eq!(ids(Some("bo"), 10).await.len(), 3);
    assert_eq!(ids(Some("dave"), 10).await, [""; 0]);
}

async fn accounts_are_found_by_how_their_names_begin(store: &impl Store) {
    for (name, email, username) in [
        ("one1", Some("Ada@Example.com"), Some("lovelace")),
        ("one2", Some("bob@example.com"), Some("ADA")),
        ("one3", Some("adam%_@example.com"), None),
        ("one4", None, Some("ada.b")),
        ("one5", Some("eve@ada.example"), Some("eve")),
        ("one6", Some("ad@example.com"), Some("adz")),
    ] {
        let account = Account {
            email: email.map(|text| Email::parse(text).expect("an address")),
            username: username.map(|text| Username::parse(text).expect("a user name")),
            ..builders::account(name, at(0))
        };
        create(store, &account).await.expect("it is stored");
    }
    let found = async |text: &str, after: Option<&str>, limit| -> Vec<String> {
        let beginning = NameBeginning::parse(text).expect("a beginning");
        let after = after.map(builders::account_id);
        let page = store.accounts(Some(&beginning), after.as_ref(), limit);
        let page = page.await.expect("answers");
        page.iter()
            .map(|account| account.id.as_str().to_owned())
            .collect()
    };
    let all = ["usr_one1", "usr_one2", "usr_one3", "usr_one4"];
    for text in ["ada", "ADA", "Ada"] {
        assert_eq!(found(text, None, 10).await, all);
    }
    assert_eq!(found("ada", None, 2).await, all[..2]);
    assert_eq!(found("ada", Some("one2"), 10).await, all[2..]);
    assert_eq!(found("ada@", None, 10).await, ["usr_one1"]);
    assert_eq!(found("adam%_", None, 10).await, ["usr_one3"]);
    for none in ["a%", "_da", "da", "ada@example.com.", "\u{10ffff}"] {
        assert_eq!(found(none, None, 10).await, [""; 0], "{none}");
    }
}

async fn create(store: &impl Store, account: &Account) -> Result<(), CreateAccountError> {
    let creation = builders::creation(account, None);
    store.create_account(&creation).await
}
