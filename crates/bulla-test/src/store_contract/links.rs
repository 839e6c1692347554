//! Links that are good once.

use bulla_core::{
    account::{Account, DisplayName, Email, LoginName, Username},
    audit::{AuditFilter, AuditKind},
    link::{CodeMac, Link, LinkHolder, LinkId, LinkPurpose, NewAccount},
    revocation::RevocationTarget,
    store::{EmailChange, LinkAct, LinkOutcome, Store},
};

use super::{at, changes, sessions, stored, term, with_account, with_session};
use crate::{
    FastHasher, builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_link_of_every_purpose_is_read_back_whole(&make().await).await;
    links_are_listed_the_newest_first(&make().await).await;
    links_go_with_their_account(&make().await).await;
    a_link_is_spent_once_by_whoever_is_first(&make().await).await;
    a_link_whose_act_is_refused_is_as_good_as_before(&make().await).await;
    a_link_makes_an_account_unless_its_name_is_taken(&make().await).await;
    a_link_changes_an_address_and_revokes_older_tokens(&make().await).await;
    an_address_that_another_has_or_that_looks_like_it_is_taken(&make().await).await;
    a_link_opens_a_session(&make().await).await;
    a_code_is_attempted_five_times_however_many_try_at_once(&make().await).await;
    a_link_without_a_code_is_never_attempted(&make().await).await;
}

/// A link to choose another password, which expires then.
pub(super) fn reset(account: &Account, byte: u8, expires: i64) -> Link {
    link(byte, LinkPurpose::ResetPassword(holder(account)), expires)
}

fn link(byte: u8, purpose: LinkPurpose, expires: i64) -> Link {
    Link {
        id: LinkId::from_bytes([byte; 32]),
        purpose,
        code: None,
        created_at: at(i64::from(byte)),
        expires_at: at(expires),
    }
}

fn holder(account: &Account) -> LinkHolder {
    LinkHolder {
        account: account.id.clone(),
        epoch: account.epoch,
    }
}

fn email(text: &str) -> Email {
    Email::parse(text).expect("a valid address")
}

fn new_account(name: &str) -> NewAccount {
    NewAccount {
        visitor: None,
        email: email(&format!("{name}@example.com")),
        username: Username::parse(name).ok(),
        name: DisplayName::parse("Ada").ok(),
        password: FastHasher::hash_of(&builders::password("a password of hers")),
    }
}

pub(super) async fn add(store: &impl Store, link: &Link) {
    store.add_link(link).await.expect("it is stored");
}

async fn is_there(store: &impl Store, link: &Link) -> bool {
    store.link(link.id).await.expect("answers").is_some()
}

async fn spend(store: &impl Store, link: &Link, act: LinkAct) -> LinkOutcome {
    store.spend_link(link.id, act).await.expect("answers")
}

/// Makes the account be called so.
pub(super) fn renaming(account: &Account, name: &str) -> LinkAct {
    let mut renamed = account.clone();
    renamed.name = DisplayName::parse(name).ok();
    LinkAct::ChangeAccount {
        account: account.id.clone(),
        decision: Box::new(move |_| Some(changes::plain(&renamed))),
    }
}

async fn a_link_of_every_purpose_is_read_back_whole(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let mut nameless = new_account("carol");
    (nameless.username, nameless.name) = (None, None);
    nameless.visitor = Some(builders::account_id("visitor"));
    let purposes = [
        LinkPurpose::Register(new_account("bob")),
        LinkPurpose::Register(nameless),
        LinkPurpose::ResetPassword(holder(&account)),
        LinkPurpose::ChangeEmail(holder(&account), email("New@example.com")),
        LinkPurpose::SignIn(holder(&account)),
    ];
    for (byte, purpose) in (1..).zip(purposes) {
        let mut link = link(byte, purpose, 100);
        if byte == 5 {
            link.code = Some(CodeMac::from_bytes([9; 32]));
        }
        add(store, &link).await;
        let read = store.link(link.id).await.expect("answers");
        assert_eq!(read, Some(link));
    }
    let unknown = store.link(LinkId::from_bytes([0; 32])).await;
    assert_eq!(unknown.expect("answers"), None);
}

