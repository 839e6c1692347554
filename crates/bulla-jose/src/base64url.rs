//! base64url without padding, in its one canonical spelling (RFC 4648 section 5, RFC 7515 appendix C).
//!
//! ```
//! use bulla_jose::base64url;
//!
//! assert_eq!(base64url::encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
//! assert_eq!(base64url::decode(b"A-z_4ME").unwrap(), [3, 236, 255, 224, 193]);
//! // The last bits are no part of any byte, so they must be zero.
//! assert!(base64url::decode(b"A-z_4MF").is_err());
//! ```

use base64_simd::URL_SAFE_NO_PAD;

/// The text is not the canonical base64url of anything: padding, white space, a foreign character, an impossible
/// length, or bits left over that are not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not canonical base64url without padding")]
pub struct InvalidBase64Url;

/// The base64url text of `bytes`, without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The bytes whose [`encode`] is exactly `text`.
///
/// # Errors
/// [`InvalidBase64Url`] for any other spelling.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, InvalidBase64Url> {
    URL_SAFE_NO_PAD
        .decode_to_vec(text)
        .map_err(|_| InvalidBase64Url)
}
