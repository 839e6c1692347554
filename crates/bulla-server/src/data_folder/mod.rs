//! The data folder: `bulla-data` with database, master key, admin socket and the lock.

mod folder;
pub(crate) mod master_key;

pub use folder::{DataFolder, DataFolderError, DatabaseAtRest};
pub use master_key::{MasterKeyError, MasterKeySource};

/// Where it is, seen from the working directory.
pub const DATA_FOLDER: &str = "bulla-data";

/// The database in it, unless `store.url` says otherwise.
pub const DATABASE: &str = "bulla.db";
