//! `bulla client remove`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;
use serde_json::json;

use super::{Global, Which};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla client remove billing
  bulla client remove cli_4fzFrrEFTKCiIbUWkRiFTw --json

Its tokens end at once. There is no way back; `bulla client set --disable` has one.";

/// The flags of `bulla client remove`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

/// Removes the client.
///
/// # Errors
/// There is none, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let client = &args.which.client;
    global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::DELETE, &args.which.path(), None).await
        })
        .with_context(|| format!("cannot remove {client}"))?;
    global.output().print(&json!({ "removed": client }), |_| {
        format!("Removed {client}")
    })?;
    Ok(ExitCode::SUCCESS)
}
