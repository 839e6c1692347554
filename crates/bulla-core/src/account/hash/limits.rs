//! How much the check of one password may cost. Whoever writes a file that is imported must not be able to make every
//! login with it a burden: what would cost more is no hash here, neither on import nor when it is read from the store.
//!
//! Each limit is well above what the tools that make such hashes advise, and keeps a check within a few seconds.

use std::num::NonZeroU32;

use super::HashRefused;

/// KiB of memory: 256 MiB.
const MEMORY_KIB: u64 = 256 << 10;

/// KiB that are filled, over all passes: 1 GiB.
const FILLED_KIB: u64 = 1 << 20;

/// The logarithm of bcrypt's rounds.
const BCRYPT_COST: u32 = 15;

/// Iterations of PBKDF2, over all blocks of the output.
const PBKDF2_ROUNDS: u64 = 10_000_000;

/// Bytes of salt, which is hashed too.
const SALT_BYTES: usize = 128;

/// Bytes of output: fewer could be met by chance, more are in no format.
const OUTPUT_BYTES: std::ops::RangeInclusive<usize> = 16..=128;

/// Of functions that fill memory.
pub(super) fn filled(memory_kib: u64, passes: u64) -> Result<(), HashRefused> {
    within(memory_kib, MEMORY_KIB)?;
    within(memory_kib.saturating_mul(passes), FILLED_KIB)
}

pub(super) fn bcrypt_cost(cost: u32) -> Result<(), HashRefused> {
    within(cost.into(), BCRYPT_COST.into())
}

pub(super) fn pbkdf2_rounds(iterations: NonZeroU32, blocks: usize) -> Result<(), HashRefused> {
    let iterations = u64::from(iterations.get());
    within(iterations.saturating_mul(blocks as u64), PBKDF2_ROUNDS)
}

pub(super) fn lengths(salt: &[u8], output: &[u8]) -> Result<(), HashRefused> {
    if salt.len() > SALT_BYTES || !OUTPUT_BYTES.contains(&output.len()) {
        return Err(HashRefused::Malformed);
    }
    Ok(())
}

fn within(cost: u64, limit: u64) -> Result<(), HashRefused> {
    if cost > limit {
        return Err(HashRefused::TooCostly);
    }
    Ok(())
}
