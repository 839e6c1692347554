use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use zeroize::Zeroizing;

use crate::time::Timestamp;

const PREFIX: &str = "bcs_";

/// A client's secret, as it is handed out once: `bcs_` and the base64url of 32 random bytes.
pub struct ClientSecret(Zeroizing<String>);

/// What is stored of a secret: its SHA-256.
///
/// A hash that is slow on purpose makes up for passwords that people choose. These 256 bits are random, so that nobody can try
/// them all however fast the hash is, and a slow one would only be paid by every token that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

/// The secrets that a client may prove itself by: the one that it was given last and, for a while, the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecrets {
    /// The last one.
    pub current: SecretHash,
    /// The one before, if it is still good.
    pub older: Option<OlderSecret>,
}

/// A secret that has been replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OlderSecret {
    /// Its hash.
    pub hash: SecretHash,
    /// From then on it is no longer good.
    pub ends_at: Timestamp,
}

impl ClientSecret {
    /// The secret of these random bytes.
    #[must_use]
    pub fn from_random(bytes: &Zeroizing<[u8; 32]>) -> Self {
        let encoded = Zeroizing::new(bulla_jose::base64url::encode(&bytes[..]));
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + encoded.len()));
        text.push_str(PREFIX);
        text.push_str(&encoded);
        Self(text)
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// The text, for whoever is to have it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl SecretHash {
    /// The hash of these bytes, from the store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(text: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(hash)
    }

    /// Whether it is of the same secret, in constant time.
    fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl ClientSecrets {
    /// A first secret.
    #[must_use]
    pub const fn first(secret: SecretHash) -> Self {
        Self {
            current: secret,
            older: None,
        }
    }

    /// A new secret instead of the current one, which is good until then, if it is to be good any longer. The one before
    /// that is not.
    #[must_use]
    pub fn rotated(&self, secret: SecretHash, ends_at: Option<Timestamp>) -> Self {
        let hash = self.current;
        Self {
            current: secret,
            older: ends_at.map(|ends_at| OlderSecret { hash, ends_at }),
        }
    }

    /// Whether what was presented is one that is good now. Takes as long if it is none.
    #[must_use]
    pub fn accept(&self, presented: &str, now: Timestamp) -> bool {
        let presented = SecretHash::of(presented);
        let older = self.older.filter(|older| now < older.ends_at);
        let is_older = older.is_some_and(|older| older.hash.is(&presented));
        self.current.is(&presented) | is_older
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> ClientSecret {
        ClientSecret::from_random(&Zeroizing::new([byte; 32]))
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_secret_is_accepted_and_nothing_else() {
        let secrets = ClientSecrets::first(secret(7).hash());
        let text = secret(7).expose().to_owned();
        assert!(text.starts_with("bcs_") && text.len() == 47, "{text}");
        assert!(secrets.accept(&text, at(0)));
        let other = secret(8);
        for wrong in [
            "",
            &text[4..],
            &text[..46],
            &format!("{text}A"),
            other.expose(),
        ] {
            assert!(!secrets.accept(wrong, at(0)), "{wrong}");
        }
    }

    #[test]
    fn an_older_secret_is_good_until_its_end() {
        let first = ClientSecrets::first(secret(1).hash());
        let second = first.rotated(secret(2).hash(), Some(at(10)));
        for (now, older_is_good) in [(0, true), (9, true), (10, false), (11, false)] {
            let accepted = second.accept(secret(1).expose(), at(now));
            assert_eq!(accepted, older_is_good, "{now}");
            assert!(second.accept(secret(2).expose(), at(now)));
        }
        let third = second.rotated(secret(3).hash(), Some(at(20)));
        let good = [1, 2, 3].map(|byte| third.accept(secret(byte).expose(), at(5)));
        assert_eq!(good, [false, true, true]);
        let fourth = third.rotated(secret(4).hash(), None);
        let good = [2, 3, 4].map(|byte| fourth.accept(secret(byte).expose(), at(5)));
        assert_eq!(good, [false, false, true]);
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = secret(7);
        assert_eq!(format!("{secret:?}"), "ClientSecret(..)");
        assert_eq!(format!("{:?}", secret.hash()), "SecretHash(..)");
    }
}
