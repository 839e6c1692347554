//! A flood of logins takes only the processor time that verified requests leave over.

/// The least urgent there is.
#[cfg(target_os = "linux")]
const LOWEST: i32 = 19;

/// Gives the calling thread the lowest priority. On Linux a priority belongs to a thread: this leaves
/// the rest of the process as it is.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LOWEST)
    {
        tracing::warn!(%error, "password hashing runs at normal priority");
    }
}

/// Elsewhere a priority belongs to the process, and lowering it would slow down everything.
#[cfg(not(target_os = "linux"))]
pub(super) const fn lower() {}
