//! Signing keys.

use std::time::Duration;

use bulla_core::{
    key::{PrivateHalf, Removal, SigningKeys, StoredSigningKey, WantedAlgorithm},
    revocation::RevocationTarget,
    store::{SigningKeyChange, Store},
};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};

use super::{at, term};
use crate::tasks::{Task, join_all};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    keys_are_read_back_whole(&make().await).await;
    what_is_put_replaces_the_key_of_its_id_alone(&make().await).await;
    what_was_decided_on_other_keys_changes_nothing(&make().await).await;
    of_many_issuers_at_once_one_makes_the_keys(&make().await).await;
    of_many_changes_at_once_one_is_made(&make().await).await;
    the_longest_lifetime_comes_with_the_keys(&make().await).await;
    a_revoked_key_is_remembered_as_long_as_its_tokens_live(&make().await).await;
}

async fn keys_are_read_back_whole(store: &impl Store) {
    assert_eq!(store.signing_keys().await.expect("answers"), None);
    let put = vec![
        StoredSigningKey {
            signs_from: Some(at(1)),
            private: PrivateHalf::Removed(Removal::Retired, at(4)),
            ..key("a")
        },
        StoredSigningKey {
            private: PrivateHalf::Removed(Removal::Revoked, at(5)),
            ..key("b")
        },
        StoredSigningKey {
            signs_from: Some(at(2)),
            algorithm: Algorithm::Hs512,
            ..key("c")
        },
        key("d"),
    ];
    assert!(change(store, 0, put.clone()).await);
    let expected = SigningKeys::new(1, wanted(0), put, Duration::ZERO);
    assert_eq!(read(store).await, expected);
}

async fn what_is_put_replaces_the_key_of_its_id_alone(store: &impl Store) {
    assert!(change(store, 0, vec![key("a"), key("b")]).await);
    let promoted = StoredSigningKey {
        signs_from: Some(at(3)),
        ..key("a")
    };
    assert!(change(store, 1, vec![promoted.clone(), key("c")]).await);
    let all = vec![promoted.clone(), key("b"), key("c")];
    assert_eq!(
        read(store).await,
        SigningKeys::new(2, wanted(1), all, Duration::ZERO)
    );
    let removed = promoted.removed(Removal::Retired, at(9));
    assert!(change(store, 2, vec![removed.clone()]).await);
    let all = vec![removed, key("b"), key("c")];
    assert_eq!(
        read(store).await,
        SigningKeys::new(3, wanted(2), all, Duration::ZERO)
    );
}

async fn what_was_decided_on_other_keys_changes_nothing(store: &impl Store) {
    assert!(!change(store, 1, vec![key("a")]).await);
    assert_eq!(store.signing_keys().await.expect("answers"), None);
    assert!(change(store, 0, vec![key("a")]).await);
    let before = read(store).await;
    for seen in [0, 2] {
        assert!(!change(store, seen, vec![key("b")]).await, "{seen}");
    }
    assert_eq!(read(store).await, before);
    assert!(change(store, 1, vec![key("b")]).await);
}

async fn of_many_issuers_at_once_one_makes_the_keys(store: &impl Store) {
    let winner = race(store, 0).await;
    assert_eq!(read(store).await.all(), [key(&winner)]);
}

async fn of_many_changes_at_once_one_is_made(store: &impl Store) {
    assert!(change(store, 0, vec![key("a")]).await);
    let winner = race(store, 1).await;
    assert_eq!(read(store).await.all(), [key("a"), key(&winner)]);
}

async fn the_longest_lifetime_comes_with_the_keys(store: &impl Store) {
    assert!(change(store, 0, vec![key("a")]).await);
    for (noted, expected) in [(900, 900), (60, 900), (901, 901)] {
        let noted = store.note_access_lifetime(Duration::from_secs(noted));
        noted.await.expect("answers");
        let longest = read(store).await.longest_lifetime;
        assert_eq!(longest, Duration::from_secs(expected));
    }
}

async fn a_revoked_key_is_remembered_as_long_as_its_tokens_live(store: &impl Store) {
    let longest = store.note_access_lifetime(Duration::from_secs(5000));
    longest.await.expect("answers");
    let key = key("a").key_id;
    assert!(revoke(store, 0, &key).await);
    let revoked = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].target, RevocationTarget::Key(key));
    assert_eq!(revoked[0].until, at(1 + 5000));
}

/// Twenty changes that were decided on the same revision; the ID of the one key that was put.
async fn race(store: &impl Store, seen: u64) -> String {
    let names: Vec<String> = (0..20).map(|n| format!("k{n}")).collect();
    let tasks = names
        .iter()
        .map(|name| -> Task<'_, _> { Box::pin(change(store, seen, vec![key(name)])) });
    let changed = join_all(tasks.collect()).await;
    let winners = names
        .into_iter()
        .zip(changed)
        .filter(|(_, changed)| *changed);
    let winners: Vec<_> = winners.map(|(name, _)| name).collect();
    assert_eq!(winners.len(), 1);
    winners.concat()
}

/// What new keys are for changes with every change.
fn wanted(seen: u64) -> WantedAlgorithm {
    let algorithm = [Algorithm::Es256, Algorithm::Rs256, Algorithm::Hs256];
    WantedAlgorithm {
        algorithm: usize::try_from(seen).map_or(Algorithm::EdDsa, |seen| algorithm[seen]),
        since: at(i64::try_from(seen).unwrap_or(0)),
    }
}

fn key(id: &str) -> StoredSigningKey {
    StoredSigningKey {
        key_id: KeyId::new(id).expect("a valid key id"),
        algorithm: Algorithm::Es256,
        created_at: at(1),
        signs_from: None,
        private: PrivateHalf::Wrapped(vec![0, 255, 1, 128]),
    }
}

/// A change that was decided on that revision, and revokes the tokens of a key.
pub(super) async fn revoke(store: &impl Store, seen: u64, key: &KeyId) -> bool {
    let change = SigningKeyChange {
        revoke: Some((key.clone(), term(1))),
        ..changing(seen, Vec::new())
    };
    store.change_signing_keys(&change).await.expect("answers")
}

async fn change(store: &impl Store, seen: u64, put: Vec<StoredSigningKey>) -> bool {
    let change = changing(seen, put);
    store.change_signing_keys(&change).await.expect("answers")
}

fn changing(seen: u64, put: Vec<StoredSigningKey>) -> SigningKeyChange {
    SigningKeyChange {
        seen,
        wanted: wanted(seen),
        put,
        revoke: None,
        events: Vec::new(),
    }
}

async fn read(store: &impl Store) -> SigningKeys {
    let keys = store.signing_keys().await.expect("answers");
    keys.expect("there are keys")
}
