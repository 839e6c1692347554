//! The tables: a file for each, with its statements and the way from row to value and back.

pub(super) mod accounts;
pub(super) mod audit_events;
pub(super) mod client_assertions;
pub(super) mod clients;
mod columns;
pub(super) mod links;
pub(super) mod many_accounts;
pub(super) mod refresh_key;
pub(super) mod revocations;
pub(super) mod sessions;
pub(super) mod signing_keys;

use columns::{Columns, stored_count};
