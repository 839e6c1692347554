//! `bulla client …`: services that ask for tokens in their own name, through the admin API.

mod add;
mod list;
mod remove;
mod set;
mod show;

use std::{process::ExitCode, time::Duration};

use anyhow::ensure;
use clap::{Subcommand, builder::NonEmptyStringValueParser};
use serde_json::Value;

use super::Global;
use crate::admin_api::segment;

/// The subcommands of `bulla client`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a client, and print its id and secret
    Add(add::Args),
    /// List all clients
    List(list::Args),
    /// Show one client
    Show(show::Args),
    /// Change name, scopes, audiences or lifetime, disable or enable it
    Set(set::Args),
    /// Remove a client; its tokens end at once
    Remove(remove::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add(args) => add::run(&args, global),
        Command::List(args) => list::run(&args, global),
        Command::Show(args) => show::run(&args, global),
        Command::Set(args) => set::run(&args, global),
        Command::Remove(args) => remove::run(&args, global),
    }
}

/// Which client is meant.
#[derive(Debug, clap::Args)]
struct Which {
    /// A name or an id
    #[arg(value_name = "NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    client: String,
}

impl Which {
    /// Its place in the admin API.
    fn path(&self) -> String {
        format!("/admin/clients/{}", segment(&self.client))
    }
}

/// A line that says which client it is.
fn line(client: &Value) -> String {
    let names = ["name", "client_id"];
    let names: Vec<&str> = names
        .iter()
        .filter_map(|name| client[name].as_str())
        .collect();
    names.join("  ")
}

/// A lifetime in seconds, as the API takes it.
fn seconds(lifetime: Duration) -> anyhow::Result<u64> {
    ensure!(
        lifetime.subsec_nanos() == 0,
        "--lifetime is in whole seconds"
    );
    Ok(lifetime.as_secs())
}
