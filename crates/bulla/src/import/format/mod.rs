//! What the records of each system mean.

mod bulla;

use serde_json::Value;

use super::{Converted, Skip};
pub(crate) use bulla::Bulla;

/// How one system writes its users down.
pub(crate) trait Format: Send {
    /// What the columns of its CSV are called, if its files do not say it.
    fn columns(&self) -> Option<&'static [&'static str]> {
        None
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
