//! JSON Web Keys (RFC 7517) and PEM. Each key is bound to exactly one algorithm when it is made, so a token cannot choose
//! another one for it.

mod decryption;
mod encryption;
mod error;
mod key_id;
mod members;
mod pem;
mod private;
mod public;
mod recoverer;
mod roca;
mod set;
mod signing;
mod verifying;

pub use decryption::DecryptionKey;
pub use encryption::EncryptionKey;
pub(crate) use encryption::Protector;
pub use error::{JwkSetError, KeyError};
pub use key_id::{InvalidKeyId, KeyId};
pub(crate) use members::{KeyMaterial, Members};
pub(crate) use private::PrivateKey;
pub(crate) use public::{Curve, PublicKey};
pub(crate) use recoverer::Recoverer;
pub use set::{JwkSet, SkippedKey};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;

use crate::jwa::Algorithm;

/// Refuses a secret that is shorter than its hash (RFC 7518 section 3.2).
fn check_secret(algorithm: Algorithm, secret: &[u8]) -> Result<(), KeyError> {
    let minimum = match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    };
    if secret.len() < minimum {
        return Err(KeyError::SecretTooShort {
            algorithm,
            minimum,
            found: secret.len(),
        });
    }
    Ok(())
}
