//! Settings whose language is another part's: kept as they were written, with the place where they stand.

use std::fmt;

use super::problem::{Origin, Problem};

/// A setting as it was written. Whoever can read it says with [`problem`](Self::problem) what is wrong with it. The same,
/// written elsewhere, is equal.
#[derive(Debug, Clone)]
pub struct Written<T = String> {
    /// What was written.
    pub value: T,
    /// The dotted key, `route[2].path`.
    pub key: String,
    /// Where it stands.
    pub origin: Origin,
}

impl<T: PartialEq> PartialEq for Written<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Written<T> {}

impl<T> Written<T> {
    /// What is wrong with it, as a clause without a full stop, and what was probably meant.
    pub fn problem(&self, message: impl Into<String>, suggestion: Option<String>) -> Problem {
        Problem {
            origin: self.origin.clone(),
            key: self.key.clone(),
            message: message.into(),
            suggestion,
        }
    }
}

impl Written {
    /// The same, not to be shown.
    pub(super) fn hidden(self) -> Written<Hidden> {
        Written {
            value: Hidden(self.value),
            key: self.key,
            origin: self.origin,
        }
    }
}

/// A text that may be a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hidden")
    }
}
