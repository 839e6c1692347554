//! Users of another system, from a file of its own to the admin API: read record by record, made into what the API
//! takes, and sent in parts. No more than a few parts are in memory.

pub(crate) mod format;
mod progress;
pub(crate) mod reader;
pub(crate) mod report;
mod send;
#[cfg(test)]
mod tests;

use std::path::Path;

use bulla_server::admin::PortableUser;

pub(crate) use self::send::send;
use self::{format::Format, reader::Shape};

/// What a format has made of a record.
pub(crate) struct Converted {
    /// For the admin API.
    pub(crate) user: PortableUser,
    /// What of the record is not in it, though one might expect it.
    pub(crate) notes: Vec<String>,
}

/// Why a record was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skip {
    /// A stable name.
    pub(crate) reason: String,
    /// The same in words, and nothing of the record.
    pub(crate) detail: String,
}

/// A file on its way.
pub(crate) struct Source {
    /// How to read it.
    pub(crate) input: reader::Input,
    /// Whose users they are.
    pub(crate) format: Box<dyn Format>,
    /// How they are written.
    pub(crate) shape: Shape,
}

impl Source {
    /// Opens the file, or standard input for `-`, and finds out how it is written.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn open(
        path: &Path,
        format: Box<dyn Format>,
        shape: Option<Shape>,
    ) -> anyhow::Result<Self> {
        let input = reader::Input::open(path)?;
        let shape = shape.or_else(|| Shape::of_name(path));
        let shape = shape.unwrap_or_else(|| input.shape());
        Ok(Self {
            input,
            format,
            shape,
        })
    }
}

impl Skip {
    pub(crate) fn new(reason: &str, detail: impl Into<String>) -> Self {
        Self {
            reason: reason.to_owned(),
            detail: detail.into(),
        }
    }
}

impl From<PortableUser> for Converted {
    fn from(user: PortableUser) -> Self {
        Self {
            user,
            notes: Vec::new(),
        }
    }
}
