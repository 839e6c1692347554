//! When to stop: SIGTERM, or Ctrl-C on a terminal.

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Tells all parts of the process to end, once.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Begins to listen for signals. The first one stops; a second one ends the process at once,
    /// for whoever does not want to wait. SIGHUP, which asks for files to be read again, ends it no
    /// more, though no file may be watched.
    ///
    /// # Errors
    /// The system lets nobody listen for signals.
    pub(super) fn on_signal() -> anyhow::Result<Self> {
        let refused = "the system lets nobody listen for signals";
        let mut terminate = signal(SignalKind::terminate()).context(refused)?;
        let mut interrupt = signal(SignalKind::interrupt()).context(refused)?;
        // What the system does by itself when it comes is replaced for good, whether anybody waits for it or not.
        drop(signal(SignalKind::hangup()).context(refused)?);
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            for stopping in [false, true] {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if stopping {
                    std::process::exit(1);
                }
                tracing::info!("stopping: requests in flight end, new ones are refused");
                sender.send_replace(true);
            }
        });
        Ok(Self(receiver))
    }

    /// Stops when the sender says so.
    #[cfg(test)]
    pub(super) fn on_demand() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Returns when it is time to stop.
    pub(super) async fn requested(mut self) {
        // An error means that nobody can ask any more: as good as asked.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
