//! `bulla client add`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use bulla_server::{admin::CreateClientRequest, config::values::parse_duration};
use clap::builder::NonEmptyStringValueParser;
use http::Method;

use super::{Global, credentials, public_keys, seconds, shown_once};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla client add billing --scope orders:read --scope orders:write
  bulla client add billing --audience https://ledger.example.com --lifetime 5m
  bulla client add billing --json | jq -r .client_secret
  bulla keys generate --out billing.pem --jwks billing.json && bulla client add billing --jwks billing.json

The secret is shown only once. Its client asks for tokens with it:
  curl -u ID:SECRET -d grant_type=client_credentials URL/oauth2/token";

/// The flags of `bulla client add`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What it is called; no other client is called the same
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// A scope that it may ask for (may be repeated)
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Whom its tokens may be for (may be repeated); the first unless it asks for another [default: tokens.audience]
    #[arg(long = "audience", value_name = "AUDIENCE")]
    audiences: Vec<String>,
    /// A file with its public keys, a JWK set: it proves itself by these instead of a secret
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// How long its access tokens live, such as 90s or 5m; a day at most [default: tokens.access_lifetime]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    lifetime: Option<Duration>,
}

/// Makes the client.
///
/// # Errors
/// Another one is called so, something is not acceptable, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let name = &args.name;
    let request = serde_json::to_value(CreateClientRequest {
        name: name.clone(),
        scopes: args.scopes.clone(),
        audiences: args.audiences.clone(),
        access_lifetime: args.lifetime.map(seconds).transpose()?,
        public_keys: args.jwks.as_deref().map(public_keys).transpose()?,
    })?;
    let created = global
        .administrate(Absence::Repaired, async |api| {
            api.call(Method::POST, "/admin/clients", Some(&request))
                .await
        })
        .with_context(|| format!("cannot add {name}"))?;
    let credentials = credentials(&created);
    global.output().print(&credentials, |credentials| {
        format!("Added {name}\n{}", shown_once(credentials))
    })?;
    Ok(ExitCode::SUCCESS)
}
