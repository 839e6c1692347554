//! The refresh token: an opaque text that nothing in the store could be turned into.
//!
//! `brt_` and the base64url of key version (4 bytes) ‖ session id (16) ‖ generation (8) ‖
//! HMAC-SHA-256 over these and the session's nonce (32); numbers are big-endian.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::SessionNonce;
use crate::{ids::SessionId, key::wrap::MasterKey};

/// What every refresh token begins with.
pub const PREFIX: &str = "brt_";

const BOUND_BYTES: usize = 4 + 16 + 8;
const MAC_BYTES: usize = 32;
const TEXT_BYTES: usize = PREFIX.len() + (BOUND_BYTES + MAC_BYTES) / 3 * 4;

/// Which of the keys derived from the master key makes refresh tokens: the store says. When it is raised, none of the tokens
/// from before is one any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefreshKeyVersion(u32);

/// The keys under which refresh tokens are made, by their version.
pub struct RefreshKeys {
    master: MasterKey,
    /// The one that was asked for last: there is another one only after the version was raised.
    latest: ArcSwap<RefreshKey>,
}

/// The key under which refresh tokens of one version are made.
#[derive(Clone)]
pub struct RefreshKey {
    version: RefreshKeyVersion,
    key: hmac::Key,
}

/// A refresh token as somebody presented it; nothing about it is proven.
#[derive(Clone)]
pub struct PresentedToken {
    version: RefreshKeyVersion,
    session: SessionId,
    generation: u64,
    mac: [u8; MAC_BYTES],
}

/// A refresh token that was made here: proof that its generation was once handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedRefresh {
    /// Its generation.
    pub generation: u64,
}

/// The text is no refresh token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid refresh token")]
pub struct InvalidRefreshToken;

impl RefreshKeyVersion {
    /// Of a store that is new.
    pub const FIRST: Self = Self(1);

    /// The version of this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number, as stored and as in tokens.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl RefreshKeys {
    /// Those of this master key.
    #[must_use]
    pub fn new(master: MasterKey) -> Self {
        let first = master.derive_refresh_key(RefreshKeyVersion::FIRST);
        Self {
            master,
            latest: ArcSwap::from_pointee(first),
        }
    }

    /// The key of this version.
    #[must_use]
    pub fn of(&self, version: RefreshKeyVersion) -> Arc<RefreshKey> {
        let latest = self.latest.load();
        if latest.version == version {
            return Arc::clone(&latest);
        }
        let key = Arc::new(self.master.derive_refresh_key(version));
        self.latest.store(Arc::clone(&key));
        key
    }
}

impl RefreshKey {
    /// The key of this version.
    #[must_use]
    pub fn new(version: RefreshKeyVersion, secret: &[u8; 32]) -> Self {
        Self {
            version,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// The text of a session's refresh token of one generation; the same each time.
    #[must_use]
    pub fn token(
        &self,
        session: SessionId,
        generation: u64,
        nonce: &SessionNonce,
    ) -> Zeroizing<String> {
        let bound = bound_bytes(self.version, session, generation);
        let mut bytes = Zeroizing::new([0; BOUND_BYTES + MAC_BYTES]);
        let (head, mac) = bytes.split_at_mut(BOUND_BYTES);
        head.copy_from_slice(&bound);
        mac.copy_from_slice(hmac::sign(&self.key, &message(&bound, nonce)[..]).as_ref());
        let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES));
        text.push_str(PREFIX);
        text.push_str(&Zeroizing::new(bulla_jose::base64url::encode(&bytes[..])));
        text
    }
}

impl PresentedToken {
    /// Reads the text.
    ///
    /// # Errors
    /// [`InvalidRefreshToken`] if it has not the form of one.
    pub fn parse(text: &str) -> Result<Self, InvalidRefreshToken> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidRefreshToken)?;
        // The length is checked first: an endless text must not be decoded.
        if text.len() != TEXT_BYTES {
            return Err(InvalidRefreshToken);
        }
        let decoded = bulla_jose::base64url::decode(encoded.as_bytes());
        let bytes = Zeroizing::new(decoded.map_err(|_| InvalidRefreshToken)?);
        Self::from_bytes(&bytes).ok_or(InvalidRefreshToken)
    }

    /// Whose it claims to be: good for looking up the nonce, and nothing else.
    #[must_use]
    pub const fn claimed_session(&self) -> SessionId {
        self.session
    }

    /// Checks the MAC, in constant time.
    ///
    /// # Errors
    /// [`InvalidRefreshToken`] if it was not made with this key for this session.
    pub fn verify(
        &self,
        key: &RefreshKey,
        nonce: &SessionNonce,
    ) -> Result<VerifiedRefresh, InvalidRefreshToken> {
        if self.version != key.version {
            return Err(InvalidRefreshToken);
        }
        let bound = bound_bytes(self.version, self.session, self.generation);
        hmac::verify(&key.key, &message(&bound, nonce)[..], &self.mac)
            .map_err(|_| InvalidRefreshToken)?;
        Ok(VerifiedRefresh {
            generation: self.generation,
        })
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk()?;
        let (session, rest) = rest.split_first_chunk()?;
        let (generation, mac) = rest.split_first_chunk()?;
        Some(Self {
            version: RefreshKeyVersion(u32::from_be_bytes(*version)),
            session: SessionId::from_bytes(*session),
            generation: u64::from_be_bytes(*generation),
            mac: mac.try_into().ok()?,
        })
    }
}

