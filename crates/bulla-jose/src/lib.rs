//! JOSE, strictly: JSON Web Keys, Signatures, Encryption and Tokens over `aws-lc-rs`.
//!
//! A module per standard. Nothing in here does IO, reads a clock or waits.
//!
//! - [`jwt`]: sign and verify tokens (RFC 7519, RFC 8725). Start here.
//! - [`jwk`]: keys and sets of keys, each bound to one algorithm (RFC 7517, RFC 7638).
//! - [`jws`]: the compact serialisation under a token (RFC 7515).
//! - [`jwe`]: encrypted content and encrypted tokens in the compact serialisation (RFC 7516).
//! - [`jwa`]: the names of the algorithms (RFC 7518, RFC 8037, RFC 8812, RFC 9864, RFC 9964).
//! - [`base64url`] and [`json`]: the two encodings, in the one spelling each that is accepted.
//!
//! A service that is handed tokens reads the keys of their issuer, says what a token must be, and verifies:
//!
//! ```
//! use bulla_jose::{
//!     jwa::Algorithm,
//!     jwk::JwkSet,
//!     jwt::{self, Audience, Issuer, TokenError, UnixTime, VerificationPolicy},
//! };
//! use serde_json::Value;
//!
//! // RFC 7515 appendix A.3. Its key, as the issuer publishes it:
//! let keys = JwkSet::parse(br#"{"keys":[{"kty":"EC","crv":"P-256",
//!     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
//!     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#, &[])?;
//! let token = "eyJhbGciOiJFUzI1NiJ9.\
//!     eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
//!     DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
//!
//! let (issuer, audience) = (Issuer::new("joe")?, Audience::new("api")?);
//! let policy = VerificationPolicy::new(issuer, audience, &["JWT"], &[Algorithm::Es256]);
//! let now = UnixTime::from_seconds(1_300_000_000);
//! let refused = jwt::verify::<Value>(token, &keys, &policy, now).unwrap_err();
//! // The signature holds, but the token does not say of which type it is.
//! assert!(matches!(refused, TokenError::ClaimInvalid { claim: "typ", .. }));
//! assert_eq!(refused.to_string(), "`typ` is missing");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backend;
pub mod base64url;
mod excerpt;
pub mod json;
pub mod jwa;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod jwt;
mod listed;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
