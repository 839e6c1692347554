//! `bulla ban …`: whose requests are refused, through the admin API.

mod add;
mod list;
mod remove;

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use super::Global;

/// The subcommands of `bulla ban`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the prefixes that are banned, by themselves or by an administrator
    List(list::Args),
    /// Ban an address or a range of addresses, at once
    Add(add::Args),
    /// End the bans of an address or a range, and forget what counted against it
    Remove(remove::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(args) => list::run(&args, global),
        Command::Add(args) => add::run(&args, global),
        Command::Remove(args) => remove::run(&args, global),
    }
}

/// Until when a ban holds, for people.
fn until(ban: &Value) -> &str {
    ban["until"].as_str().unwrap_or("it is removed")
}
