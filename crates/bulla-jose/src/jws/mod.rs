//! JSON Web Signatures in the compact serialisation (RFC 7515 section 7.1): bytes of any kind, signed.
//!
//! For tokens with claims use [`crate::jwt`], which checks the claims too.

mod compact;
mod error;
mod header;
mod sign;
mod verify;

pub(crate) use compact::Compact;
pub use error::{Malformed, Part, SignatureError, SigningFailed};
pub use header::Header;
pub(crate) use header::LearntHeader;
pub use sign::sign;
pub(crate) use verify::{Scratch, verify_compact};
pub use verify::{VerifiedJws, verify};

/// Tokens, encrypted ones too, of more bytes than this are refused unless a policy says otherwise: 16 KiB.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
