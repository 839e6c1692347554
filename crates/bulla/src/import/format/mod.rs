//! What the records of each system mean.

mod auth0;
mod bulla;
mod firebase;
mod foreign;
mod keycloak;
mod members;
mod wishes;

use bulla_core::account::{PasswordHash, hash::HashRefused};
use serde_json::Value;

pub(crate) use self::{
    auth0::Auth0,
    bulla::Bulla,
    firebase::{Firebase, FirebaseHashes},
    keycloak::Keycloak,
    wishes::{ClaimWish, RoleWish, Wishes},
};
use super::{Converted, Skip, reader::Dialect};

/// How one system writes its users down.
pub(crate) trait Format: Send {
    /// How it writes CSV.
    fn dialect(&self) -> Dialect {
        Dialect::default()
    }

    /// The user of a record.
    ///
    /// # Errors
    /// [`Skip`]: there is none, or none that could be made.
    fn convert(&self, record: Value) -> Result<Converted, Skip>;
}

/// A record that its format does not know. serde's words name members and types, and repeat texts: only the first are
/// told.
fn malformed(error: &serde_json::Error) -> Skip {
    let text = error.to_string();
    let told = match text.starts_with("unknown field") || text.starts_with("missing field") {
        true => text.split(',').next().unwrap_or_default(),
        false => "a member is of another type than it should be",
    };
    Skip::new("record_malformed", told)
}

/// The hash of this text, as the server would take it.
fn hash(text: &str) -> Result<PasswordHash, Skip> {
    PasswordHash::parse(text).map_err(|error| match error {
        HashRefused::Unknown => unknown_hash(),
        HashRefused::Malformed => malformed_hash(),
        HashRefused::TooCostly => Skip::new("password_hash_too_costly", error.to_string()),
    })
}

fn unknown_hash() -> Skip {
    Skip::new("password_hash_unknown", HashRefused::Unknown.to_string())
}

fn malformed_hash() -> Skip {
    Skip::new(
        "password_hash_malformed",
        HashRefused::Malformed.to_string(),
    )
}