async fn links_are_listed_the_newest_first(store: &impl Store) {
    let (alice, bob) = (
        with_account(store, "alice").await,
        with_account(store, "bob").await,
    );
    let (first, second) = (reset(&alice, 1, 10), reset(&alice, 2, 10));
    for link in [&first, &second, &reset(&bob, 3, 10)] {
        add(store, link).await;
    }
    add(
        store,
        &link(4, LinkPurpose::Register(new_account("eve")), 10),
    )
    .await;
    let listed = store.links(&alice.id, 10).await.expect("answers");
    assert_eq!(listed, [second.clone(), first]);
    let listed = store.links(&alice.id, 1).await.expect("answers");
    assert_eq!(listed, [second]);
}

async fn links_go_with_their_account(store: &impl Store) {
    let (alice, bob) = (
        with_account(store, "alice").await,
        with_account(store, "bob").await,
    );
    let (gone, kept) = (reset(&alice, 1, 10), reset(&bob, 2, 10));
    add(store, &gone).await;
    add(store, &kept).await;
    let event = builders::event(at(1), AuditKind::AccountDeleted, &alice.id);
    let deleted = store.delete_account(&alice.id, term(0), &event).await;
    assert!(deleted.expect("answers"));
    assert!(!is_there(store, &gone).await);
    assert!(is_there(store, &kept).await);
}

async fn a_link_is_spent_once_by_whoever_is_first(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let link = reset(&account, 1, 10);
    add(store, &link).await;
    let tasks = (0..50).map(|number| -> Task<'_, _> {
        let act = renaming(&account, &format!("name {number}"));
        store.spend_link(link.id, act)
    });
    let outcomes = join_all(tasks.collect()).await;
    let outcomes: Vec<_> = outcomes
        .into_iter()
        .map(|one| one.expect("answers"))
        .collect();
    let done = outcomes.iter().filter(|one| **one == LinkOutcome::Done);
    assert_eq!(done.count(), 1, "{outcomes:?}");
    let spent = outcomes.iter().filter(|one| **one == LinkOutcome::NotFound);
    assert_eq!(spent.count(), 49, "{outcomes:?}");
    let events = store
        .audit_events(&AuditFilter::of_account(&account.id), 10)
        .await
        .expect("answers");
    assert_eq!(events.len(), 2, "{events:?}");
}

async fn a_link_whose_act_is_refused_is_as_good_as_before(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let link = reset(&account, 1, 10);
    add(store, &link).await;
    let refused = LinkAct::ChangeAccount {
        account: account.id.clone(),
        decision: Box::new(|_| None),
    };
    assert_eq!(spend(store, &link, refused).await, LinkOutcome::Void);
    let unknown = renaming(&builders::account("bob", at(0)), "Bob");
    assert_eq!(spend(store, &link, unknown).await, LinkOutcome::Void);
    assert_eq!(stored(store, &account).await, account);
    let act = renaming(&account, "Alice");
    assert_eq!(spend(store, &link, act).await, LinkOutcome::Done);
    assert!(!is_there(store, &link).await);
}

async fn a_link_makes_an_account_unless_its_name_is_taken(store: &impl Store) {
    with_account(store, "alice").await;
    let link = link(1, LinkPurpose::Register(new_account("bob")), 10);
    add(store, &link).await;
    let act = |email: &str, username: &str| {
        let mut account = builders::account("bob", at(1));
        account.email = Email::parse(email).ok();
        account.username = Username::parse(username).ok();
        let session = builders::session(builders::session_id(7), &account.id, at(1));
        LinkAct::CreateAccount(Box::new(builders::creation(&account, Some(&session))))
    };
    let taken = spend(store, &link, act("alice@example.com", "bob")).await;
    assert_eq!(taken, LinkOutcome::EmailTaken);
    let taken = spend(store, &link, act("bob@example.com", "alice")).await;
    assert_eq!(taken, LinkOutcome::UsernameTaken);
    let made = spend(store, &link, act("bob@example.com", "bob")).await;
    assert_eq!(made, LinkOutcome::Done);
    let session = store
        .session(builders::session_id(7))
        .await
        .expect("answers");
    let (_, account) = session.expect("it was opened");
    assert_eq!(account.id, builders::account_id("bob"));
    let again = spend(store, &link, act("bob2@example.com", "bob2")).await;
    assert_eq!(again, LinkOutcome::NotFound);
}

