//! Clocks, randomness, builders, an in-memory store and the contract of all stores, for Bulla's
//! own tests.
//!
//! - [`MemoryStore`]: the store without a disk; its state can be taken and put back.
//! - [`store_contract`]: what every store must do. [`store_contract::all`] runs it.
//! - [`MockClock`], [`SeededEntropy`], [`FastHasher`], [`InlineKeyMaker`], [`RecordedKeys`], [`RecordedRevocations`],
//!   [`RecordedMail`]: the other ports.
//! - [`PostgresServer`]: a server of a test's own.
//! - [`RefreshHistory`]: whether what many were answered at once reads as one after another.
//! - [`builders`]: accounts and sessions that are valid and short to write.
//! - [`tasks`]: futures side by side, in turn or in a seeded order; [`seeds`]: how many orders.

mod clock;
mod entropy;
mod hasher;
mod keys;
mod mailer;
mod memory_store;
mod postgres;
mod refresh_history;
mod revocations;
mod seeds;

pub mod builders;
pub mod store_contract;
pub mod tasks;

pub use clock::MockClock;
pub use entropy::SeededEntropy;
pub use hasher::FastHasher;
pub use keys::{InlineKeyMaker, RecordedKeys};
pub use mailer::RecordedMail;
pub use memory_store::{MemoryStore, Snapshot};
pub use postgres::{Certificate, PostgresServer};
pub use refresh_history::{RefreshHistory, generation};
pub use revocations::RecordedRevocations;
pub use seeds::seeds;
