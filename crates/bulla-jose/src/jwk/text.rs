use super::{KeyError, KeyId, SigningKey};
use crate::jwa::Algorithm;

impl SigningKey {
    /// Where a PEM text may say for which algorithm its key is, in its first line: the format has no place for that, and
    /// allows other text before the key (RFC 7468 section 5.2).
    pub const PEM_ALGORITHM_LINE: &str = "Algorithm: ";

    /// Reads a private key from a text that is PEM or a JWK, for the algorithm and with the ID that it states itself, or else
    /// these. A PEM text that states no algorithm is for the first that fits, if none is given; and `key_id` comes before the
    /// ID of a JWK.
    ///
    /// # Errors
    /// As [`SigningKey::from_pem`] and [`SigningKey::from_jwk_with`]; [`KeyError::TextUnrecognized`] for any other text,
    /// [`KeyError::PrivateKeyUnsupported`] for a private key that fits no algorithm.
    pub fn from_text(
        text: &[u8],
        algorithm: Option<Algorithm>,
        key_id: Option<KeyId>,
    ) -> Result<Self, KeyError> {
        if text.trim_ascii_start().starts_with(b"{") {
            return Self::from_jwk_with(text, algorithm, key_id);
        }
        if !text.windows(BEGIN.len()).any(|window| window == BEGIN) {
            return Err(KeyError::TextUnrecognized);
        }
        match stated_algorithm(text).or(algorithm) {
            Some(algorithm) => Self::from_pem(algorithm, key_id, text),
            None => Self::of_any_algorithm(text, key_id.as_ref()),
        }
    }

    fn of_any_algorithm(pem: &[u8], key_id: Option<&KeyId>) -> Result<Self, KeyError> {
        for &algorithm in Algorithm::ALL {
            match Self::from_pem(algorithm, key_id.cloned(), pem) {
                // Another one may fit.
                Err(KeyError::PrivateKeyInvalid(_)) => {}
                read => return read,
            }
        }
        Err(KeyError::PrivateKeyUnsupported)
    }
}

const BEGIN: &[u8] = b"-----BEGIN ";

fn stated_algorithm(pem: &[u8]) -> Option<Algorithm> {
    let first_line = pem.split(|&byte| byte == b'\n').next()?;
    let name = first_line.strip_prefix(SigningKey::PEM_ALGORITHM_LINE.as_bytes())?;
    std::str::from_utf8(name).ok()?.trim_end().parse().ok()
}
