//! The store engines behind `bulla_core::store::Store`.

pub mod sqlite;
