//! Password hashes: what they are, how ours are made, and how anybody's are checked. Pure functions: who calls them
//! decides on which thread they burn.

mod argon2;
mod bcrypt;
mod digest;
mod firebase_scrypt;
mod limits;
mod pbkdf2;
mod phc;
mod scrypt;
#[cfg(test)]
mod tests;
mod workspace;

use std::{fmt, sync::LazyLock};

use zeroize::Zeroizing;

pub use self::workspace::Workspace;
use self::{
    argon2::Argon2Hash, bcrypt::BcryptHash, firebase_scrypt::FirebaseScryptHash,
    pbkdf2::Pbkdf2Hash, scrypt::ScryptHash,
};
use super::Password;

/// KiB of memory for one hash (RFC 9106 4; the OWASP minimum for Argon2id).
pub const MEMORY_KIB: u32 = 19_456;

/// Passes over that memory.
pub const PASSES: u32 = 2;

/// Lanes.
pub const LANES: u32 = 1;

/// What is kept of a password, hidden in `Debug`. It costs no more to check than the limits in this module say.
#[derive(Clone, PartialEq)]
pub struct PasswordHash(Function);

/// Why a text is no password hash here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashRefused {
    /// It is of no function that is known here.
    #[error("the password hash is of no function that is known here")]
    Unknown,
    /// It is not written as its function's hashes are.
    #[error("the password hash is malformed")]
    Malformed,
    /// It would take too much time or memory.
    #[error("checking a password against the hash would cost too much time or memory")]
    TooCostly,
}

#[derive(Clone, PartialEq)]
enum Function {
    Argon2(Argon2Hash),
    Bcrypt(BcryptHash),
    Scrypt(ScryptHash),
    FirebaseScrypt(Box<FirebaseScryptHash>),
    Pbkdf2(Pbkdf2Hash),
    /// There is no password.
    None,
}

/// How it is written that there is no password.
const NO_PASSWORD: &str = "*";

impl PasswordHash {
    /// Of no password: it matches none.
    pub const NONE: Self = Self(Function::None);

    /// Reads a hash: `$argon2id$…` (and `argon2i`, `argon2d`), `$2b$…` (and `2a`, `2y`), `$scrypt$…`, `$pbkdf2-sha256$…`
    /// (and `sha1`, `sha512`), `$firebase-scrypt$…`; or `*`, which is that of no password.
    ///
    /// # Errors
    /// [`HashRefused`].
    pub fn parse(text: &str) -> Result<Self, HashRefused> {
        if text == NO_PASSWORD {
            return Ok(Self::NONE);
        }
        if BcryptHash::is_meant(text) {
            return BcryptHash::parse(text).map(Function::Bcrypt).map(Self);
        }
        let rest = text.strip_prefix('$').ok_or(HashRefused::Unknown)?;
        let (id, rest) = rest.split_once('$').ok_or(HashRefused::Unknown)?;
        let function = match id {
            ScryptHash::ID => Function::Scrypt(ScryptHash::parse(rest)?),
            FirebaseScryptHash::ID => {
                Function::FirebaseScrypt(FirebaseScryptHash::parse(rest)?.into())
            }
            id if Argon2Hash::IDS.contains(&id) => Function::Argon2(Argon2Hash::parse(id, rest)?),
            id => {
                let function = id.strip_prefix(Pbkdf2Hash::ID_PREFIX);
                let function = function.ok_or(HashRefused::Unknown)?;
                Function::Pbkdf2(Pbkdf2Hash::parse(function, rest)?)
            }
        };
        Ok(Self(function))
    }

    /// The one way in which it is written, for the store.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        match &self.0 {
            Function::Argon2(hash) => hash.text(),
            Function::Bcrypt(hash) => hash.text(),
            Function::Scrypt(hash) => hash.text(),
            Function::FirebaseScrypt(hash) => hash.text(),
            Function::Pbkdf2(hash) => hash.text(),
            Function::None => Zeroizing::new(NO_PASSWORD.to_owned()),
        }
    }

    /// Whether it would be made anew in the same way. Others are, as soon as their password is known.
    #[must_use]
    pub fn is_own(&self) -> bool {
        matches!(&self.0, Function::Argon2(hash) if hash.is_own())
    }

    fn matches(&self, password: &[u8], workspace: &mut Workspace) -> bool {
        match &self.0 {
            Function::Argon2(hash) => hash.matches(password, workspace),
            Function::Bcrypt(hash) => hash.matches(password),
            Function::Scrypt(hash) => hash.matches(password),
            Function::FirebaseScrypt(hash) => hash.matches(password),
            Function::Pbkdf2(hash) => hash.matches(password),
            // Whoever has no password costs like who is not there.
            Function::None => {
                std::hint::black_box(decoy().matches(password, workspace));
                false
            }
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// Hashes a password with Argon2id. Takes tens of milliseconds and [`MEMORY_KIB`] of memory.
#[must_use]
pub fn hash(password: &Password, salt: [u8; 16], workspace: &mut Workspace) -> PasswordHash {
    let hash = Argon2Hash::make(password.expose().as_bytes(), &salt, workspace);
    PasswordHash(Function::Argon2(hash))
}

/// Whether the password is the one behind the hash, spelt as ours are or as it was typed.
#[must_use]
pub fn verify(password: &Password, hash: &PasswordHash, workspace: &mut Workspace) -> bool {
    // Each spelling for every hash, whoever made it: else the time would tell whose it is.
    let mut spellings = password.spellings();
    let is_right = spellings.any(|spelling| hash.matches(spelling.as_bytes(), workspace));
    // Some systems hash the empty password for whoever has none.
    is_right && !password.expose().is_empty()
}

/// A hash that no password has, and that costs as much as one of ours to find that out: for names that nobody has.
#[must_use]
pub fn decoy() -> &'static PasswordHash {
    // 32 zero bytes: finding a password for them is finding a preimage of Argon2.
    static DECOY: LazyLock<PasswordHash> = LazyLock::new(|| {
        let (salt, output) = ("YnVsbGEgZGVjb3kgc2FsdA", "A".repeat(43));
        let costs = format!("m={MEMORY_KIB},t={PASSES},p={LANES}");
        let text = format!("$argon2id$v=19${costs}${salt}${output}");
        PasswordHash::parse(&text).expect("it is written as ours are")
    });
    &DECOY
}
