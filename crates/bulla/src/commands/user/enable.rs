//! `bulla user enable`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;

use super::{Global, Who, line};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Example:
  bulla user enable ada@example.com

They have to sign in again: what ended stays ended.";

/// The flags of `bulla user enable`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    who: Who,
}

/// Enables the account.
///
/// # Errors
/// There is none, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let path = format!("{}/enable", args.who.path());
    let user = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::POST, &path, None).await
        })
        .with_context(|| format!("cannot enable {}", args.who.user))?;
    global
        .output()
        .print(&user, |user| format!("Enabled {}", line(user)))?;
    Ok(ExitCode::SUCCESS)
}
