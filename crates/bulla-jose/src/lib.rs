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

mod backend;
pub mod base64url;
mod excerpt;
pub mod json;
pub mod jwa;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod jwt;
