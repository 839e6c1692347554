//! The release binary, started in a folder of its own on a free port.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use tempfile::TempDir;

use crate::process::{free_address, resident_mebibytes};

/// A running process and its folder; both go when it is dropped.
pub(crate) struct Binary {
    process: Child,
    /// The public listener.
    pub(crate) public: SocketAddr,
    /// From the start of the process to its first answer.
    pub(crate) first_answer: Duration,
    folder: TempDir,
}

impl Binary {
    /// Starts `bulla serve` with this configuration (beside the listeners), and waits for its first answer.
    pub(crate) async fn serve(configuration: &str, arguments: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (public, admin) = (free_address()?, free_address()?);
        let text =
            format!("{configuration}\n[listen]\npublic = \"{public}\"\nadmin = \"{admin}\"\n");
        fs::write(folder.path().join("bulla.toml"), text)?;
        let started = Instant::now();
        let mut process = Command::new(executable()?)
            .arg("serve")
            .args(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let first_answer = loop {
            if tokio::net::TcpStream::connect(public).await.is_ok() {
                let mut connection = crate::client::Connection::open(public).await?;
                connection.get("/.well-known/jwks.json").await?;
                break started.elapsed();
            }
            if let Some(status) = process.try_wait()? {
                bail!("bulla ended at once: {status}");
            }
            if started.elapsed() > Duration::from_secs(20) {
                bail!("bulla did not answer within 20 s");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        Ok(Self {
            process,
            public,
            first_answer,
            folder,
        })
    }

    /// Runs a command in its folder.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(executable()?);
        command.args(arguments).current_dir(self.folder.path());
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        ensure!(
            output.status.success(),
            "bulla {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Where it runs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident_mebibytes(&self) -> Result<f64> {
        resident_mebibytes(self.process.id())
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The release binary, beside this one.
pub(crate) fn executable() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("bulla");
    if !path.exists() {
        bail!(
            "{} is missing: cargo build --release -p bulla",
            path.display()
        );
    }
    Ok(path)
}
