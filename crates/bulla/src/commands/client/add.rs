//! `bulla client add`.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use bulla_server::{admin::CreateClientRequest, config::values::parse_duration};
use clap::builder::NonEmptyStringValueParser;
use http::Method;
use serde_json::json;

use super::{Global, seconds};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla client add billing --scope orders:read --scope orders:write
  bulla client add billing --audience https://ledger.example.com --lifetime 5m
  bulla client add billing --json | jq -r .client_secret

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
    })?;
    let created = global
        .administrate(Absence::Repaired, async |api| {
            api.call(Method::POST, "/admin/clients", Some(&request))
                .await
        })
        .with_context(|| format!("cannot add {name}"))?;
    let credentials = json!({
        "client_id": created["client"]["client_id"],
        "client_secret": created["client_secret"],
    });
    global.output().print(&credentials, |credentials| {
        let text = |member: &str| credentials[member].as_str().unwrap_or_default().to_owned();
        format!(
            "Added {name}\nclient_id      {}\nclient_secret  {}  (shown only once)",
            text("client_id"),
            text("client_secret")
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
