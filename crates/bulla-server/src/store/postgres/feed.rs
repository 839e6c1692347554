//! Committed revocations on their way into the sink of this process, in their order: its own before their callers are
//! answered, and others' as soon as they are seen.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bulla_core::{ports::RevocationSink, revocation::RevocationRecord};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout_at,
};

use super::{
    connection::Connection,
    fault::Fault,
    tables::revocations::{self, Look},
};

pub(super) struct Feed {
    sink: Arc<dyn RevocationSink>,
    /// Held while records are on their way into the sink.
    reached: Mutex<Reached>,
    /// Its number, to look at.
    shown: AtomicU64,
}

/// Everything up to a number is in the sink.
struct Reached {
    sequence: u64,
    /// The record of that number, if it is known. A database that has another one there was put back, and has given the
    /// numbers up to it again: what is behind them was never seen.
    last: Option<RevocationRecord>,
}

/// What one transaction revoked.
pub(super) struct Committed {
    /// What was revoked before it, if that is still remembered.
    pub(super) before: Option<RevocationRecord>,
    pub(super) records: Vec<RevocationRecord>,
}

impl Feed {
    /// Whatever has a greater number than the head goes into the sink.
    pub(super) fn from(look: Look, sink: Arc<dyn RevocationSink>) -> Self {
        let Look { head, last, .. } = look;
        Self {
            sink,
            reached: Mutex::new(Reached {
                sequence: head,
                last,
            }),
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
        committed: &Committed,
    ) -> Result<(), Fault> {
        let Committed { before, records } = committed;
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Ok(());
        };
        let caught_up = match self.lock(connection).await {
            Ok(mut reached) => {
                if reached.sequence + 1 == first.sequence && reached.last == *before {
                    self.sink.publish(records);
                    self.advance(&mut reached, last.sequence, Some(last.clone()));
                    return Ok(());
                }
                if reached.sequence < last.sequence {
                    self.fetch(connection, &mut reached, last.sequence).await
                } else {
                    Ok(())
                }
            }
            Err(late) => Err(late),
        };
        // Whatever the database has been through and will be read of it: these take effect. Twice is as good as once.
        self.sink.publish(records);
        caught_up
    }

    /// Waits until everything up to `head` is in the sink, which somebody has seen committed.
    pub(super) async fn reach(&self, connection: &Connection, head: u64) -> Result<(), Fault> {
        if self.reached() >= head {
            return Ok(());
        }
        let mut reached = self.lock(connection).await?;
        if reached.sequence >= head {
            return Ok(());
        }
        self.fetch(connection, &mut reached, head).await
    }

    /// Goes on to what was seen in a look, or begins anew if the database has another past than what was reached; it was
    /// `before` when the look began.
    pub(super) async fn follow(
        &self,
        connection: &Connection,
        before: u64,
        look: Look,
    ) -> Result<(), Fault> {
        let Look { head, last, .. } = look;
        let mut reached = self.lock(connection).await?;
        let other = reached.sequence == head && differ(&reached.last, &last);
        if head < before || other {
            tracing::warn!(
                head,
                reached = before,
                "the database has gone back: it was restored, or a standby that lagged behind took over"
            );
            *reached = Reached::nothing();
        }
        if reached.sequence < head {
            return self.fetch(connection, &mut reached, head).await;
        }
        if reached.sequence == head && reached.last.is_none() {
            reached.last = last;
        }
        Ok(())
    }

    async fn lock(&self, connection: &Connection) -> Result<MutexGuard<'_, Reached>, Fault> {
        let locked = timeout_at(connection.deadline(), self.reached.lock()).await;
        locked.map_err(|_late| Fault::Late)
    }

    /// `head` was seen committed, so everything up to it can be read now. What was read is in the sink, even if reading fails
    /// in the midst of it.
    async fn fetch(
        &self,
        connection: &Connection,
        reached: &mut Reached,
        head: u64,
    ) -> Result<(), Fault> {
        loop {
            // With the last one that is known, to see that it is still the same.
            let mut page = revocations::from(connection, reached.sequence).await?;
            let full = page.len() == revocations::PAGE;
            let known = page
                .iter()
                .position(|record| record.sequence == reached.sequence);
            let known = known.map(|place| page.remove(place));
            if reached.last.is_some() && reached.last != known {
                // It was forgotten, or was another one.
                if known.is_some() {
                    tracing::warn!(head, "the database has gone back, and is ahead again");
                }
                *reached = Reached::nothing();
                continue;
            }
            self.sink.publish(&page);
            match page.pop() {
                Some(last) if full => self.advance(reached, last.sequence, Some(last)),
                Some(last) if last.sequence >= head => {
                    self.advance(reached, last.sequence, Some(last));
                    return Ok(());
                }
                // What is missing up to the head is forgotten already.
                _ => {
                    self.advance(reached, head, None);
                    return Ok(());
                }
            }
        }
    }

    fn advance(&self, reached: &mut Reached, to: u64, last: Option<RevocationRecord>) {
        *reached = Reached { sequence: to, last };
        self.shown.store(to, Ordering::Release);
    }
}

impl Reached {
    const fn nothing() -> Self {
        Self {
            sequence: 0,
            last: None,
        }
    }
}

/// Whether both are known, and not the same.
fn differ(one: &Option<RevocationRecord>, other: &Option<RevocationRecord>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("reached", &self.reached())
            .finish_non_exhaustive()
    }
}
