use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A key's identity, `kid` (RFC 7517 section 4.5). Cloning it copies no text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(Arc<str>);

/// The text is no usable key ID: empty, longer than 256 bytes, or with control characters in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key ID has 1 to 256 bytes and no control characters")]
pub struct InvalidKeyId;

impl KeyId {
    /// Longer ones are refused: `kid` goes into the header of every token.
    pub const MAX_BYTES: usize = 256;

    /// Accepts 1 to 256 bytes of text without control characters.
    ///
    /// # Errors
    /// [`InvalidKeyId`] for anything else.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidKeyId> {
        let text = text.as_ref();
        let fits = (1..=Self::MAX_BYTES).contains(&text.len());
        if !fits || text.chars().any(char::is_control) {
            return Err(InvalidKeyId);
        }
        Ok(Self(text.into()))
    }

    /// The text, as it stands in `kid`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({:?})", &*self.0)
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        Self::new(text)
    }
}

impl TryFrom<String> for KeyId {
    type Error = InvalidKeyId;

    fn try_from(text: String) -> Result<Self, InvalidKeyId> {
        Self::new(text)
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_has_limits() {
        assert!(KeyId::new("k".repeat(256)).is_ok(), "the control");
        for bad in ["", "a\nb", &"k".repeat(257)] {
            assert!(KeyId::new(bad).is_err(), "{bad:?}");
        }
    }
}
