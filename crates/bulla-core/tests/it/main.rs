//! The use cases over an in-memory store, with a clock that stands still and seeded randomness.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod administration;
mod authentication;
mod key;
mod session;
mod world;
