//! The tree mirrors the sources. Nothing here knows a proxy; only `keys::remote` has a runtime.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod abuse;
mod access;
mod bearer;
mod cache;
mod decision;
mod issuer;
mod issuers;
mod keys;
mod limit;
mod problem;
mod refusal;
mod revocation;
mod verifier;
