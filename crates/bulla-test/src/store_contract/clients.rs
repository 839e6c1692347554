//! Clients.

use std::time::Duration;

use bulla_core::{
    account::DisplayName,
    audit::{AuditEvent, AuditFilter, AuditKind},
    client::{
        AccessLifetime, AssertionId, Audiences, Client, ClientCredential, ClientKeys,
        ClientSecrets, OlderSecret,
    },
    ids::ClientId,
    revocation::RevocationTarget,
    store::{AssertionOutcome, AssertionUse, ClientChange, ClientOutcome, Retention, Store},
};

use super::{at, term};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_client_is_read_back_whole(&make().await).await;
    clients_are_listed_part_by_part(&make().await).await;
    no_two_clients_are_called_the_same(&make().await).await;
    a_change_keeps_what_does_not_change(&make().await).await;
    of_many_changes_none_is_lost(&make().await).await;
    what_is_left_as_it_is_leaves_nothing(&make().await).await;
    a_change_revokes_the_tokens_of_older_epochs(&make().await).await;
    a_removed_client_is_gone_and_its_tokens_are_revoked(&make().await).await;
    revocations_outlive_the_longest_lifetime_of_any_client(&make().await).await;
    an_assertion_is_spent_once_by_whoever_is_first(&make().await).await;
    assertions_are_remembered_until_they_are_over(&make().await).await;
    no_more_assertions_are_remembered_than_there_is_room_for(&make().await).await;
}

/// Stores the client of this name, made at the first point in time.
pub(super) async fn with_client(store: &impl Store, name: &str) -> Client {
    let client = builders::client(name, at(0));
    create(store, &client).await;
    client
}

async fn create(store: &impl Store, client: &Client) {
    let event = builders::event(at(0), AuditKind::ClientCreated, &client.id);
    let created = store.create_client(client, &event).await;
    assert!(created.expect("the store answers"));
}

pub(super) async fn change(store: &impl Store, client: &Client, revokes: bool) -> ClientOutcome {
    let change = ClientChange {
        client: client.clone(),
        revoke: revokes.then(|| term(0)),
        event: builders::event(at(1), AuditKind::ClientChanged, &client.id),
    };
    let changed = store.change_client(&client.id, Box::new(move |_| Some(change)));
    changed.await.expect("the store answers")
}

async fn stored(store: &impl Store, id: &ClientId) -> Option<Client> {
    store.client(id).await.expect("the store answers")
}

async fn kinds(store: &impl Store, id: &ClientId) -> Vec<AuditKind> {
    let filter = AuditFilter {
        subject: Some(id.into()),
        ..AuditFilter::default()
    };
    let records = store.audit_events(&filter, 100).await.expect("answers");
    let kind = |event: AuditEvent| event.kind;
    records.into_iter().map(|one| kind(one.event)).collect()
}

async fn a_client_is_read_back_whole(store: &impl Store) {
    let plain = with_client(store, "plain").await;
    let mut full = builders::client("full", at(1));
    full.credential = ClientCredential::Secrets(ClientSecrets {
        current: builders::client_secret("full").hash(),
        older: Some(OlderSecret {
            hash: builders::client_secret("another").hash(),
            ends_at: at(60),
        }),
    });
    full.audiences =
        Audiences::parse_all(&["b".to_owned(), "a".to_owned()]).expect("valid audiences");
    full.access_lifetime = AccessLifetime::from_seconds(60).ok();
    full.epoch = 7;
    full.disabled_at = Some(at(2));
    create(store, &full).await;
    let mut bare = builders::client("bare", at(0));
    bare.scopes.clear();
    create(store, &bare).await;
    let mut keyed = builders::client("keyed", at(0));
    keyed.credential = ClientCredential::Keys(keys());
    create(store, &keyed).await;
    let mut rekeyed = builders::client("rekeyed", at(0));
    create(store, &rekeyed).await;
    rekeyed.credential = ClientCredential::Keys(keys());
    change(store, &rekeyed, false).await;
    for client in [plain, full, bare, keyed, rekeyed] {
        let named = store.client_by_name(&client.name).await;
        assert_eq!(named.expect("answers").as_ref(), Some(&client));
        assert_eq!(stored(store, &client.id).await, Some(client));
    }
    assert_eq!(stored(store, &builders::client_id("nobody")).await, None);
    let nobody = DisplayName::parse("Plain").expect("a valid name");
    assert_eq!(store.client_by_name(&nobody).await.expect("answers"), None);
}

