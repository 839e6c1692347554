//! How far it is, on standard error, if that is a terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Not more often than an eye can follow.
const EVERY: Duration = Duration::from_millis(100);

pub(super) struct Progress {
    on_terminal: bool,
    shown_at: Option<Instant>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            on_terminal: io::stderr().is_terminal(),
            shown_at: None,
        }
    }

    pub(super) fn show(&mut self, line: impl FnOnce() -> String) {
        let recently = self.shown_at.is_some_and(|at| at.elapsed() < EVERY);
        if self.on_terminal && !recently {
            self.shown_at = Some(Instant::now());
            // A line that cannot be shown is no reason to give up.
            let _ = write!(io::stderr(), "\r\x1b[K{}", line());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown_at.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
