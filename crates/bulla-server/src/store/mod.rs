//! The store engines behind `bulla_core::store::Store`.

pub mod postgres;
pub mod sqlite;
