//! JSON Web Encryption in the compact serialisation (RFC 7516 section 7.1): bytes of any kind, and tokens that are signed
//! and then encrypted ([`nested`]).
//!
//! What an attacker could learn from by asking again is told in one word: [`DecryptionError::Failed`] stands for a key
//! that could not be unwrapped, a tag that does not hold and padding that is none, and a key that could not be unwrapped
//! is replaced by a random one, so that the steps that follow are taken all the same (RFC 7516 section 11.5).
//!
//! Compression (`zip`) is refused: what is compressed with a secret betrays it by its length, and what is small can be made
//! to be enormous.
//!
//! ```
//! use bulla_jose::{
//!     jwa::{ContentEncryption, KeyManagement},
//!     jwe::{self, DecryptionPolicy},
//!     jwk::DecryptionKey,
//! };
//!
//! let key = DecryptionKey::generate(KeyManagement::EcdhEsA256Kw)?;
//! let public = key.encryption_key();
//! let sealed = jwe::encrypt(public, ContentEncryption::A256Gcm, None, b"any bytes")?;
//!
//! let policy = DecryptionPolicy::new(&[ContentEncryption::A256Gcm]);
//! let opened = jwe::decrypt(&sealed, &[key], &policy)?;
//! assert_eq!(opened.plaintext(), b"any bytes");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compact;
mod decrypt;
mod encrypt;
mod error;
mod header;
mod key_derivation;
pub mod nested;
mod policy;
mod recover;

pub use decrypt::{DecryptedJwe, decrypt};
pub use encrypt::encrypt;
pub use error::{DecryptionError, EncryptionError, Malformed, Part};
pub use header::Header;
pub use policy::DecryptionPolicy;
