use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// What every link's token begins with.
const PREFIX: &str = "blt_";

const TEXT_BYTES: usize = PREFIX.len() + 43;

/// The secret in a link: `blt_` and the base64url of 32 random bytes. Wiped after use, hidden in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(Zeroizing<String>);

/// The SHA-256 of a token: what is stored of it, and tells nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId([u8; 32]);

/// The text is no link's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a link's token")]
pub struct InvalidLinkToken;

impl LinkToken {
    /// The token of these random bytes.
    #[must_use]
    pub fn from_random(bytes: &Zeroizing<[u8; 32]>) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES));
        text.push_str(PREFIX);
        text.push_str(&Zeroizing::new(bulla_jose::base64url::encode(&bytes[..])));
        Self(text)
    }

    /// Reads a token.
    ///
    /// # Errors
    /// [`InvalidLinkToken`] if it has not the form of one.
    pub fn parse(text: &str) -> Result<Self, InvalidLinkToken> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidLinkToken)?;
        // The length is checked first: an endless text must not be decoded.
        if text.len() != TEXT_BYTES {
            return Err(InvalidLinkToken);
        }
        bulla_jose::base64url::decode(encoded.as_bytes()).map_err(|_| InvalidLinkToken)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Under which the link is stored.
    #[must_use]
    pub fn id(&self) -> LinkId {
        let hash = digest(&SHA256, self.0.as_bytes());
        let mut id = [0; 32];
        id.copy_from_slice(hash.as_ref());
        LinkId(id)
    }

    /// The text, for the letter.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl LinkId {
    /// The identity of these bytes, from the store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(byte: u8) -> LinkToken {
        LinkToken::from_random(&Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_token_is_read_back_and_has_the_same_identity() {
        let made = token(7);
        let read = LinkToken::parse(made.expose()).unwrap();
        assert_eq!(read.id(), made.id());
        assert_ne!(token(8).id(), made.id());
    }

    #[test]
    fn what_is_none_is_refused() {
        let good = token(7).expose().to_owned();
        let last = good.len() - 1;
        for text in [
            "",
            "blt_",
            &good[4..],
            &good[..last],
            &format!("{good}A"),
            &format!("{}B", &good[..last]),
            &good.replace("blt_", "brt_"),
            &format!("{}\n", &good[..last]),
            &"A".repeat(1 << 16),
        ] {
            assert_eq!(LinkToken::parse(text), Err(InvalidLinkToken), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", token(7)), "LinkToken(..)");
    }
}