pub(super) fn to(account: &Account, text: &str) -> LinkAct {
    LinkAct::ChangeEmail(Box::new(EmailChange {
        account: account.id.clone(),
        epoch: account.epoch,
        email: email(text),
        revoke: term(0),
        event: builders::event(at(1), AuditKind::EmailChanged, &account.id),
    }))
}

async fn a_link_changes_an_address_and_revokes_older_tokens(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let purpose = LinkPurpose::ChangeEmail(holder(&account), email("new@example.com"));
    let (first, second) = (link(1, purpose.clone(), 10), link(2, purpose, 10));
    add(store, &first).await;
    add(store, &second).await;
    let act = to(&account, "New@example.com");
    assert_eq!(spend(store, &first, act).await, LinkOutcome::Done);
    let changed = stored(store, &account).await;
    let expected = Account {
        email: Some(email("New@example.com")),
        epoch: 1,
        ..account.clone()
    };
    assert_eq!(changed, expected);
    let name = LoginName::parse("new@EXAMPLE.com").expect("a valid name");
    let found = store.account_by_name(&name).await.expect("answers");
    assert_eq!(found, Some(expected));
    let name = LoginName::parse("alice@example.com").expect("a valid name");
    assert_eq!(store.account_by_name(&name).await.expect("answers"), None);
    let live = super::stored_session(store, &session).await;
    assert_eq!(live.ended, None);
    let records = store.revocations(0, at(0)).await.expect("answers");
    let target = RevocationTarget::Subject {
        subject: (&account.id).into(),
        min_epoch: Some(1),
    };
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].target, target);
    // The account has moved on from where the other link was made.
    let act = to(&account, "other@example.com");
    assert_eq!(spend(store, &second, act).await, LinkOutcome::Void);
}

async fn an_address_that_another_has_or_that_looks_like_it_is_taken(store: &impl Store) {
    let account = with_account(store, "alice").await;
    with_account(store, "bob").await;
    let link = reset(&account, 1, 10);
    add(store, &link).await;
    for text in ["BOB@example.com", "b\u{43e}b@example.com"] {
        let outcome = spend(store, &link, to(&account, text)).await;
        assert_eq!(outcome, LinkOutcome::EmailTaken, "{text}");
    }
    // Its own address, spelt otherwise.
    let act = to(&account, "ALICE@example.com");
    assert_eq!(spend(store, &link, act).await, LinkOutcome::Done);
}

async fn a_link_opens_a_session(store: &impl Store) {
    let (account, _) = with_session(store, "alice", 1).await;
    let link = reset(&account, 1, 10);
    add(store, &link).await;
    let session = builders::session(builders::session_id(2), &account.id, at(1));
    let mut start = sessions::start(&session, &account, 10);
    start.account_epoch += 1;
    let act = LinkAct::CreateSession(Box::new(start));
    assert_eq!(spend(store, &link, act).await, LinkOutcome::Void);
    let start = sessions::start(&session, &account, 10);
    let act = LinkAct::CreateSession(Box::new(start));
    assert_eq!(spend(store, &link, act).await, LinkOutcome::Done);
    let opened = store.session(builders::session_id(2)).await;
    assert!(opened.expect("answers").is_some());
}

async fn a_code_is_attempted_five_times_however_many_try_at_once(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let mut link = link(1, LinkPurpose::SignIn(holder(&account)), 10);
    link.code = Some(CodeMac::from_bytes([9; 32]));
    add(store, &link).await;
    let tasks = (0..50).map(|_| -> Task<'_, _> { store.attempt_link(link.id) });
    let seen = join_all(tasks.collect()).await;
    let seen = seen.into_iter().filter_map(|one| one.expect("answers"));
    let seen: Vec<Link> = seen.collect();
    assert_eq!(seen, vec![link; 5]);
}

async fn a_link_without_a_code_is_never_attempted(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let link = reset(&account, 1, 10);
    add(store, &link).await;
    assert_eq!(store.attempt_link(link.id).await.expect("answers"), None);
    let unknown = store.attempt_link(LinkId::from_bytes([0; 32])).await;
    assert_eq!(unknown.expect("answers"), None);
}
