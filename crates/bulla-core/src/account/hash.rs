//! Argon2id, as pure functions: who calls them decides on which thread they burn.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{self, phc},
};

use super::{Password, PasswordHash};

/// KiB of memory for one hash (RFC 9106 4; the OWASP minimum for Argon2id).
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes.
pub const LANES: u32 = 1;

/// The memory that one hash after another is computed in. It grows at the first hash to what that
/// needs, and stays: a block of this size for each hash would be left behind in every arena of the
/// allocator.
#[derive(Default)]
pub struct Workspace(Vec<Block>);

impl Workspace {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0.resize(count, Block::new());
        }
        &mut self.0[..count]
    }
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Workspace(..)")
    }
}

/// Hashes a password with Argon2id. Takes tens of milliseconds and [`MEMORY_KIB`] of memory.
#[must_use]
pub fn hash(password: &Password, salt: [u8; 16], workspace: &mut Workspace) -> PasswordHash {
    let phc = phc(password, salt, workspace)
        .expect("Argon2 takes any password up to 4 GiB with a salt of 16 bytes");
    PasswordHash::from_phc(phc.to_string())
}

/// Whether the password is the one behind the hash. The hash says with which parameters it was
/// made; what is no Argon2 hash matches nothing.
#[must_use]
pub fn verify(password: &Password, hash: &PasswordHash, workspace: &mut Workspace) -> bool {
    matches(password, hash, workspace).unwrap_or(false)
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

fn phc(
    password: &Password,
    salt: [u8; 16],
    workspace: &mut Workspace,
) -> password_hash::Result<phc::PasswordHash> {
    let hasher = hasher();
    Ok(phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: phc::ParamsString::try_from(hasher.params())?,
        salt: Some(phc::Salt::new(&salt)?),
        hash: Some(output(&hasher, password, &salt, workspace)?),
    })
}

fn matches(
    password: &Password,
    hash: &PasswordHash,
    workspace: &mut Workspace,
) -> password_hash::Result<bool> {
    let stored = phc::PasswordHash::new(hash.as_phc())?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Ok(false);
    };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let version = stored.version.map(Version::try_from).transpose()?;
    let params = Params::try_from(&stored)?;
    let hasher = Argon2::new(algorithm, version.unwrap_or_default(), params);
    // An `Output` is compared in constant time.
    Ok(output(&hasher, password, salt, workspace)? == *expected)
}

fn output(
    hasher: &Argon2<'_>,
    password: &Password,
    salt: &[u8],
    workspace: &mut Workspace,
) -> password_hash::Result<phc::Output> {
    let params = hasher.params();
    let mut output = [0; phc::Output::MAX_LENGTH];
    let output = output
        .get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))
        .ok_or(password_hash::Error::OutputSize)?;
    let blocks = workspace.blocks(params.block_count());
    hasher.hash_password_into_with_memory(password.expose().as_bytes(), salt, output, blocks)?;
    Ok(phc::Output::new(output)?)
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(password: &Password, salt: [u8; 16]) -> PasswordHash {
        super::hash(password, salt, &mut Workspace::new())
    }

    fn verify(password: &Password, hash: &PasswordHash) -> bool {
        super::verify(password, hash, &mut Workspace::new())
    }

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

    /// RFC 9106 has no vector without a secret: this one is of the reference implementation,
    /// `argon2 somesalt -id -t 2 -m 16 -p 1`.
    #[test]
    fn hashes_are_those_of_everybody_and_one_workspace_serves_all_sizes() {
        let mut workspace = Workspace::new();
        let other = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let other = PasswordHash::from_phc(other.to_owned());
        let own = super::hash(&password("first"), [7; 16], &mut workspace);
        for _ in 0..2 {
            assert!(super::verify(&password("password"), &other, &mut workspace));
            assert!(!super::verify(&password("first"), &other, &mut workspace));
            assert!(super::verify(&password("first"), &own, &mut workspace));
            assert!(!super::verify(&password("second"), &own, &mut workspace));
        }
        assert_eq!(workspace.0.len(), 65_536);
        assert_eq!(own, hash(&password("first"), [7; 16]));
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
