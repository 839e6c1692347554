//! The in-memory store keeps the contract of all stores.

use bulla_test::{MemoryStore, store_contract};
use futures_executor::block_on;

#[test]
fn the_memory_store_keeps_the_contract() {
    block_on(store_contract::all(async |sink| MemoryStore::new(sink)));
}
