//! The bans as administrators change them, and as a restart finds them.

mod file;
mod record;

use std::{sync::Arc, time::Duration};

use bulla_core::{
    administration::Administrator,
    audit::{AuditEvent, AuditKind},
    ids::AddressRange,
    ports::Clock,
    store::{AuditStore, StoreError},
};
use bulla_guard::{
    abuse::{AbuseLedger, Ban, BanRefused, Lifted},
    client::Cidr,
};
use tokio::{sync::Mutex, task::spawn_blocking, time::MissedTickBehavior};

use self::file::BanFile;
pub use self::file::BanFileError;
use crate::data_folder::DataFolder;

/// How often bans that nobody waits for are written, if there are others.
const SAVE_EVERY: Duration = Duration::from_millis(500);

/// The bans of a ledger, and the file in which they outlive the process.
///
/// What an administrator does is in force at once, and in the file and the audit log before it is answered; what the ladder
/// does is in the file within a second.
pub struct Bans {
    ledger: Arc<AbuseLedger>,
    clock: Arc<dyn Clock>,
    file: Option<BanFile>,
    audit: Option<Arc<dyn AuditStore>>,
    /// The revision that the file has. Held while it is written: a later writer never loses to an earlier one.
    saved: Mutex<u64>,
}

/// Why a prefix was not banned.
#[derive(Debug, thiserror::Error)]
pub enum AddBanError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] BanRefused),
    /// It is, but that is not kept.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

/// What was done is in force, and not all that speaks of it could be written.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// A restart would undo it.
    #[error(transparent)]
    File(#[from] BanFileError),
    /// The audit log does not tell of it.
    #[error(transparent)]
    Audit(#[from] StoreError),
}

impl Bans {
    /// The bans that are kept in a data folder, and the log that tells what administrators do. A file that cannot be read is set aside, loudly: then there are none.
    ///
    /// # Errors
    /// The file cannot be set aside either.
    pub fn open(
        folder: &DataFolder,
        ledger: Arc<AbuseLedger>,
        clock: Arc<dyn Clock>,
        audit: Arc<dyn AuditStore>,
    ) -> Result<Arc<Self>, BanFileError> {
        let file = BanFile::new(folder.bans());
        let bans = Self {
            file: Some(file.clone()),
            audit: Some(audit),
            ..Self::unkept(ledger, clock)
        };
        let kept = match file.read() {
            Ok(kept) => kept,
            Err(error) => {
                let moved = file.set_aside(bans.now())?;
                let moved = moved.display();
                tracing::error!(%error, %moved, "the bans cannot be read and are lost; the file was set aside");
                Vec::new()
            }
        };
        bans.ledger.restore(kept, bans.now());
        Ok(Arc::new(bans))
    }

    /// The bans of a process that keeps none.
    #[must_use]
    pub fn in_memory(ledger: Arc<AbuseLedger>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self::unkept(ledger, clock))
    }

    fn unkept(ledger: Arc<AbuseLedger>, clock: Arc<dyn Clock>) -> Self {
        Self {
            saved: Mutex::new(ledger.revision()),
            file: None,
            audit: None,
            ledger,
            clock,
        }
    }

    /// Those in force.
    #[must_use]
    pub fn list(&self) -> Vec<Ban> {
        let now = self.now();
        let mut bans = self.ledger.bans();
        bans.retain(|ban| ban.is_in_force(now));
        bans.sort_by_key(|ban| (ban.prefix.network(), ban.prefix.length()));
        bans
    }

    /// Bans a prefix, for so long or until it is removed.
    ///
    /// # Errors
    /// [`AddBanError`].
    pub async fn add(
        &self,
        prefix: Cidr,
        length: Option<Duration>,
        reason: Option<String>,
        by: &Administrator,
    ) -> Result<Ban, AddBanError> {
        let reason = reason.map(Arc::from);
        let ban = self.ledger.ban(prefix, length, reason, self.now())?;
        let who = name(by);
        tracing::warn!(%prefix, until = ban.until, by = who, "a prefix is banned by an administrator");
        self.save().await.map_err(NotKept::from)?;
        let length = length.map_or("until it is removed".to_owned(), |length| {
            format!("for {} s", length.as_secs())
        });
        self.record(AuditKind::BanAdded, prefix, length, by).await?;
        Ok(ban)
    }

    /// Ends the bans on a prefix and within it, and forgets what counted against it.
    ///
    /// # Errors
    /// They are ended, but that is not kept.
    pub async fn remove(&self, prefix: Cidr, by: &Administrator) -> Result<Lifted, NotKept> {
        let lifted = self.ledger.lift(prefix);
        let (bans, challenged) = (lifted.bans.len(), lifted.challenged.len());
        if lifted == Lifted::default() {
            self.save().await?;
            return Ok(lifted);
        }
        let who = name(by);
        tracing::warn!(%prefix, bans, by = who, "what was on a prefix is lifted by an administrator");
        self.save().await?;
        let what = format!("{bans} banned, {challenged} challenged");
        self.record(AuditKind::BanRemoved, prefix, what, by).await?;
        Ok(lifted)
    }

    async fn record(
        &self,
        kind: AuditKind,
        prefix: Cidr,
        detail: String,
        by: &Administrator,
    ) -> Result<(), NotKept> {
        let Some(audit) = &self.audit else {
            return Ok(());
        };
        // It is written as a range is read.
        let Ok(range) = AddressRange::parse(&prefix.to_string()) else {
            return Ok(());
        };
        let event = AuditEvent {
            detail: Some(detail),
            ..by.did(kind, range, self.clock.now())
        };
        Ok(audit.record(&[event]).await?)
    }

    /// Writes the bans, if they are others than those in the file.
    ///
    /// # Errors
    /// They are not written.
    pub async fn save(&self) -> Result<(), BanFileError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut saved = self.saved.lock().await;
        // Read before the bans are: what is changed in between is written once more.
        let revision = self.ledger.revision();
        if *saved == revision {
            return Ok(());
        }
        let (file, bans) = (file.clone(), self.ledger.bans());
        let written = spawn_blocking(move || file.write(&bans));
        written
            .await
            .unwrap_or_else(|gone| Err(BanFileError::Interrupted(gone.to_string())))?;
        *saved = revision;
        Ok(())
    }

    /// Keeps the file up to date, as long as it is polled.
    pub async fn keep(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(SAVE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            ticks.tick().await;
            let saved = self.save().await;
            if let (Err(error), false) = (&saved, failing) {
                tracing::error!(%error, "the bans cannot be kept: a restart would forget them");
            }
            failing = saved.is_err();
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().as_millis()).unwrap_or(0)
    }
}

/// Who does it; the command line has no account.
fn name(by: &Administrator) -> Option<&str> {
    by.account.as_ref().map(|account| account.as_str())
}

impl std::fmt::Debug for Bans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bans")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
