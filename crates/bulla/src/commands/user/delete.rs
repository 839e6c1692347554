//! `bulla user delete`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;
use serde_json::json;

use super::{Global, Who};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla user delete ada@example.com
  bulla user delete usr_4fzFrrEFTKCiIbUWkRiFTw --json

Its tokens and sessions end at once. There is no way back; `bulla user disable` has one.";

/// The flags of `bulla user delete`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    who: Who,
}

/// Deletes the account.
///
/// # Errors
/// There is none, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let user = &args.who.user;
    global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::DELETE, &args.who.path(), None).await
        })
        .with_context(|| format!("cannot delete {user}"))?;
    global
        .output()
        .print(&json!({ "deleted": user }), |_| format!("Deleted {user}"))?;
    Ok(ExitCode::SUCCESS)
}
