//! Whether who passes an answer on asked for more of it.

use std::{cell::Cell, task::Poll};

/// What an answer's body said when it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Here is more: who asked has it on their hands until they ask again.
    Met,
    /// There is nothing yet.
    Waiting,
}

thread_local! {
    // A task is polled on one thread from beginning to end, and what it asked is read right after.
    static LAST: Cell<Option<Demand>> = const { Cell::new(None) };
}

impl Demand {
    /// Runs `polling`; and what the last answer's body said that it asked, if it asked any.
    pub(crate) fn during<T>(polling: impl FnOnce() -> T) -> (T, Option<Self>) {
        LAST.set(None);
        (polling(), LAST.get())
    }

    /// An answer's body was asked.
    pub(super) fn note<T>(polled: &Poll<T>) {
        LAST.set(Some(match polled {
            Poll::Ready(_) => Self::Met,
            Poll::Pending => Self::Waiting,
        }));
    }
}
