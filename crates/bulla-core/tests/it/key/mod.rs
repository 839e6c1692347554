//! Signing keys.

mod issuer;
mod opening;
mod schedule;
