//! `bulla user …`: accounts, through the admin API.

mod add;
mod delete;
mod disable;
mod enable;
mod export;
mod import;
mod list;
mod set;
mod show;

use std::process::ExitCode;

use clap::{Subcommand, builder::NonEmptyStringValueParser};
use serde_json::Value;

use super::Global;
use crate::admin_api::segment;

/// The subcommands of `bulla user`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account
    Add(add::Args),
    /// List all accounts
    List(list::Args),
    /// Show one account
    Show(show::Args),
    /// Change roles, plan, claims, name or password
    Set(set::Args),
    /// Let nobody sign in with an account; its tokens and sessions end at once
    Disable(disable::Args),
    /// Let somebody sign in again
    Enable(enable::Args),
    /// Print all that is held about somebody, or about everybody
    Export(export::Args),
    /// Take over the users of another system, or of another Bulla
    Import(import::Args),
    /// Delete an account; its tokens and sessions end at once
    Delete(delete::Args),
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
        Command::Disable(args) => disable::run(&args, global),
        Command::Enable(args) => enable::run(&args, global),
        Command::Export(args) => export::run(&args, global),
        Command::Import(args) => import::run(&args, global),
        Command::Delete(args) => delete::run(&args, global),
    }
}

/// Which account is meant.
#[derive(Debug, clap::Args)]
struct Who {
    /// An email address, a user name or an id
    #[arg(value_name = "EMAIL|NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    user: String,
}

impl Who {
    /// Its place in the admin API.
    fn path(&self) -> String {
        format!("/admin/users/{}", segment(&self.user))
    }
}

/// A line that says who somebody is.
fn line(user: &Value) -> String {
    let names = ["email", "username", "id"];
    let names: Vec<&str> = names
        .iter()
        .filter_map(|name| user[name].as_str())
        .collect();
    names.join("  ")
}
