//! Where letters are asked for: how often, and without anybody waiting for what becomes of it.

use std::{hash::Hash, sync::Arc, time::Duration};

use bulla_core::{account::Email, audit::Origin, ids::AccountId, store::StoreError};
use bulla_guard::{
    client::AddressPrefix,
    limit::{BucketTable, Charge, Moment, Per, Quota},
};
use tokio::sync::Semaphore;

/// So many letters that one asks for, to one address, in an hour, at once or one after another.
const LETTERS: Quota = Quota::known(5, Per::Hour, 5);

/// So many to one address that strangers ask for, all of them together: a crowd floods no mailbox, and it takes one to use
/// up what somebody needs who is at a new place.
const BY_STRANGERS: Quota = Quota::known(20, Per::Hour, 20);

/// So many are counted at once: 2 MiB. The letters of others are not.
const BUCKETS: usize = 1 << 17;

/// So many wishes are seen to at once; more are refused.
const WISHES: usize = 256;

/// Where letters are asked for.
pub struct MailDesk {
    letters: BucketTable,
    wishes: Arc<Semaphore>,
}

/// Who asks for a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Somebody at a place that is known to be the owner's.
    AtHome,
    /// Anybody else, from there.
    Stranger(Origin),
}

/// Too many ask for letters at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many ask for mail at once")]
pub struct MailDeskOverloaded;

impl MailDesk {
    pub(super) fn new() -> Self {
        Self {
            letters: BucketTable::new(BUCKETS),
            wishes: Arc::new(Semaphore::new(WISHES)),
        }
    }

    /// Whether this address gets one more letter now. The same for an address that nobody has.
    pub(crate) fn admits(&self, to: &Email, asker: Asker, now: Moment) -> bool {
        let to = to.folded();
        match asker {
            // All homes together. Strangers use up none of it.
            Asker::AtHome => self.takes(("home", to), &LETTERS, now),
            Asker::Stranger(from) => {
                // Who has an IPv6 address often has its whole /48.
                let holder = from.and_then(|address| AddressPrefix::all(address).last());
                self.takes(("stranger", to, holder), &LETTERS, now)
                    && self.takes(("strangers", to), &BY_STRANGERS, now)
            }
        }
    }

    /// Whether this account may have one more letter sent now to an address that it wants, and word of it to the one that
    /// it has. Counted apart from the letters to that one: whoever used those up would change the address unnoticed.
    pub(crate) fn admits_change(&self, of: &AccountId, now: Moment) -> bool {
        self.takes(("change", of.as_str()), &LETTERS, now)
    }

    fn takes(&self, counted: impl Hash, quota: &Quota, now: Moment) -> bool {
        let key = self.letters.key(counted);
        let admitted = !matches!(self.letters.take(key, quota, now), Charge::Refused(_));
        if !admitted {
            // Anybody can make this happen as often as they like.
            tracing::debug!("no letter: too many within an hour");
        }
        admitted
    }

    /// Sees to a wish later: how long that takes, and what becomes of it, tells nobody whether there is an account.
    ///
    /// # Errors
    /// [`MailDeskOverloaded`] if too many wait; it is not seen to then.
    pub(crate) fn later(
        &self,
        wish: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    ) -> Result<(), MailDeskOverloaded> {
        let place = Arc::clone(&self.wishes).try_acquire_owned();
        let place = place.map_err(|_| MailDeskOverloaded)?;
        tokio::spawn(async move {
            if let Err(error) = wish.await {
                tracing::error!(%error, "a letter that was asked for is not sent");
            }
            drop(place);
        });
        Ok(())
    }

    /// Waits until every wish was seen to, but not for ever.
    pub async fn close(&self, patience: Duration) {
        let all = u32::try_from(WISHES).unwrap_or(u32::MAX);
        // What is not seen to by then is not: nobody was promised more.
        let _ = tokio::time::timeout(patience, self.wishes.acquire_many(all)).await;
    }
}

impl std::fmt::Debug for MailDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailDesk").finish_non_exhaustive()
    }
}
