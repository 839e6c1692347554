use zeroize::Zeroizing;

use super::{HashRefused, limits};

/// A bcrypt hash: `$2b$`, and `$2a$` and `$2y$`, which are the same for every password in UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct BcryptHash(Zeroizing<String>);

/// What bcrypt's base64 counts with.
const ALPHABET: &[u8] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Where the last characters of salt and output are, and which of their bits count.
const LAST_CHARACTERS: [(usize, usize); 2] = [(28, 0b11_0000), (59, 0b11_1100)];

impl BcryptHash {
    /// Whether a text claims to be one.
    pub(super) fn is_meant(text: &str) -> bool {
        ["$2a$", "$2b$", "$2y$"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
    }

    pub(super) fn parse(text: &str) -> Result<Self, HashRefused> {
        let normal = with_clear_bits(text).ok_or(HashRefused::Malformed)?;
        let parts: bcrypt::HashParts = normal.parse().map_err(|_| HashRefused::Malformed)?;
        // The crate would refuse it at the first login.
        if parts.get_cost() < 4 {
            return Err(HashRefused::Malformed);
        }
        limits::bcrypt_cost(parts.get_cost())?;
        Ok(Self(normal))
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        self.0.clone()
    }

    /// Of a longer password only the first 72 bytes count, as wherever the hash was made.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        bcrypt::verify(password, &self.0).unwrap_or(false)
    }
}

/// Some libraries fill the bits that do not count at random; every C implementation ignores them, the crate does not.
fn with_clear_bits(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
    for (place, counts) in LAST_CHARACTERS {
        let character = bytes.get_mut(place)?;
        let value = ALPHABET.iter().position(|known| known == character)?;
        *character = ALPHABET[value & counts];
    }
    Some(Zeroizing::new(std::str::from_utf8(&bytes).ok()?.to_owned()))
}
