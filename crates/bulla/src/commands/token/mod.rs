//! `bulla token …`: look into tokens, verify them.

mod inspect;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

use super::Global;

/// The subcommands of `bulla token`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a token says, without trusting it
    Inspect(inspect::Args),
    /// Verify tokens from standard input against a JWK set
    Verify(verify::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(args) => inspect::run(&args, global),
        Command::Verify(args) => verify::run(&args, global),
    }
}
