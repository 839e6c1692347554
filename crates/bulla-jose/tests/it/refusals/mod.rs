//! One test per attack. Each begins or ends with the nearest thing that must be accepted.

mod claims;
mod encoding;
mod framing;
mod header;
mod json;
mod jwe;
mod keys;
mod shape;
mod signature;
