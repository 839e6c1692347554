//! Verification inside a service: who is asking, and may they?
//!
//! The way of a request: [`bearer`] finds the credential, [`verifier`] turns it into a
//! [`principal`] (with each [`issuer`]'s [`keys`] and [`revocation`] set held in memory, and a cache of [`verified`] tokens),
//! [`access`] says whether that principal may pass, and [`decision`] is all of it in one call. A no is a [`refusal`], and
//! a [`problem`] is what the client sees of it. How much one may ask for is a [`limit`].
//!
//! Nothing here does IO, reads a clock or waits. The one exception is `keys::remote` behind the
//! feature `remote`: a JWK set kept fresh from a URL.

pub mod abuse;
pub mod access;
pub mod bearer;
mod cache;
pub mod client;
pub mod decision;
pub mod issuer;
pub mod keys;
pub mod limit;
pub mod principal;
pub mod problem;
pub mod refusal;
pub mod revocation;
pub mod verified;
pub mod verifier;

pub use bulla_jose::jwt::UnixTime;
