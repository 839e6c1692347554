//! The data folder: `bulla-data` with database, master key, admin socket and the lock.

mod folder;
mod master_key;

pub use folder::{DataFolder, DataFolderError};
pub use master_key::{MasterKeyError, MasterKeySource};
