//! The sessions of the demo's stateful login: a database of their own, whichever engine keeps the accounts.

use std::{fmt, path::Path};

use bulla_core::{ids::AccountId, store::StoreError, time::Timestamp};

use super::{
    OpenError,
    open::{self, inaccessible},
    readers::Readers,
    tables::demo_sessions,
};

/// A table of sessions on disk, which each request is looked up in. It begins empty with each process.
pub struct DemoSessions {
    /// A single one, so that its connection may write too.
    thread: Readers,
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
    /// An empty table in a new file (mode 0600), in the place of an earlier process's.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> Result<Self, OpenError> {
        let connection = open::anew(path)?;
        connection
            .execute_batch(demo_sessions::SCHEMA)
            .map_err(|error| open::refusal(path, &error))?;
        let thread = Readers::start(vec![connection])
            .map_err(|error| inaccessible(path, error.to_string()))?;
        Ok(Self { thread })
    }

    /// Adds a session. On disk when this returns.
    pub(crate) async fn add(
        &self,
        key: DemoSessionKey,
        session: DemoSession,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = move |c: &_| demo_sessions::insert(c, key, &session, now);
        self.thread.run(insert).await
    }

    /// The session of this key, though it may be over.
    pub(crate) async fn find(
        &self,
        key: DemoSessionKey,
    ) -> Result<Option<DemoSession>, StoreError> {
        self.thread
            .run(move |c| demo_sessions::by_key(c, key))
            .await
    }

    /// Removes a session, if it is there. On disk when this returns.
    pub(crate) async fn remove(&self, key: DemoSessionKey) -> Result<(), StoreError> {
        self.thread
            .run(move |c| demo_sessions::delete(c, key))
            .await
    }
}

impl fmt::Debug for DemoSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DemoSessions(..)")
    }
}
