//! Argon2id, as pure functions: who calls them decides on which thread they burn.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};

use super::{Password, PasswordHash};

/// KiB of memory for one hash (RFC 9106 4; the OWASP minimum for Argon2id).
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes.
pub const LANES: u32 = 1;

/// Hashes a password with Argon2id. Takes tens of milliseconds and [`MEMORY_KIB`] of memory.
#[must_use]
pub fn hash(password: &Password, salt: [u8; 16]) -> PasswordHash {
    let phc = hasher()
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .expect("Argon2 takes any password up to 4 GiB with a salt of 16 bytes");
    PasswordHash::from_phc(phc.to_string())
}

/// Whether the password is the one behind the hash. The hash says with which parameters it was
/// made; what is no Argon2 hash matches nothing.
#[must_use]
pub fn verify(password: &Password, hash: &PasswordHash) -> bool {
    hasher()
        .verify_password(password.expose().as_bytes(), hash.as_phc())
        .is_ok()
}

/// A hash that no password has, and that costs as much as any to find that out: for names that
/// nobody has.
#[must_use]
pub fn decoy() -> &'static PasswordHash {
    // 32 zero bytes: finding a password for them is finding a preimage of Argon2.
    static DECOY: LazyLock<PasswordHash> = LazyLock::new(|| {
        let salt = "YnVsbGEgZGVjb3kgc2FsdA";
        let output = "A".repeat(43);
        PasswordHash::from_phc(format!(
            "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}"
        ))
    });
    &DECOY
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc;

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    #[test]
    fn only_the_password_itself_matches() {
        let hash = hash(&password("correct horse"), [7; 16]);
        assert!(verify(&password("correct horse"), &hash));
        assert!(!verify(&password("correct horsf"), &hash));
        assert!(!verify(&password(""), &hash));
    }

    #[test]
    fn the_parameters_are_in_the_hash() {
        let hash = hash(&password("x"), [7; 16]);
        let prefix = "$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$";
        assert!(hash.as_phc().starts_with(prefix), "{}", hash.as_phc());
    }

    #[test]
    fn the_decoy_is_verified_like_any_hash_and_matches_nothing() {
        let real = hash(&password("x"), [7; 16]);
        let parsed = phc::PasswordHash::new(decoy().as_phc()).unwrap();
        let other = phc::PasswordHash::new(real.as_phc()).unwrap();
        assert_eq!(parsed.algorithm, other.algorithm);
        assert_eq!(parsed.params, other.params);
        assert_eq!(parsed.salt.unwrap().len(), other.salt.unwrap().len());
        assert_eq!(parsed.hash.unwrap().len(), other.hash.unwrap().len());
        assert!(!verify(&password("x"), decoy()));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for text in ["", "x", "$argon2id$", "$2b$12$x"] {
            assert!(!verify(
                &password("x"),
                &PasswordHash::from_phc(text.to_owned())
            ));
        }
    }
}
