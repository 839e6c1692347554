//! The rules of authentication, without HTTP, SQL or a runtime.
//!
//! Time, randomness, storage and password hashing are handed in through the traits in [`ports`]
//! and [`store`]; everything else here is a value, a pure function, or a use case made of them.
//!
//! - values: [`account`], [`session`], [`client`], [`link`], [`mail`], [`key`], [`revocation`], [`audit`], [`ids`], [`time`]
//! - the rule of refresh tokens: [`session::rotation`]
//! - what goes into an access token: [`token`]
//! - what every password that somebody chooses goes through: [`new_password`]
//! - all that is held about somebody: [`export`]
//! - use cases: [`anonymous`] for visitors without an account, [`authentication`] for users, [`client`] for services,
//!   [`administration`] for administrators, and [`registration`], which users and administrators have in common

pub mod account;
pub mod administration;
pub mod anonymous;
pub mod audit;
pub mod authentication;
pub mod client;
mod contention;
pub mod export;
pub mod ids;
pub mod key;
pub mod link;
pub mod mail;
pub mod new_password;
pub mod ports;
pub mod registration;
pub mod revocation;
pub mod session;
pub mod store;
pub mod time;
pub mod token;
