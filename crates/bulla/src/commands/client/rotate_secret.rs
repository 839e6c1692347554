//! `bulla client rotate-secret`.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use bulla_server::{admin::RotateSecretRequest, config::values::parse_duration};
use http::Method;

use super::{Global, Which, credentials, seconds, shown_once};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla client rotate-secret billing --keep-older 24h
  bulla client rotate-secret billing --revoke-tokens
  bulla client rotate-secret billing --json | jq -r .client_secret

Without --keep-older the older secret is no longer good. Tokens that the client has go on until they expire, unless
--revoke-tokens ends them.";

/// The flags of `bulla client rotate-secret`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// For how long the older secret is good besides, such as 90s, 12h or 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    keep_older: Option<Duration>,
    /// End the tokens that it has
    #[arg(long)]
    revoke_tokens: bool,
}

/// Replaces the secret.
///
/// # Errors
/// There is no such client, it has keys, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let client = &args.which.client;
    let path = format!("{}/secret", args.which.path());
    let request = serde_json::to_value(RotateSecretRequest {
        keep_older: args.keep_older.map(seconds).transpose()?,
        revoke_tokens: args.revoke_tokens,
    })?;
    let rotated = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::POST, &path, Some(&request)).await
        })
        .with_context(|| format!("cannot replace the secret of {client}"))?;
    let credentials = credentials(&rotated);
    global.output().print(&credentials, shown_once)?;
    Ok(ExitCode::SUCCESS)
}
