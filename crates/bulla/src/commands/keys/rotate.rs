//! `bulla keys rotate`.

use std::process::ExitCode;

use anyhow::Context;
use bulla_server::admin::RotateKeysRequest;
use http::Method;

use super::{Global, shown};
use crate::admin_api::{Absence, Refused};

const EXAMPLES: &str = "\
Examples:
  bulla keys rotate
  bulla keys rotate --now

The next key signs, and a new one is published as the next. The old one stays in the JWK set until its last token has ended.
--now: also if the next key has been published for less than keys.publish_ahead. Bulla's own gateway knows it in any case; who
keeps the JWK set for longer than that refuses its first tokens.";

/// The flags of `bulla keys rotate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Even if the next key has not been published for keys.publish_ahead
    #[arg(long)]
    now: bool,
}

/// Rotates the keys.
///
/// # Errors
/// The next key is too young.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let request = serde_json::to_value(RotateKeysRequest { now: args.now })?;
    let answer = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::POST, "/admin/keys/rotate", Some(&request))
                .await
        })
        .map_err(|error| match error.downcast::<Refused>() {
            Ok(refused) => refused.naming_flag("now", "--now").into(),
            Err(error) => error,
        })
        .context("cannot rotate the signing keys")?;
    global.output().print(&answer, shown)?;
    Ok(ExitCode::SUCCESS)
}
