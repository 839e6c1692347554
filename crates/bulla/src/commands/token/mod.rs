//! `bulla token …`: look into tokens, verify and explain them, make some for tests, get an anonymous one.

mod anonymous;
mod explain;
mod inspect;
mod judge;
mod mint;
mod paint;
mod source;
mod time;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

use super::Global;

/// The subcommands of `bulla token`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a token says, without trusting it
    Inspect(inspect::Args),
    /// Say why a token is refused, check by check, and what to do
    Explain(explain::Args),
    /// Verify tokens from standard input against a JWK set
    Verify(verify::Args),
    /// Make a token for a test, from a key file
    Mint(mint::Args),
    /// Get a token without an account, for a proof of work
    Anonymous(anonymous::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(args) => inspect::run(&args, global),
        Command::Explain(args) => explain::run(&args, global),
        Command::Verify(args) => verify::run(&args, global),
        Command::Mint(args) => mint::run(&args, global),
        Command::Anonymous(args) => anonymous::run(&args, global),
    }
}
