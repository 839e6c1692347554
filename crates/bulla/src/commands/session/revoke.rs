//! `bulla session revoke`.

use std::process::ExitCode;

use anyhow::Context;
use clap::builder::NonEmptyStringValueParser;
use http::Method;
use serde_json::json;

use super::Global;
use crate::admin_api::{Absence, segment};

const EXAMPLES: &str = "\
Example:
  bulla session revoke wL2q0cT2S6yJ3d1n0m8h5A

Its access tokens are refused from the next request on, its refresh token too.";

/// The flags of `bulla session revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The session's id, as `bulla session list` shows it
    // One id in 64 begins with a hyphen.
    #[arg(allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    session: String,
}

/// Ends the session.
///
/// # Errors
/// There is none, or it has ended already, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let session = &args.session;
    let path = format!("/admin/sessions/{}", segment(session));
    global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::DELETE, &path, None).await
        })
        .with_context(|| format!("cannot revoke the session {session}"))?;
    global.output().print(&json!({ "revoked": session }), |_| {
        format!("Revoked {session}")
    })?;
    Ok(ExitCode::SUCCESS)
}
