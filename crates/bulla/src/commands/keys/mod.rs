//! `bulla keys …`: keys in files.

mod generate;

use std::process::ExitCode;

use clap::Subcommand;

use super::Global;

/// The subcommands of `bulla keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key and write it to a file
    Generate(generate::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::Generate(args) => generate::run(&args, global),
    }
}
