//! `bulla keys …`: the keys that sign tokens, through the admin API, and keys in files.

mod generate;
mod import;
mod list;
mod revoke;
mod rotate;

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use super::Global;
use crate::output::table;

/// The subcommands of `bulla keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the signing keys, and when the next one takes over
    List(list::Args),
    /// Let the next key sign now
    Rotate(rotate::Args),
    /// Emergency brake: refuse all tokens of a key everywhere, and let the next one sign at once
    Revoke(revoke::Args),
    /// Sign with a key or secret of your own
    Import(import::Args),
    /// Make a key and write it to a file, for tests and for others
    Generate(generate::Args),
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever ended it.
pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(args) => list::run(&args, global),
        Command::Rotate(args) => rotate::run(&args, global),
        Command::Revoke(args) => revoke::run(&args, global),
        Command::Import(args) => import::run(&args, global),
        Command::Generate(args) => generate::run(&args, global),
    }
}

/// The keys that are in use, for people.
fn shown(answer: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let keys = answer["keys"].as_array().into_iter().flatten();
    let in_use = keys.filter(|key| key["removed_at"].is_null());
    let rows: Vec<_> = in_use
        .map(|key| {
            [
                text(&key["state"]),
                text(&key["kid"]),
                text(&key["algorithm"]),
                text(&key["created_at"]),
                text(&key["signs_from"]),
                text(&key["retires_at"]),
            ]
        })
        .collect();
    let header = [
        "STATE",
        "KID",
        "ALGORITHM",
        "PUBLISHED",
        "SIGNS FROM",
        "RETIRES",
    ];
    let due = match answer["rotates_at"].as_str() {
        Some(due) => format!("The next key takes over at {due}."),
        None => "No rotation is scheduled (keys.rotate_every).".to_owned(),
    };
    format!("{}{due}", table(header, &rows))
}
