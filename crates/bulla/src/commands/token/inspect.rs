//! `bulla token inspect`: what a token says. Nothing of it is trusted.

use std::{
    io::{self, Read},
    process::ExitCode,
};

use anyhow::Context;
use bulla_jose::jwt::UnverifiedJwt;
use serde_json::{Value, json};

use crate::commands::Global;

const EXAMPLES: &str = "\
Examples:
  bulla token inspect eyJhbGciOiJFUzI1NiIs…
  echo \"$TOKEN\" | bulla token inspect --json

The signature is not checked: anybody can write such a token. `bulla token verify` checks it.";

/// The flags of `bulla token inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The token [default: standard input, which no other process can read along]
    token: Option<String>,
}

/// Prints header and claims of the token.
///
/// # Errors
/// It is no JWT.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let token = match &args.token {
        Some(token) => token.clone(),
        None => from_standard_input()?,
    };
    let jwt = UnverifiedJwt::decode(&token).context("this is no JWT")?;
    let header: Value = serde_json::from_str(jwt.header_json()).context("this is no JWT")?;
    let claims: Value = jwt
        .dangerous_claims_without_verification()
        .context("this is no JWT")?;
    let seen = json!({ "verified": false, "header": header, "claims": claims });
    global.output().print(&seen, |seen| {
        format!(
            "header {:#}\nclaims {:#}\nNot verified: this is only what the token says.",
            seen["header"], seen["claims"]
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn from_standard_input() -> anyhow::Result<String> {
    let mut token = String::new();
    io::stdin()
        .lock()
        .read_to_string(&mut token)
        .context("standard input holds no text")?;
    Ok(token.trim().to_owned())
}
