//! `bulla keys list`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;

use super::{Global, shown};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla keys list
  bulla keys list --json | jq -r '.keys[] | select(.state == \"active\") | .kid'

--json also lists keys that are no more.";

/// The flags of `bulla keys list`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Lists the keys.
///
/// # Errors
/// The data folder cannot be used.
pub(crate) fn run(_args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let answer = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::GET, "/admin/keys", None).await
        })
        .context("cannot list the signing keys")?;
    global.output().print(&answer, shown)?;
    Ok(ExitCode::SUCCESS)
}