/// A key of RFC 7515 appendix A.3.
fn keys() -> ClientKeys {
    let set = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
    ClientKeys::parse(set).expect("a good set")
}

async fn clients_are_listed_part_by_part(store: &impl Store) {
    for name in ["c", "a", "b"] {
        with_client(store, name).await;
    }
    let part = async |after: Option<&str>, limit| {
        let after = after.map(builders::client_id);
        let clients = store.clients(after.as_ref(), limit).await.expect("answers");
        let names = clients.into_iter().map(|client| client.name);
        names
            .map(|name| name.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(part(None, 10).await, ["a", "b", "c"]);
    assert_eq!(part(None, 2).await, ["a", "b"]);
    assert_eq!(part(Some("b"), 2).await, ["c"]);
    assert_eq!(part(Some("c"), 2).await, [""; 0]);
}

async fn no_two_clients_are_called_the_same(store: &impl Store) {
    let (one, other) = (
        with_client(store, "one").await,
        with_client(store, "other").await,
    );
    let twin = Client {
        id: builders::client_id("twin"),
        ..one.clone()
    };
    let event = builders::event(at(0), AuditKind::ClientCreated, &twin.id);
    let created = store.create_client(&twin, &event).await;
    assert!(!created.expect("answers"));
    assert_eq!(stored(store, &twin.id).await, None);
    assert_eq!(kinds(store, &twin.id).await, []);
    let renamed = Client {
        name: one.name.clone(),
        ..other.clone()
    };
    assert_eq!(
        change(store, &renamed, true).await,
        ClientOutcome::NameTaken
    );
    assert_eq!(stored(store, &other.id).await, Some(other.clone()));
    assert_eq!(kinds(store, &other.id).await, [AuditKind::ClientCreated]);
    assert_eq!(revoked(store).await, []);
    // Its own name is not taken.
    let same = change(store, &one, false).await;
    assert_eq!(same, ClientOutcome::Changed(one));
}

async fn a_change_keeps_what_does_not_change(store: &impl Store) {
    let before = with_client(store, "a").await;
    let mut wanted = builders::client("b", at(9));
    wanted.id = before.id.clone();
    wanted.epoch = 3;
    let expected = Client {
        created_at: before.created_at,
        ..wanted.clone()
    };
    let changed = change(store, &wanted, false).await;
    assert_eq!(changed, ClientOutcome::Changed(expected.clone()));
    assert_eq!(stored(store, &before.id).await, Some(expected));
    let kinds = kinds(store, &before.id).await;
    assert_eq!(kinds, [AuditKind::ClientChanged, AuditKind::ClientCreated]);
}

async fn of_many_changes_none_is_lost(store: &impl Store) {
    let client = with_client(store, "a").await;
    let tasks = (0..50).map(|_| -> Task<'_, _> {
        let event = builders::event(at(1), AuditKind::ClientChanged, &client.id);
        let raise = move |before: &Client| {
            Some(ClientChange {
                client: Client {
                    epoch: before.epoch + 1,
                    ..before.clone()
                },
                revoke: None,
                event,
            })
        };
        store.change_client(&client.id, Box::new(raise))
    });
    for outcome in join_all(tasks.collect()).await {
        outcome.expect("answers");
    }
    let changed = stored(store, &client.id).await;
    assert_eq!(changed.map(|client| client.epoch), Some(50));
}

async fn what_is_left_as_it_is_leaves_nothing(store: &impl Store) {
    let client = with_client(store, "a").await;
    let left = store.change_client(&client.id, Box::new(|_| None)).await;
    assert_eq!(
        left.expect("answers"),
        ClientOutcome::Unchanged(client.clone())
    );
    assert_eq!(kinds(store, &client.id).await, [AuditKind::ClientCreated]);
    let nobody = builders::client("nobody", at(0));
    assert_eq!(change(store, &nobody, true).await, ClientOutcome::NotFound);
    assert_eq!(kinds(store, &nobody.id).await, []);
    assert_eq!(revoked(store).await, []);
}

async fn a_change_revokes_the_tokens_of_older_epochs(store: &impl Store) {
    let mut client = with_client(store, "a").await;
    client.epoch = 4;
    change(store, &client, true).await;
    let target = RevocationTarget::Subject {
        subject: (&client.id).into(),
        min_epoch: Some(4),
    };
    assert_eq!(revoked(store).await, [target]);
}

async fn a_removed_client_is_gone_and_its_tokens_are_revoked(store: &impl Store) {
    let client = with_client(store, "a").await;
    let event = builders::event(at(1), AuditKind::ClientRemoved, &client.id);
    let mut removed = Vec::new();
    for _ in 0..2 {
        let outcome = store.delete_client(&client.id, term(0), &event).await;
        removed.push(outcome.expect("answers"));
    }
    assert_eq!(removed, [true, false]);
    assert_eq!(stored(store, &client.id).await, None);
    let target = RevocationTarget::Client(client.id.clone());
    assert_eq!(revoked(store).await, [target]);
    let kinds = kinds(store, &client.id).await;
    assert_eq!(kinds, [AuditKind::ClientRemoved, AuditKind::ClientCreated]);
    // The name is free.
    with_client(store, "a").await;
}

async fn revocations_outlive_the_longest_lifetime_of_any_client(store: &impl Store) {
    let mut client = builders::client("a", at(0));
    client.access_lifetime = AccessLifetime::from_seconds(3600).ok();
    create(store, &client).await;
    client.access_lifetime = AccessLifetime::from_seconds(7200).ok();
    change(store, &client, false).await;
    client.access_lifetime = None;
    change(store, &client, false).await;
    let event = builders::event(at(1), AuditKind::ClientRemoved, &client.id);
    let removed = store.delete_client(&client.id, term(10), &event).await;
    assert!(removed.expect("answers"));
    let records = store.revocations(0, at(0)).await.expect("answers");
    let until: Vec<_> = records.into_iter().map(|record| record.until).collect();
    assert_eq!(until, [at(10).after(Duration::from_secs(7200))]);
}

async fn revoked(store: &impl Store) -> Vec<RevocationTarget> {
    let records = store.revocations(0, at(0)).await.expect("answers");
    records.into_iter().map(|record| record.target).collect()
}

/// The assertion of this number, of the client of this name, that is over then. Ten are remembered.
fn used((name, number): (&str, u8), until: i64, now: i64) -> AssertionUse {
    AssertionUse {
        client: builders::client_id(name),
        id: AssertionId::from_bytes([number; 32]),
        now: at(now),
        until: at(until),
        room: 10,
    }
}

async fn spend(store: &impl Store, of: (&str, u8), until: i64, now: i64) -> AssertionOutcome {
    let spent = store.spend_assertion(&used(of, until, now)).await;
    spent.expect("the store answers")
}

async fn an_assertion_is_spent_once_by_whoever_is_first(store: &impl Store) {
    let used = used(("a", 1), 60, 0);
    let tasks = (0..50).map(|_| -> Task<'_, _> { store.spend_assertion(&used) });
    let outcomes = join_all(tasks.collect()).await;
    let spent = outcomes.into_iter().map(|one| one.expect("answers"));
    let spent = spent.filter(|one| *one == AssertionOutcome::Spent);
    assert_eq!(spent.count(), 1);
    // Another one, and the same of another client.
    for of in [("a", 2), ("b", 1)] {
        assert_eq!(spend(store, of, 60, 0).await, AssertionOutcome::Spent);
    }
}

async fn assertions_are_remembered_until_they_are_over(store: &impl Store) {
    let purge = async |before| {
        let retention = Retention {
            ended_before: at(0),
            revoked_until: at(0),
            expired_before: at(before),
            recorded_before: None,
        };
        store.purge(retention, 100).await.expect("answers")
    };
    for now in [0, 60] {
        let first = spend(store, ("a", 1), now + 60, now).await;
        assert_eq!(first, AssertionOutcome::Spent, "{now}");
        let again = spend(store, ("a", 1), now + 60, now + 59).await;
        assert_eq!(again, AssertionOutcome::SpentBefore, "{now}");
        assert_eq!(purge(now + 60).await, 0);
    }
    assert_eq!(purge(121).await, 1);
    let again = spend(store, ("a", 1), 180, 121).await;
    assert_eq!(again, AssertionOutcome::Spent);
}

async fn no_more_assertions_are_remembered_than_there_is_room_for(store: &impl Store) {
    for number in 0..10 {
        let one = spend(store, ("a", number), 60, 0).await;
        assert_eq!(one, AssertionOutcome::Spent);
    }
    let full = spend(store, ("a", 10), 60, 0).await;
    assert_eq!(full, AssertionOutcome::TooMany);
    let again = spend(store, ("a", 1), 60, 0).await;
    assert_eq!(again, AssertionOutcome::SpentBefore);
    let others = spend(store, ("b", 1), 60, 0).await;
    assert_eq!(others, AssertionOutcome::Spent);
    // What is over makes room, whether it is purged or not.
    let later = spend(store, ("a", 10), 120, 60).await;
    assert_eq!(later, AssertionOutcome::Spent);
}