fn bound_bytes(
    version: RefreshKeyVersion,
    session: SessionId,
    generation: u64,
) -> [u8; BOUND_BYTES] {
    let mut bytes = [0; BOUND_BYTES];
    bytes[..4].copy_from_slice(&version.0.to_be_bytes());
    bytes[4..20].copy_from_slice(session.as_bytes());
    bytes[20..].copy_from_slice(&generation.to_be_bytes());
    bytes
}

/// What the MAC is over. Every part has a fixed length, so no two messages collide.
fn message(bound: &[u8; BOUND_BYTES], nonce: &SessionNonce) -> Zeroizing<[u8; BOUND_BYTES + 32]> {
    let mut message = Zeroizing::new([0; BOUND_BYTES + 32]);
    message[..BOUND_BYTES].copy_from_slice(bound);
    message[BOUND_BYTES..].copy_from_slice(&nonce.0[..]);
    message
}

impl std::fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RefreshKey(version {})", self.version.0)
    }
}

impl std::fmt::Debug for RefreshKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshKeys(..)")
    }
}

impl std::fmt::Debug for PresentedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentedToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SESSION: SessionId = SessionId::from_bytes([3; 16]);

    fn key(version: u32) -> RefreshKey {
        RefreshKey::new(RefreshKeyVersion(version), &[9; 32])
    }

    fn nonce(byte: u8) -> SessionNonce {
        SessionNonce(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn what_was_made_is_verified() {
        let text = key(1).token(SESSION, 7, &nonce(5));
        assert_eq!(text.len(), 84);
        assert!(text.starts_with("brt_AAAAAQMDAwMD"), "{}", *text);
        let presented = PresentedToken::parse(&text).unwrap();
        assert_eq!(presented.claimed_session(), SESSION);
        let verified = presented.verify(&key(1), &nonce(5)).unwrap();
        assert_eq!(verified.generation, 7);
    }

    proptest! {
        #[test]
        fn whatever_is_presented_is_parsed_or_refused(text in "(brt_)?\\PC{0,90}") {
            let _ = PresentedToken::parse(&text);
        }

        #[test]
        fn any_session_and_generation_come_back(
            id in any::<[u8; 16]>(),
            generation in any::<u64>(),
        ) {
            let session = SessionId::from_bytes(id);
            let text = key(3).token(session, generation, &nonce(5));
            let verified = PresentedToken::parse(&text)?.verify(&key(3), &nonce(5))?;
            prop_assert_eq!(verified, VerifiedRefresh { generation });
        }
    }

    #[test]
    fn the_same_generation_has_the_same_text() {
        let token = |generation| key(1).token(SESSION, generation, &nonce(5));
        assert_eq!(token(7), token(7));
        assert_ne!(token(7), token(8));
    }

    #[test]
    fn another_nonce_key_or_version_is_refused() {
        let text = key(1).token(SESSION, 7, &nonce(5));
        let presented = PresentedToken::parse(&text).unwrap();
        let other_key = RefreshKey::new(RefreshKeyVersion::FIRST, &[8; 32]);
        assert!(presented.verify(&key(1), &nonce(6)).is_err());
        assert!(presented.verify(&other_key, &nonce(5)).is_err());
        assert!(presented.verify(&key(2), &nonce(5)).is_err());
        assert!(presented.verify(&key(1), &nonce(5)).is_ok());
    }

    #[test]
    fn the_keys_of_a_master_key_differ_by_version() {
        let keys = RefreshKeys::new(MasterKey::from_bytes(Zeroizing::new([7; 32])));
        let [first, second] = [1, 2].map(RefreshKeyVersion);
        let old = keys.of(first).token(SESSION, 7, &nonce(5));
        let presented = PresentedToken::parse(&old).unwrap();
        assert!(presented.verify(&keys.of(second), &nonce(5)).is_err());
        assert!(presented.verify(&keys.of(first), &nonce(5)).is_ok());
    }

    #[test]
    fn every_changed_character_is_refused() {
        let text = key(1).token(SESSION, 7, &nonce(5));
        for index in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[index] = if changed[index] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).unwrap();
            let verified = PresentedToken::parse(&changed)
                .and_then(|presented| presented.verify(&key(1), &nonce(5)));
            assert_eq!(verified, Err(InvalidRefreshToken), "character {index}");
        }
    }

    #[test]
    fn what_has_not_the_form_is_refused() {
        let text = key(1).token(SESSION, 7, &nonce(5));
        let longer = format!("{}A", *text);
        let padded = format!("{}=", &text[..83]);
        let spaced = format!(" {}", *text);
        let other_case = text.replace("brt_", "BRT_");
        for bad in [
            "",
            "brt_",
            &text[4..],
            &text[..83],
            &longer,
            &padded,
            &spaced,
            &other_case,
            "brt_é",
        ] {
            assert!(PresentedToken::parse(bad).is_err(), "{bad:?}");
        }
    }
}
