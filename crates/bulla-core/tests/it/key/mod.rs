//! Signing keys.

mod commands;
mod issuer;
mod life;
mod model;
mod opening;
mod schedule;
