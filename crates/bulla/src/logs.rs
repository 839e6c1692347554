//! Logs: standard error, readable on a terminal, one JSON object a line otherwise.
//!
//! `BULLA_LOG` says how much (`error`, `warn`, `info`, `debug`, `trace`, or the directives of
//! `tracing_subscriber::EnvFilter`); `info` unless set.
//!
//! Nobody waits for a log line to be written: a reader that is too slow loses lines, and is told how many.

use std::{
    env::VarError,
    io::{self, IsTerminal},
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, bail};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt};

/// The variable that says how much is logged.
const FILTER_VARIABLE: &str = "BULLA_LOG";
/// Lines that may wait to be written: a few megabytes at most.
const WAITING_LINES: usize = 8192;
/// How often lost lines are told.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// The logs of this process. Dropped, what still waits is written.
#[must_use = "the last lines are lost unless this lives until the end"]
pub(crate) struct Logs {
    // In this order: what was lost is told before the writer ends.
    _losses: Losses,
    _writer: WorkerGuard,
}

/// Starts logging for this process.
///
/// # Errors
/// `BULLA_LOG` cannot be understood, or the system has no threads left.
#[expect(
    clippy::disallowed_methods,
    reason = "the log begins before anything could hand the variable in"
)]
pub(crate) fn start() -> anyhow::Result<Logs> {
    let filter = match std::env::var(FILTER_VARIABLE) {
        Ok(text) => filter(&text)?,
        Err(VarError::NotPresent) => filter("info")?,
        Err(VarError::NotUnicode(_)) => bail!("{FILTER_VARIABLE} is not UTF-8"),
    };
    let (lines, writer) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("bulla-log")
        .finish(io::stderr());
    let lost = lines.error_counter();
    let builder = fmt().with_env_filter(filter).with_writer(lines);
    if io::stderr().is_terminal() {
        builder.with_target(false).init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(Logs {
        _losses: Losses::watch(lost)?,
        _writer: writer,
    })
}

/// A word without `=` would be the name of a target for tracing, and a misspelt level would switch off everything.
fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    let directives = text.split(',').map(str::trim);
    let directives: Vec<&str> = directives.filter(|one| !one.is_empty()).collect();
    if directives.is_empty() {
        return filter("info");
    }
    let is_word = |one: &&&str| !one.contains(['=', '[']);
    let mut words = directives.iter().filter(is_word);
    if let Some(word) = words.find(|word| word.parse::<LevelFilter>().is_err()) {
        bail!(
            "{FILTER_VARIABLE} cannot be understood: `{word}` is none of off, error, warn, info, debug, trace, and no \
             directive such as `bulla_gateway=debug`"
        );
    }
    EnvFilter::builder()
        .parse(directives.join(","))
        .with_context(|| format!("{FILTER_VARIABLE} cannot be understood"))
}

/// Tells how many lines were lost, from time to time and at the end.
struct Losses {
    end: Option<mpsc::Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

impl Losses {
    fn watch(lost: ErrorCounter) -> anyhow::Result<Self> {
        let (end, ended) = mpsc::channel();
        let teller = thread::Builder::new()
            .name("bulla-log-loss".to_owned())
            .spawn(move || {
                let mut told = 0;
                while ended.recv_timeout(TELL_EVERY) == Err(RecvTimeoutError::Timeout) {
                    tell(&lost, &mut told);
                }
                tell(&lost, &mut told);
            })
            .context("the system has no threads left")?;
        Ok(Self {
            end: Some(end),
            teller: Some(teller),
        })
    }
}

impl Drop for Losses {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(teller) = self.teller.take() {
            // It only counts and logs: there is nothing to do about a panic there.
            let _ = teller.join();
        }
    }
}

fn tell(lost: &ErrorCounter, told: &mut usize) {
    let lines = lost.dropped_lines();
    if lines > *told {
        tracing::warn!(
            lines = lines - *told,
            "log lines were lost: standard error takes them too slowly"
        );
        *told = lines;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_directives_are_understood() {
        for text in [
            "",
            "info",
            "WARN,",
            "off",
            "bulla_gateway=debug",
            "warn, bulla_server=trace",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_misspelt_is_named() {
        for text in ["inof", "warn,bulla", "bulla=loud", "a=b=c", "["] {
            let refused = filter(text).unwrap_err().to_string();
            assert!(
                refused.starts_with("BULLA_LOG cannot be understood"),
                "{refused}"
            );
        }
    }
}
