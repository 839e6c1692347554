//! `bulla user show`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;

use super::{Global, Who};
use crate::{admin_api::Absence, output::description};

const EXAMPLES: &str = "\
Examples:
  bulla user show ada@example.com
  bulla user show ada --json | jq .roles";

/// The flags of `bulla user show`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    who: Who,
}

/// Shows the account.
///
/// # Errors
/// There is none, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let user = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::GET, &args.who.path(), None).await
        })
        .with_context(|| format!("cannot show {}", args.who.user))?;
    global.output().print(&user, description)?;
    Ok(ExitCode::SUCCESS)
}
