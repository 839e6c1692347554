//! `bulla user disable`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;

use super::{Global, Who, line};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Example:
  bulla user disable ada@example.com

Nobody can sign in with it, and its tokens and sessions end at once.";

/// The flags of `bulla user disable`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    who: Who,
}

/// Disables the account.
///
/// # Errors
/// There is none, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let path = format!("{}/disable", args.who.path());
    let user = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::POST, &path, None).await
        })
        .with_context(|| format!("cannot disable {}", args.who.user))?;
    global
        .output()
        .print(&user, |user| format!("Disabled {}", line(user)))?;
    Ok(ExitCode::SUCCESS)
}
