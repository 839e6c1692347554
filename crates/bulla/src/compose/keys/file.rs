//! Keys from a file, read again when it changes.

use std::{path::PathBuf, sync::Arc};

use bulla_guard::keys::KeySet;
use bulla_jose::jwa::Algorithm;
use tokio::task::JoinHandle;

use crate::{compose::changes::Changes, jwk_set_location::JwkSetLocation};

/// The keys of a file, as they are in it from now on, while this lives.
#[derive(Debug)]
pub(super) struct FileKeySet {
    keys: Arc<KeySet>,
    reloading: JoinHandle<()>,
}

impl FileKeySet {
    /// Reads the file and watches it.
    ///
    /// # Errors
    /// It cannot be read or has no key that can be used; the system lets nobody listen for signals.
    pub(super) fn open(path: PathBuf, algorithms: &[Algorithm]) -> anyhow::Result<Self> {
        let changes = Changes::of([path.clone()])?;
        let location = JwkSetLocation::File(path);
        let keys = Arc::new(KeySet::fixed(location.load(algorithms)?));
        let reload = reload(Arc::clone(&keys), location, algorithms.to_vec(), changes);
        Ok(Self {
            keys,
            reloading: tokio::spawn(reload),
        })
    }

    pub(super) const fn keys(&self) -> &Arc<KeySet> {
        &self.keys
    }
}

impl Drop for FileKeySet {
    fn drop(&mut self) {
        self.reloading.abort();
    }
}

/// A file that cannot be used leaves the keys as they are.
async fn reload(
    keys: Arc<KeySet>,
    location: JwkSetLocation,
    algorithms: Vec<Algorithm>,
    mut changes: Changes,
) {
    loop {
        changes.next().await;
        match location.load(&algorithms) {
            Ok(read) => {
                tracing::info!(file = %location, keys = read.keys().len(), "the JWK set was read again");
                keys.replace(read);
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "the JWK set was not replaced: the old keys stay");
            }
        }
    }
}
