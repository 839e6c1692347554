//! Noticing that files have changed, or that somebody wants them read again.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// Files whose changes are of interest.
pub(super) struct Changes {
    seen: BTreeMap<PathBuf, Option<Stamp>>,
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
        Ok(Self {
            seen: stamps(files),
            hangup: signal(SignalKind::hangup())
                .context("the system lets nobody listen for signals")?,
        })
    }

    /// Changes of these files from now on, and of no other. One that is among them already is watched on as it was.
    pub(super) fn watch(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        let files: Vec<PathBuf> = files.into_iter().collect();
        self.seen.retain(|file, _| files.contains(file));
        for file in files {
            self.seen.entry(file).or_insert_with_key(|file| stamp(file));
        }
    }

    /// Returns when one of the files has changed, come or gone and then stayed as it is until the next look, or when
    /// SIGHUP came: a file that is still being written is half of what it says.
    pub(super) async fn next(&mut self) {
        let mut last = self.seen.clone();
        loop {
            let asked = tokio::select! {
                _ = self.hangup.recv() => true,
                () = tokio::time::sleep(EVERY) => false,
            };
            let files: Vec<PathBuf> = self.seen.keys().cloned().collect();
            // A file system may be slow to answer.
            let Ok(now) = tokio::task::spawn_blocking(move || stamps(files)).await else {
                continue;
            };
            if asked || (now != self.seen && now == last) {
                self.seen = now;
                return;
            }
            last = now;
        }
    }
}

fn stamps(files: impl IntoIterator<Item = PathBuf>) -> BTreeMap<PathBuf, Option<Stamp>> {
    let stamped = |file: PathBuf| (file.clone(), stamp(&file));
    files.into_iter().map(stamped).collect()
}

fn stamp(file: &Path) -> Option<Stamp> {
    let found = fs::metadata(file).ok()?;
    // The time of change is set by the system alone, whatever a program makes of the time of writing.
    let changed = (found.ctime(), found.ctime_nsec());
    Some((found.dev(), found.ino(), found.size(), changed.0, changed.1))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tokio::time::{Instant, timeout};

    use super::*;

    /// Whether a change is noticed in time. The clock is the test's: nobody waits.
    async fn noticed(changes: &mut Changes) -> bool {
        timeout(3 * EVERY, changes.next()).await.is_ok()
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
    async fn files_that_are_watched_later_and_those_that_are_watched_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut changes = Changes::of([path("always"), path("first")]).unwrap();
        fs::write(path("second"), "1").unwrap();
        changes.watch([path("always"), path("second")]);
        assert!(!noticed(&mut changes).await);
        fs::write(path("first"), "2").unwrap();
        assert!(!noticed(&mut changes).await);
        fs::write(path("second"), "longer").unwrap();
        assert!(noticed(&mut changes).await);

        // What has changed and was not noticed yet still is.
        fs::write(path("always"), "3").unwrap();
        changes.watch([path("always")]);
        assert!(noticed(&mut changes).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_noticed_once_it_has_stayed_from_one_look_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        let mut changes = Changes::of([file.clone()]).unwrap();
        fs::write(file, "").unwrap();
        let began = Instant::now();
        changes.next().await;
        assert_eq!(began.elapsed(), 2 * EVERY);
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_still_being_written_is_not_noticed_until_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        let mut changes = Changes::of([file.clone()]).unwrap();
        let began = Instant::now();
        let writing = async {
            // Between one look and the next.
            tokio::time::sleep(EVERY / 2).await;
            for written in 1..=5 {
                fs::write(&file, "x".repeat(written)).unwrap();
                tokio::time::sleep(EVERY).await;
            }
        };
        tokio::join!(changes.next(), writing);
        // The fifth write is seen by the fifth look, and the sixth finds it as it was.
        assert_eq!(began.elapsed(), 6 * EVERY);
    }
}
