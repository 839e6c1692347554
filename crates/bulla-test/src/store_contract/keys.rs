//! Signing keys.

use bulla_core::{
    key::{KeyState, StoredSigningKey},
    store::Store,
};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};

use super::at;
use crate::tasks::{Task, join_all};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    the_first_keys_are_read_back_whole(&make().await).await;
    later_first_keys_change_nothing(&make().await).await;
    of_many_issuers_at_once_one_makes_the_keys(&make().await).await;
}

async fn the_first_keys_are_read_back_whole(store: &impl Store) {
    assert_eq!(store.signing_keys().await.expect("answers"), []);
    let mut keys = first_keys("a");
    keys[1].algorithm = Algorithm::Hs512;
    let created = store.create_first_signing_keys(&keys).await;
    assert!(created.expect("answers"));
    assert_eq!(sorted(store).await, keys);
}

async fn later_first_keys_change_nothing(store: &impl Store) {
    let keys = first_keys("a");
    let created = store.create_first_signing_keys(&keys).await;
    assert!(created.expect("answers"));
    let created = store.create_first_signing_keys(&first_keys("b")).await;
    assert!(!created.expect("answers"));
    assert_eq!(sorted(store).await, keys);
}

async fn of_many_issuers_at_once_one_makes_the_keys(store: &impl Store) {
    let sets: Vec<_> = (0..20).map(|n| first_keys(&format!("k{n}"))).collect();
    let tasks = sets.iter().map(|keys| -> Task<'_, _> {
        Box::pin(async move {
            store
                .create_first_signing_keys(keys)
                .await
                .expect("answers")
        })
    });
    let created = join_all(tasks.collect()).await;
    assert_eq!(created.iter().filter(|created| **created).count(), 1);
    let winner = created.iter().position(|created| *created);
    assert_eq!(Some(&sorted(store).await), winner.map(|index| &sets[index]));
}

fn first_keys(name: &str) -> Vec<StoredSigningKey> {
    let key = |suffix, state| StoredSigningKey {
        key_id: KeyId::new(format!("{name}-{suffix}")).expect("a valid key id"),
        algorithm: Algorithm::Es256,
        state,
        wrapped: vec![0, 255, 1, 128],
        created_at: at(1),
    };
    vec![key("1", KeyState::Active), key("2", KeyState::Next)]
}

async fn sorted(store: &impl Store) -> Vec<StoredSigningKey> {
    let mut keys = store.signing_keys().await.expect("the store answers");
    keys.sort_by(|a, b| a.key_id.as_str().cmp(b.key_id.as_str()));
    keys
}
