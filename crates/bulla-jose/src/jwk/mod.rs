//! JSON Web Keys (RFC 7517) and PEM. Each key is bound to exactly one algorithm when it is made, so a token cannot choose
//! another one for it.
//!
//! ```
//! use bulla_jose::{
//!     jwa::Algorithm,
//!     jwk::{JwkSet, KeyError, SigningKey},
//! };
//!
//! // A key to keep, as bytes to be wrapped or as a PEM text, and to read back.
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let bytes = key.private_bytes()?;
//! let kept = SigningKey::from_private_bytes(Algorithm::Es256, key.key_id().clone(), &bytes)?;
//! let pem = key.to_pem()?;
//! let read = SigningKey::from_pem(Algorithm::Es256, None, pem.as_bytes())?;
//! assert_eq!(kept.key_id(), read.key_id());
//!
//! // The set to publish; what others publish is read with every bad key set aside, and why.
//! let set = JwkSet::new(vec![key.verifying_key().clone()]).public_json();
//! let set = set.replace("[", r#"[{"kty":"oct","k":"c2VjcmV0"},"#);
//! let keys = JwkSet::parse(set.as_bytes(), &[])?;
//! assert_eq!(keys.keys().len(), 1);
//! assert_eq!(keys.skipped()[0].reason, KeyError::SecretRefused);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decryption;
mod decryption_material;
mod encryption;
mod error;
mod key_id;
mod members;
mod pem;
mod private;
mod public;
mod roca;
mod set;
mod signing;
mod text;
mod verifying;

pub use decryption::DecryptionKey;
pub(crate) use decryption_material::DecryptionMaterial;
pub use encryption::EncryptionKey;
pub(crate) use encryption::EncryptionMaterial;
pub use error::{JwkSetError, KeyError};
pub use key_id::{InvalidKeyId, KeyId};
pub(crate) use members::{KeyMaterial, Members};
pub(crate) use private::{PrivateKey, Secret};
pub(crate) use public::{Curve, PublicKey};
pub use set::{JwkSet, SkippedKey};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;

use crate::{backend::tag_bytes, jwa::Algorithm};

/// Refuses a secret that is shorter than its hash (RFC 7518 section 3.2).
fn check_secret(algorithm: Algorithm, secret: &[u8]) -> Result<(), KeyError> {
    let minimum = tag_bytes(algorithm);
    if secret.len() < minimum {
        return Err(KeyError::SecretTooShort {
            algorithm,
            minimum,
            found: secret.len(),
        });
    }
    Ok(())
}
