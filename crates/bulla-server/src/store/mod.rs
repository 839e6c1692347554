//! The store engines behind `bulla_core::store::Store`.

pub mod postgres;
mod revocation_target;
pub mod sqlite;
