//! `bulla client …`: services that ask for tokens in their own name, through the admin API.

mod add;
mod list;
mod remove;
mod rotate_secret;
mod set;
mod show;

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use clap::{Subcommand, builder::NonEmptyStringValueParser};
use serde_json::{Value, json};

use super::Global;
use crate::{admin_api::segment, small_file};

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
    /// Give a client another secret, and print it
    RotateSecret(rotate_secret::Args),
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
        Command::RotateSecret(args) => rotate_secret::run(&args, global),
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

/// Id and secret, as a program is told them.
fn credentials(made: &Value) -> Value {
    let mut credentials = json!({ "client_id": made["client"]["client_id"] });
    if made["client_secret"].is_string() {
        credentials["client_secret"] = made["client_secret"].clone();
    }
    credentials
}

/// The same for people.
fn shown_once(credentials: &Value) -> String {
    let text = |member: &str| credentials[member].as_str().map(str::to_owned);
    let id = text("client_id").unwrap_or_default();
    let secret =
        text("client_secret").map(|secret| format!("\nclient_secret  {secret}  (shown only once)"));
    format!("client_id      {id}{}", secret.unwrap_or_default())
}

/// The JWK set of a file.
fn public_keys(file: &Path) -> anyhow::Result<Value> {
    let shown = file.display();
    let text = small_file::read(file)?;
    serde_json::from_slice(&text).with_context(|| format!("{shown} is no JWK set"))
}

/// A lifetime in seconds, as the API takes it.
fn seconds(lifetime: Duration) -> anyhow::Result<u64> {
    ensure!(
        lifetime.subsec_nanos() == 0,
        "a client's times are in whole seconds"
    );
    Ok(lifetime.as_secs())
}
