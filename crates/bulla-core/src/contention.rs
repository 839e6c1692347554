//! What is read, changed and written back is read again when somebody else was faster.

use crate::store::StoreError;

/// How often: somebody makes progress each time, so only a broken store gets here.
pub(crate) const ATTEMPTS: u32 = 64;

/// Others were faster every time; nothing was written.
pub(crate) fn contended() -> StoreError {
    StoreError::Unavailable("too many changes at once".to_owned())
}
