//! Noticing that files have changed, or that somebody wants them read again.

use std::{fs, os::unix::fs::MetadataExt as _, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// Files whose changes are of interest.
pub(super) struct Changes {
    files: Arc<[PathBuf]>,
    seen: Vec<Option<Stamp>>,
    hangup: Signal,
}

/// What is different once a file was written to, replaced or moved. Links are followed.
type Stamp = (u64, u64, u64, i64, i64);

impl Changes {
    /// Changes of these files from now on. Whoever reads a file after this misses none.
    ///
    /// # Errors
    /// The system lets nobody listen for signals.
    pub(super) fn of(files: impl IntoIterator<Item = PathBuf>) -> anyhow::Result<Self> {
        let files: Arc<[PathBuf]> = files.into_iter().collect();
        Ok(Self {
            seen: stamps(&files),
            files,
            hangup: signal(SignalKind::hangup())
                .context("the system lets nobody listen for signals")?,
        })
    }

    /// Returns when one of the files has changed, come or gone, or SIGHUP came.
    pub(super) async fn next(&mut self) {
        loop {
            let asked = tokio::select! {
                _ = self.hangup.recv() => true,
                () = tokio::time::sleep(EVERY) => false,
            };
            let files = Arc::clone(&self.files);
            // A file system may be slow to answer.
            let Ok(now) = tokio::task::spawn_blocking(move || stamps(&files)).await else {
                continue;
            };
            let changed = now != self.seen;
            self.seen = now;
            if asked || changed {
                return;
            }
        }
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    let stamp = |file: &PathBuf| {
        let found = fs::metadata(file).ok()?;
        // The time of change is set by the system alone, whatever a program makes of the time of writing.
        let changed = (found.ctime(), found.ctime_nsec());
        Some((found.dev(), found.ino(), found.size(), changed.0, changed.1))
    };
    files.iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tokio::time::{Instant, timeout};

    use super::*;

    /// Whether a change is noticed in time. The clock is the test's: nobody waits.
    async fn noticed(changes: &mut Changes) -> bool {
        timeout(2 * EVERY, changes.next()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_replaced_removed_or_linked_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "1").unwrap();
        fs::write(path("other"), "2").unwrap();
        symlink(path("a"), path("link")).unwrap();
        let mut changes = Changes::of([path("a"), path("link"), path("missing")]).unwrap();
        assert!(!noticed(&mut changes).await);

        fs::write(path("a"), "longer").unwrap();
        assert!(noticed(&mut changes).await);
        assert!(!noticed(&mut changes).await);
        fs::rename(path("other"), path("a")).unwrap();
        assert!(noticed(&mut changes).await);
        fs::write(path("missing"), "3").unwrap();
        assert!(noticed(&mut changes).await);
        fs::remove_file(path("missing")).unwrap();
        assert!(noticed(&mut changes).await);
        symlink(path("b"), path("new link")).unwrap();
        fs::write(path("b"), "4").unwrap();
        fs::rename(path("new link"), path("link")).unwrap();
        assert!(noticed(&mut changes).await);
        assert!(!noticed(&mut changes).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_noticed_at_the_next_look() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        let mut changes = Changes::of([file.clone()]).unwrap();
        fs::write(file, "").unwrap();
        let began = Instant::now();
        changes.next().await;
        assert_eq!(began.elapsed(), EVERY);
    }
}
