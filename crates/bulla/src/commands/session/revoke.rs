//! `bulla session revoke`.

use std::process::ExitCode;

use anyhow::Context;
use clap::builder::NonEmptyStringValueParser;
use http::Method;
use serde_json::json;

use super::Global;
use crate::admin_api::{Absence, segment};

const EXAMPLES: &str = "\
Examples:
  bulla session revoke wL2q0cT2S6yJ3d1n0m8h5A
  bulla session revoke --all

Its access tokens are refused from the next request on, its refresh token too.
--all: everybody has to sign in again. Refresh tokens from before are good for nothing, whatever the database says of their
sessions: so this is what to do after a PostgreSQL was restored from a backup. Tokens of clients and visitors are not sessions.";

/// The flags of `bulla session revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The session's id, as `bulla session list` shows it
    // One id in 64 begins with a hyphen.
    #[arg(allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new(), required_unless_present = "all")]
    session: Option<String>,
    /// All sessions of all accounts
    #[arg(long, conflicts_with = "session")]
    all: bool,
}

/// Ends the session, or all of them.
///
/// # Errors
/// There is none, or it has ended already, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    match &args.session {
        Some(session) => one(session, global),
        None => all(global),
    }
}

fn one(session: &str, global: &Global) -> anyhow::Result<ExitCode> {
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

fn all(global: &Global) -> anyhow::Result<ExitCode> {
    let answer = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::DELETE, "/admin/sessions", None).await
        })
        .context("cannot revoke all sessions")?;
    global.output().print(&answer, |answer| {
        format!(
            "Revoked all sessions; {} had not ended before.",
            answer["ended"]
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
