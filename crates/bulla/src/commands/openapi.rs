//! `bulla openapi`: the description of the HTTP API, as the server serves it.

use std::process::ExitCode;

use crate::output;

const EXAMPLES: &str = "\
Examples:
  bulla openapi > openapi.json
  bulla openapi | jq '.paths | keys'";

/// The flags of `bulla openapi`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Prints the OpenAPI 3.1 document.
///
/// # Errors
/// Standard output fails.
pub(crate) fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    output::line(&bulla_server::routes::openapi::document())?;
    Ok(ExitCode::SUCCESS)
}
