//! Logs: standard error, readable on a terminal, one JSON object a line otherwise.
//!
//! `BULLA_LOG` says how much (`error`, `warn`, `info`, `debug`, `trace`, or the directives of
//! `tracing_subscriber::EnvFilter`); `info` unless set.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::{EnvFilter, fmt};

/// The variable that says how much is logged.
const FILTER_VARIABLE: &str = "BULLA_LOG";

/// Starts logging for this process.
///
/// # Errors
/// `BULLA_LOG` cannot be understood.
pub(crate) fn start() -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(std::env::var(FILTER_VARIABLE).unwrap_or_else(|_| "info".to_owned()))
        .with_context(|| format!("{FILTER_VARIABLE} cannot be understood"))?;
    let builder = fmt().with_env_filter(filter).with_writer(io::stderr);
    if io::stderr().is_terminal() {
        builder.with_target(false).init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}
