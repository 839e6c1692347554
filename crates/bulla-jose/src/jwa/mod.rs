//! The algorithms and their names (RFC 7518, RFC 8037, RFC 8812, RFC 9864, RFC 9964).
//!
//! Left out on purpose: `none`, RSA1_5 (its padding is an oracle), RSA-OAEP (SHA-1), PBES2 (the sender of a token would
//! choose how much its receiver computes), and everything with AES-192, which nobody needs beside AES-128 and AES-256.

mod content_encryption;
mod key_management;
mod signature;

pub use content_encryption::{ContentEncryption, UnknownContentEncryption};
pub use key_management::{AgreementCurve, KeyManagement};
pub use signature::{Algorithm, UnknownAlgorithm};
