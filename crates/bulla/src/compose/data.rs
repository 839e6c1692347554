//! The data folder: `bulla-data` in the working directory.

use std::path::Path;

use bulla_server::data_folder::{DataFolder, DataFolderError};

pub(crate) use bulla_server::data_folder::DATA_FOLDER;

/// Makes the data folder if it is missing, and holds it until the value is dropped: one process at
/// a time works on it.
///
/// # Errors
/// It cannot be written, or another process holds it.
pub(crate) fn hold_folder() -> Result<DataFolder, DataFolderError> {
    DataFolder::open(Path::new(DATA_FOLDER))
}
