//! Wrong passwords in the audit log: soon, and seldom. Whoever guesses a million times fills no disk.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::AuthenticationService;
use crate::{
    audit::{Actor, AuditEvent, AuditKind, Origin},
    ids::AccountId,
    store::StoreError,
    time::Timestamp,
};

/// How long after the first one they are recorded: whoever mistypes does it more than once.
const SOON: Duration = Duration::from_secs(60);

/// How often at most, for one account.
const SELDOM: Duration = Duration::from_secs(60 * 60);

/// Accounts that are counted at a time: with [`SELDOM`], so many events an hour at most. Together a megabyte, here and in the log.
const ACCOUNTS: usize = 4096;

/// Wrong passwords that are not recorded yet, by account.
#[derive(Debug, Default)]
pub(super) struct WrongPasswords(Mutex<Tallies>);

#[derive(Debug, Default)]
struct Tallies {
    by_account: HashMap<AccountId, Tally>,
    left_out: u64,
}

#[derive(Debug, Clone, Copy)]
struct Tally {
    count: u64,
    last: Timestamp,
    address: Origin,
    /// When it is recorded if it has counted any, and forgotten otherwise.
    due: Timestamp,
}

/// What became of wrong passwords.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordedPasswords {
    /// Events that were written.
    pub events: usize,
    /// Wrong passwords that are in no event, because too many accounts had some.
    pub left_out: u64,
}

impl AuthenticationService {
    /// Writes those wrong passwords to the audit log that it is time for. To be called every few seconds.
    ///
    /// # Errors
    /// [`StoreError`]; what was not written is tried again.
    pub async fn record_wrong_passwords(&self) -> Result<RecordedPasswords, StoreError> {
        self.record(|tally, now| tally.due <= now).await
    }

    /// Writes all of them: at the end of the process.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flush_wrong_passwords(&self) -> Result<RecordedPasswords, StoreError> {
        self.record(|_, _| true).await
    }

    async fn record(
        &self,
        is_due: fn(&Tally, Timestamp) -> bool,
    ) -> Result<RecordedPasswords, StoreError> {
        let now = self.ports.clock.now();
        let wrong = &self.wrong_passwords;
        let due = wrong.take(|tally| is_due(tally, now), now);
        let events: Vec<_> = due.iter().map(|(id, tally)| tally.event(id)).collect();
        if !events.is_empty()
            && let Err(error) = self.ports.store.record(&events).await
        {
            wrong.put_back(due);
            return Err(error);
        }
        Ok(RecordedPasswords {
            events: events.len(),
            left_out: std::mem::take(&mut wrong.tallies().left_out),
        })
    }
}

impl WrongPasswords {
    /// Somebody there said a wrong password of this account.
    pub(super) fn count(&self, account: &AccountId, address: Origin, now: Timestamp) {
        let mut tallies = self.tallies();
        let room = tallies.by_account.len() < ACCOUNTS;
        match tallies.by_account.get_mut(account) {
            Some(tally) => {
                // After an hour of silence, the next one is recorded as soon as the first was.
                if tally.count == 0 {
                    tally.due = tally.due.max(now.after(SOON));
                }
                tally.count += 1;
                (tally.last, tally.address) = (now, address);
            }
            None if room => {
                let tally = Tally {
                    count: 1,
                    last: now,
                    address,
                    due: now.after(SOON),
                };
                tallies.by_account.insert(account.clone(), tally);
            }
            None => tallies.left_out += 1,
        }
    }

    /// What is to be recorded now; of the same accounts more is not for a while. Those that had none for long are forgotten.
    fn take(&self, is_due: impl Fn(&Tally) -> bool, now: Timestamp) -> Vec<(AccountId, Tally)> {
        let mut tallies = self.tallies();
        let accounts = &mut tallies.by_account;
        accounts.retain(|_, tally| tally.count > 0 || tally.due > now);
        let due = accounts
            .iter_mut()
            .filter(|(_, tally)| tally.count > 0 && is_due(tally));
        let taken = due.map(|(account, tally)| {
            let taken = (account.clone(), *tally);
            (tally.count, tally.due) = (0, now.after(SELDOM));
            taken
        });
        taken.collect()
    }

    /// They were not recorded after all, and are due as before.
    fn put_back(&self, taken: Vec<(AccountId, Tally)>) {
        let accounts = &mut self.tallies().by_account;
        for (account, taken) in taken {
            let tally = accounts
                .entry(account)
                .or_insert(Tally { count: 0, ..taken });
            tally.count += taken.count;
            tally.due = taken.due;
        }
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        // No panic leaves them half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    fn event(&self, account: &AccountId) -> AuditEvent {
        AuditEvent {
            at: self.last,
            kind: AuditKind::PasswordWrong,
            actor: Actor::Unknown,
            subject: account.into(),
            session: None,
            address: self.address,
            detail: (self.count > 1).then(|| format!("{} times", self.count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_accounts_and_the_others_are_counted_together() {
        let (wrong, now) = (WrongPasswords::default(), Timestamp::from_millis(0));
        let account = |number| AccountId::new(format!("usr_{number}")).unwrap();
        for number in 0..ACCOUNTS + 2 {
            wrong.count(&account(number), None, now);
        }
        wrong.count(&account(0), None, now);
        assert_eq!(wrong.tallies().left_out, 2);
        let taken = wrong.take(|_| true, now);
        assert_eq!(taken.len(), ACCOUNTS);
        let first = taken.iter().find(|(id, _)| *id == account(0)).unwrap();
        assert_eq!(first.1.count, 2);
        wrong.count(&account(0), None, now);
        wrong.take(|_| false, now.after(SELDOM));
        assert_eq!(
            wrong.tallies().by_account.len(),
            1,
            "the others are forgotten"
        );
    }
}
