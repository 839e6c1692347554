use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password in the clear, on its way to the hasher: wiped after use, hidden in `Debug`.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// A password hash in PHC form, hidden in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

/// The password is longer than anything that is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has at most 1024 bytes")]
pub struct PasswordTooLong;

impl Password {
    /// The most bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a password, any Unicode, in the normal form NFC (RFC 8265 4.2): the same password
    /// typed on two systems is the same bytes. Whether it is a good one the
    /// [policy](super::PasswordPolicy) says.
    ///
    /// # Errors
    /// [`PasswordTooLong`] beyond 1 KiB.
    pub fn new(text: &str) -> Result<Self, PasswordTooLong> {
        if text.len() > Self::MAX_BYTES {
            return Err(PasswordTooLong);
        }
        // NFC grows a text threefold at most; room for that, so that no copy is left behind unwiped.
        let mut normal = Zeroizing::new(String::with_capacity(3 * text.len()));
        normal.extend(text.nfc());
        Ok(Self(normal))
    }

    /// The password itself, for the hasher and the policy.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PasswordHash {
    /// A hash as it was stored. What is no PHC string matches no password.
    #[must_use]
    pub fn from_phc(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The PHC string, for the store.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kibibyte_is_the_limit() {
        assert!(Password::new(&"x".repeat(1024)).is_ok());
        assert_eq!(
            Password::new(&"x".repeat(1025)).unwrap_err(),
            PasswordTooLong
        );
    }

    #[test]
    fn composed_and_decomposed_are_the_same() {
        let composed = Password::new("caf\u{e9}").unwrap();
        let decomposed = Password::new("cafe\u{301}").unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
    }

    #[test]
    fn debug_shows_nothing() {
        let password = Password::new("canary").unwrap();
        let hash = PasswordHash::from_phc("canary".to_owned());
        assert!(!format!("{password:?}{hash:?}").contains("canary"));
    }
}
