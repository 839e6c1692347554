use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password in the clear, on its way to the hasher: wiped after use, hidden in `Debug`.
#[derive(Clone)]
pub struct Password {
    normal: Zeroizing<String>,
    /// As it was typed, where that is something else.
    typed: Option<Zeroizing<String>>,
}

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
        let typed = (*normal != text).then(|| Zeroizing::new(text.to_owned()));
        Ok(Self { normal, typed })
    }

    /// The password itself, for the hasher and the policy.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.normal
    }

    /// The password itself, and as it was typed, where that is something else: other systems hash what they are given.
    pub(super) fn spellings(&self) -> impl Iterator<Item = &str> {
        let typed = self.typed.as_ref().map(|typed| typed.as_str());
        [Some(self.expose()), typed].into_iter().flatten()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
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
        assert!(!format!("{password:?}").contains("canary"));
    }
}
