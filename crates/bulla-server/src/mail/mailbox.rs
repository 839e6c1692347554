//! Where letters go in development: into memory, to be read at `/dev/mailbox`, and into the log.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bulla_core::{ports::Clock, time::Timestamp};

use super::{Carrier, Message, Undelivered};

/// The newest letters. Only for development: whoever reads them can sign in as anybody.
pub struct Mailbox {
    clock: Arc<dyn Clock>,
    letters: Mutex<VecDeque<(Timestamp, Message)>>,
}

impl Mailbox {
    /// So many are kept.
    pub const MOST: usize = 100;

    /// An empty mailbox.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let letters = Mutex::default();
        Self { clock, letters }
    }

    /// The letters with the time when they came, the newest first.
    #[must_use]
    pub fn letters(&self) -> Vec<(Timestamp, Message)> {
        self.lock().iter().rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Timestamp, Message)>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Carrier for Mailbox {
    async fn deliver(&self, message: &Message) -> Result<(), Undelivered> {
        // The one place where a link is logged: there is a mailbox only in development.
        tracing::info!(
            to = message.to.as_str(),
            subject = message.subject.as_str(),
            text = message.text,
            "development: this letter was not sent; see /dev/mailbox on the admin listener"
        );
        let mut letters = self.lock();
        if letters.len() == Self::MOST {
            letters.pop_front();
        }
        letters.push_back((self.clock.now(), message.clone()));
        Ok(())
    }
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
