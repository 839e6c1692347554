//! `bulla init`: a commented `bulla.toml` to edit.

use std::{fs::File, io, io::Write, process::ExitCode};

use anyhow::{Context, bail};
use serde_json::json;

use super::Global;

const EXAMPLES: &str = "\
Examples:
  bulla init && $EDITOR bulla.toml
  bulla init --config /etc/bulla/bulla.toml

A file that exists is never overwritten.";

/// The flags of `bulla init`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Writes the file.
///
/// # Errors
/// It exists already, or cannot be written.
pub(crate) fn run(_args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let path = global.configuration_file();
    let shown = path.display().to_string();
    let mut file = match File::create_new(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{shown} exists already and stays as it is")
        }
        opened => opened.with_context(|| format!("{shown} cannot be written"))?,
    };
    file.write_all(bulla_server::config::EXAMPLE.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{shown} cannot be written"))?;
    global.output().print(&json!({ "written": shown }), |_| {
        format!(
            "Wrote {shown}: every key with its default. `bulla check-config` checks your changes."
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
