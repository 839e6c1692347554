//! `bulla ban list`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;
use serde_json::Value;

use super::{Global, until};
use crate::{admin_api::Absence, output::table};

const EXAMPLES: &str = "\
Examples:
  bulla ban list
  bulla ban list --json | jq -r '.bans[] | select(.kind == \"automatic\") | .prefix'";

/// The flags of `bulla ban list`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Lists the bans in force.
///
/// # Errors
/// The data folder cannot be used.
pub(crate) fn run(_args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let answer = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::GET, "/admin/bans", None).await
        })
        .context("cannot list the bans")?;
    global.output().print(&answer, |answer| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let row = |ban: &Value| {
            let why = text(&ban["reason"]).or(text(&ban["offence"]));
            [
                text(&ban["prefix"]).unwrap_or_default(),
                text(&ban["kind"]).unwrap_or_default(),
                text(&ban["since"]).unwrap_or_default(),
                until(ban).to_owned(),
                why.unwrap_or_else(|| "-".to_owned()),
            ]
        };
        let bans = answer["bans"].as_array().into_iter().flatten();
        let rows: Vec<_> = bans.map(row).collect();
        table(["PREFIX", "KIND", "SINCE", "UNTIL", "WHY"], &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}
