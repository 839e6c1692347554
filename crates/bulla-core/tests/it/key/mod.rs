//! Signing keys.

mod commands;
mod issuer;
mod life;
mod opening;
mod schedule;
