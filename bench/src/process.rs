//! A process beside this one, and what it costs.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// What the kernel counts processor time in (`USER_HZ`).
const TICK_MICROSECONDS: f64 = 10_000.0;

/// A running process and the folder it needs; both go when it is dropped.
pub(crate) struct Process {
    child: Child,
    _folder: Option<TempDir>,
}

/// An address on loopback that nobody listens on right now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Process {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(
        mut command: Command,
        folder: Option<TempDir>,
        address: SocketAddr,
    ) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdout(Stdio::null()).spawn();
        let child = child.with_context(|| format!("{name} is missing: use bench/run"))?;
        let mut process = Self {
            child,
            _folder: folder,
        };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = process.child.try_wait()? {
                bail!("{name} ended at once: {status}");
            }
            if started.elapsed() > Duration::from_secs(20) {
                bail!("{name} did not listen within 20 s");
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(process)
    }

    /// Its id and those of its children.
    pub(crate) fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let listed = fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let children = listed.unwrap_or_default();
        let children = children.split_whitespace().filter_map(|id| id.parse().ok());
        std::iter::once(own).chain(children).collect()
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident_mebibytes(&self) -> Result<f64> {
        resident_mebibytes(self.child.id())
    }
}

/// The time: milliseconds since 1970-01-01T00:00:00Z.
#[expect(
    clippy::disallowed_methods,
    reason = "tokens must be good at the moment at which they are measured"
)]
pub(crate) fn now_milliseconds() -> Result<u64> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(u64::try_from(elapsed.as_millis())?)
}

/// Processor time that these processes have used, user and system, in microseconds.
pub(crate) fn cpu_microseconds(processes: &[u32]) -> Result<f64> {
    let mut ticks = 0.0;
    for id in processes {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name in parentheses may hold anything.
        let fields = stat.rsplit_once(')').context("no name")?.1;
        for field in fields.split_whitespace().skip(11).take(2) {
            ticks += field.parse::<f64>()?;
        }
    }
    Ok(ticks * TICK_MICROSECONDS)
}

/// Resident memory of a process, in MiB.
pub(crate) fn resident_mebibytes(id: u32) -> Result<f64> {
    mebibytes(id, "VmRSS:")
}

/// The most resident memory that a process ever had, in MiB.
pub(crate) fn peak_mebibytes(id: u32) -> Result<f64> {
    mebibytes(id, "VmHWM:")
}

fn mebibytes(id: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let mut lines = status.lines();
    let line = lines.find(|line| line.starts_with(name));
    let line = line.with_context(|| format!("no {name}"))?;
    let number = line.split_whitespace().nth(1).context("no number")?;
    Ok(number.parse::<f64>()? / 1024.0)
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL would leave nginx's workers behind.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}
