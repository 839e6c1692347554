//! `bulla client show`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;

use super::{Global, Which};
use crate::{admin_api::Absence, output::description};

const EXAMPLES: &str = "\
Examples:
  bulla client show billing
  bulla client show billing --json | jq .scopes";

/// The flags of `bulla client show`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

/// Shows the client.
///
/// # Errors
/// There is none, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let client = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::GET, &args.which.path(), None).await
        })
        .with_context(|| format!("cannot show {}", args.which.client))?;
    global.output().print(&client, description)?;
    Ok(ExitCode::SUCCESS)
}
