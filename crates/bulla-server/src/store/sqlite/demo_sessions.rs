//! The sessions of the demo's stateful login: a database of their own, whichever engine keeps the accounts.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use bulla_core::{ids::AccountId, store::StoreError, time::Timestamp};
use tokio::{sync::OnceCell, task::spawn_blocking};

use super::{
    OpenError,
    open::{self, inaccessible},
    readers::{Readers, dropped},
    tables::demo_sessions,
};

/// A table of sessions on disk, which each request is looked up in. It begins empty with each process, at the first sign-in:
/// no start waits for it.
pub struct DemoSessions {
    path: PathBuf,
    /// A single one, so that its connection may write too.
    thread: OnceCell<Readers>,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DemoSession {
    pub(crate) account: AccountId,
    /// The account's when it signed in. What ends its tokens ends its sessions too.
    pub(crate) epoch: u64,
    pub(crate) ends_at: Timestamp,
}

/// What a session is found by: a hash, so that nothing that is stored could be used as a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DemoSessionKey(pub(crate) [u8; 32]);

impl DemoSessions {
    /// The sessions in a file (mode 0600) that takes the place of an earlier process's.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            thread: OnceCell::new(),
        }
    }

    /// Adds a session. On disk when this returns.
    pub(crate) async fn add(
        &self,
        key: DemoSessionKey,
        session: DemoSession,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = move |c: &_| demo_sessions::insert(c, key, &session, now);
        self.table().await?.run(insert).await
    }

    /// The session of this key, though it may be over.
    pub(crate) async fn find(
        &self,
        key: DemoSessionKey,
    ) -> Result<Option<DemoSession>, StoreError> {
        match self.thread.get() {
            Some(table) => table.run(move |c| demo_sessions::by_key(c, key)).await,
            None => Ok(None),
        }
    }

    /// Removes a session, if it is there. On disk when this returns.
    pub(crate) async fn remove(&self, key: DemoSessionKey) -> Result<(), StoreError> {
        match self.thread.get() {
            Some(table) => table.run(move |c| demo_sessions::delete(c, key)).await,
            None => Ok(()),
        }
    }

    async fn table(&self) -> Result<&Readers, StoreError> {
        let create = async || {
            let path = self.path.clone();
            let created = spawn_blocking(move || create(&path)).await;
            let created = created.map_err(|_| dropped())?;
            created.map_err(|error| StoreError::Unavailable(error.to_string()))
        };
        self.thread.get_or_try_init(create).await
    }
}

fn create(path: &Path) -> Result<Readers, OpenError> {
    let connection = open::anew(path)?;
    connection
        .execute_batch(demo_sessions::SCHEMA)
        .map_err(|error| open::refusal(path, &error))?;
    Readers::start(vec![connection]).map_err(|error| inaccessible(path, error.to_string()))
}

impl fmt::Debug for DemoSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DemoSessions").field(&self.path).finish()
    }
}
