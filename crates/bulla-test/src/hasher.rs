use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use bulla_core::{
    account::{
        Password, PasswordHash,
        hash::{self, LANES, MEMORY_KIB, PASSES, Workspace},
    },
    ports::{HasherOverloaded, PasswordHasher},
};

use crate::tasks::step_aside;

/// A hasher that hashes nothing, but checks foreign hashes: for tests of the rules, which would take minutes with Argon2id.
#[derive(Debug, Default)]
pub struct FastHasher {
    overloaded: AtomicBool,
    hashed: AtomicU64,
    verified: AtomicU64,
}

impl FastHasher {
    /// From now on everything is refused, or nothing.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// How often a password was verified, against nothing too.
    #[must_use]
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::SeqCst)
    }

    /// How often a password was hashed.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::SeqCst)
    }

    /// What it makes of a password: it is written as ours are, but nothing was computed.
    ///
    /// # Panics
    /// If hashes are no longer written so.
    #[must_use]
    pub fn hash_of(password: &Password) -> PasswordHash {
        let costs = format!("m={MEMORY_KIB},t={PASSES},p={LANES}");
        let mut output = DefaultHasher::new();
        password.expose().hash(&mut output);
        // 43 characters of base64 are 32 bytes; the last one is whole only if it says little.
        let output = format!("{:042x}A", output.finish());
        let text = format!("$argon2id$v=19${costs}$c2FsdHNhbHQ${output}");
        PasswordHash::parse(&text).expect("the text is that of a hash")
    }

    fn admit(&self) -> Result<(), HasherOverloaded> {
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(HasherOverloaded);
        }
        Ok(())
    }
}

#[async_trait]
impl PasswordHasher for FastHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherOverloaded> {
        self.admit()?;
        self.hashed.fetch_add(1, Ordering::SeqCst);
        step_aside().await;
        Ok(Self::hash_of(&password))
    }

    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HasherOverloaded> {
        self.admit()?;
        self.verified.fetch_add(1, Ordering::SeqCst);
        step_aside().await;
        Ok(hash.is_some_and(|hash| {
            let foreign = !hash.is_own() && hash != PasswordHash::NONE;
            match foreign {
                true => hash::verify(&password, &hash, &mut Workspace::new()),
                false => hash == Self::hash_of(&password),
            }
        }))
    }
}
