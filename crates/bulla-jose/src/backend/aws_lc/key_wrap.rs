//! AES key wrap (RFC 3394).

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap};
use zeroize::Zeroizing;

use super::super::Rejected;

/// What wrapping adds, in bytes.
const ADDED: usize = 8;

/// Wraps `key` with a key-encryption key of 16 or 32 bytes.
pub(crate) fn wrap(kek: &[u8], key: &[u8]) -> Result<Vec<u8>, Rejected> {
    let mut wrapped = vec![0; key.len() + ADDED];
    let length = kek_of(kek)?.wrap(key, &mut wrapped)?.len();
    wrapped.truncate(length);
    Ok(wrapped)
}

/// What [`wrap`] wrapped.
pub(crate) fn unwrap(kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    let mut key = Zeroizing::new(vec![0; wrapped.len()]);
    let length = kek_of(kek)?.unwrap(wrapped, &mut key)?.len();
    key.truncate(length);
    Ok(key)
}

fn kek_of(kek: &[u8]) -> Result<AesKek, Rejected> {
    let cipher = if kek.len() == 16 { &AES_128 } else { &AES_256 };
    Ok(AesKek::new(cipher, kek)?)
}
