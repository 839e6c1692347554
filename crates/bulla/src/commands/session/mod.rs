//! `bulla session …`: who is signed in where, through the admin API.

mod list;
mod revoke;

use std::process::ExitCode;

use clap::Subcommand;

use super::Global;

/// The subcommands of `bulla session`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the sessions of an account
    List(list::Args),
    /// End a session, or all of them; their tokens end at once
    Revoke(revoke::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(args) => list::run(&args, global),
        Command::Revoke(args) => revoke::run(&args, global),
    }
}
