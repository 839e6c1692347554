//! The command, until it ends.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{binary::executable, process::peak_mebibytes};

/// What it took.
pub(super) struct Finished {
    pub(super) span: Duration,
    /// The most resident memory, as of a few milliseconds before its end.
    pub(super) peak_mebibytes: f64,
    pub(super) output: Vec<u8>,
}

/// `bulla user import`, of a file of Bulla's own format.
pub(super) fn run(folder: &Path, file: &Path, environment: &[(&str, &str)]) -> Result<Finished> {
    let started = Instant::now();
    let mut child = Command::new(executable()?)
        .args(["user", "import", "--format", "bulla", "--json"])
        .arg(file)
        .current_dir(folder)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut peak = 0.0;
    while child.try_wait()?.is_none() {
        // It may end just now.
        peak = peak_mebibytes(child.id()).unwrap_or(peak);
        thread::sleep(Duration::from_millis(5));
    }
    let span = started.elapsed();
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "the import failed: {}",
        output.status
    );
    Ok(Finished {
        span,
        peak_mebibytes: peak,
        output: output.stdout,
    })
}
