//! Committed revocations on their way into the sink of this process, in their order: its own before their callers are
//! answered, and others' as soon as they are seen.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bulla_core::{ports::RevocationSink, revocation::RevocationRecord, store::StoreError};
use tokio::sync::Mutex;

use super::{connection::Connection, tables::revocations};

pub(super) struct Feed {
    sink: Arc<dyn RevocationSink>,
    /// Everything up to this number is in the sink. Held while records are on their way there.
    reached: Mutex<u64>,
    /// The same, to look at.
    shown: AtomicU64,
}

impl Feed {
    /// Whatever has a greater number than `head` goes into the sink.
    pub(super) fn from(head: u64, sink: Arc<dyn RevocationSink>) -> Self {
        Self {
            sink,
            reached: Mutex::new(head),
            shown: AtomicU64::new(head),
        }
    }

    /// What was reached at least.
    pub(super) fn reached(&self) -> u64 {
        self.shown.load(Ordering::Acquire)
    }

    /// Puts what was committed just now into the sink, after all that was committed before it.
    pub(super) async fn publish(
        &self,
        connection: &Connection,
        records: Vec<RevocationRecord>,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Ok(());
        };
        let mut reached = self.reached.lock().await;
        if *reached >= last.sequence {
            return Ok(());
        }
        if *reached + 1 == first.sequence {
            self.sink.publish(&records);
            self.advance(&mut reached, last.sequence);
            return Ok(());
        }
        let fetched = self.fetch(connection, &mut reached, last.sequence).await;
        if fetched.is_err() {
            // They take effect all the same, and come again behind what they have overtaken.
            self.sink.publish(&records);
        }
        fetched
    }

    /// Waits until everything up to `head` is in the sink, which somebody has seen committed.
    pub(super) async fn reach(&self, connection: &Connection, head: u64) -> Result<(), StoreError> {
        if self.reached() >= head {
            return Ok(());
        }
        let mut reached = self.reached.lock().await;
        if *reached >= head {
            return Ok(());
        }
        self.fetch(connection, &mut reached, head).await
    }

    /// Begins anew: the database has gone back behind what was reached, and will give the same numbers again.
    pub(super) async fn restart(
        &self,
        connection: &Connection,
        head: u64,
    ) -> Result<(), StoreError> {
        let mut reached = self.reached.lock().await;
        *reached = 0;
        self.fetch(connection, &mut reached, head).await
    }

    /// `head` was seen committed, so everything up to it can be read now.
    async fn fetch(
        &self,
        connection: &Connection,
        reached: &mut u64,
        head: u64,
    ) -> Result<(), StoreError> {
        let records = revocations::after(connection, *reached).await?;
        let last = records.last().map_or(head, |record| record.sequence);
        if !records.is_empty() {
            self.sink.publish(&records);
        }
        self.advance(reached, last.max(head));
        Ok(())
    }

    fn advance(&self, reached: &mut u64, to: u64) {
        *reached = to;
        self.shown.store(to, Ordering::Release);
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("reached", &self.reached())
            .finish_non_exhaustive()
    }
}
