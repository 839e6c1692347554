//! The hashing pool as the rules use it, with real Argon2id.

use std::{num::NonZeroUsize, sync::Arc};

use bulla_core::{account::Password, ports::PasswordHasher};
use bulla_server::hashing::HashingPool;
use bulla_test::SeededEntropy;

fn pool() -> HashingPool {
    let threads = NonZeroUsize::new(2).unwrap();
    HashingPool::start(threads, 16, Arc::new(SeededEntropy::default())).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

#[tokio::test]
async fn a_password_verifies_against_its_own_hash_only() {
    let pool = pool();
    let hash = pool.hash(password("correct horse")).await.unwrap();
    let verify = async |text| {
        pool.verify(password(text), Some(hash.clone()))
            .await
            .unwrap()
    };
    assert!(verify("correct horse").await);
    assert!(!verify("correct house").await);
}

#[tokio::test]
async fn each_hash_has_a_salt_of_its_own() {
    let pool = pool();
    let first = pool.hash(password("correct horse")).await.unwrap();
    let second = pool.hash(password("correct horse")).await.unwrap();
    assert_ne!(first, second);
}

#[tokio::test]
async fn without_an_account_no_password_is_right() {
    assert!(
        !pool()
            .verify(password("correct horse"), None)
            .await
            .unwrap()
    );
}
