//! How far it is, on standard error, if that is a terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use super::{reader::Extent, report::Report};

/// Not more often than an eye can follow.
const EVERY: Duration = Duration::from_millis(100);

pub(super) struct Progress {
    on_terminal: bool,
    extent: Extent,
    began: Instant,
    shown_at: Option<Instant>,
}

impl Progress {
    pub(super) fn of(extent: Extent) -> Self {
        Self {
            on_terminal: io::stderr().is_terminal(),
            extent,
            began: Instant::now(),
            shown_at: None,
        }
    }

    pub(super) fn show(&mut self, report: &Report) {
        let recently = self.shown_at.is_some_and(|at| at.elapsed() < EVERY);
        if !self.on_terminal || recently {
            return;
        }
        self.shown_at = Some(Instant::now());
        let percent = self.extent.percent();
        let percent = percent.map_or(String::new(), |percent| format!("{percent}% · "));
        let milliseconds = self.began.elapsed().as_millis().max(1);
        let rate = u128::from(report.read()) * 1000 / milliseconds;
        // A line that cannot be shown is no reason to give up.
        let _ = write!(
            io::stderr(),
            "\r\x1b[K{percent}{} · {rate}/s",
            report.line()
        );
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown_at.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
