//! `bulla keys revoke`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;

use super::{Global, shown};
use crate::admin_api::{Absence, segment};

const EXAMPLES: &str = "\
Examples:
  bulla keys revoke ZEgwj5v2r0u1v0zD0cN5nJYV2n2Qq3Yc1vX3b5kqk7o

For a key that somebody else may have. All its tokens are refused at every gateway from now on, and it leaves the JWK set. If it is
the key that signs, the next one signs at once. Nobody is signed out: the next refresh brings a token of the new key.";

/// The flags of `bulla keys revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The key's ID, as `bulla keys list` shows it
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: String,
}

/// Revokes the key.
///
/// # Errors
/// There is none.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let path = format!("/admin/keys/{}/revoke", segment(&args.kid));
    let answer = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::POST, &path, None).await
        })
        .with_context(|| format!("cannot revoke {}", args.kid))?;
    global.output().print(&answer, shown)?;
    Ok(ExitCode::SUCCESS)
}
