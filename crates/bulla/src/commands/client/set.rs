//! `bulla client set`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use bulla_server::{admin::EditClientRequest, config::values::parse_duration};
use clap::ArgGroup;
use http::Method;

use super::{Global, Which, line, public_keys, seconds};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla client set billing --scope orders:read          this scope, no others
  bulla client set billing --lifetime 5m
  bulla client set billing --disable

A scope or audience that is taken away ends the client's tokens at once, and so does --disable. What is granted counts from
the next token.";

/// The flags of `bulla client set`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("change").required(true).multiple(true))]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// What it is called from now on
    #[arg(long, group = "change")]
    name: Option<String>,
    /// A scope that it may ask for from now on (may be repeated); all others are taken away
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        conflicts_with = "no_scopes",
        group = "change"
    )]
    scopes: Vec<String>,
    /// Take all scopes away
    #[arg(long, group = "change")]
    no_scopes: bool,
    /// Whom its tokens may be for from now on (may be repeated); all others are taken away
    #[arg(
        long = "audience",
        value_name = "AUDIENCE",
        conflicts_with = "default_audience",
        group = "change"
    )]
    audiences: Vec<String>,
    /// Its tokens are for whom everybody's are
    #[arg(long, group = "change")]
    default_audience: bool,
    /// How long its access tokens live, such as 90s or 5m; a day at most
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, conflicts_with = "default_lifetime", group = "change")]
    lifetime: Option<Duration>,
    /// Its access tokens live as long as everybody's
    #[arg(long, group = "change")]
    default_lifetime: bool,
    /// A file with its public keys, a JWK set: from now on it proves itself by these, and by nothing else
    #[arg(long, value_name = "FILE", group = "change")]
    jwks: Option<PathBuf>,
    /// End the tokens that it has
    #[arg(long, group = "change")]
    revoke_tokens: bool,
    /// Give it no tokens, and end those it has
    #[arg(long, conflicts_with = "enable", group = "change")]
    disable: bool,
    /// Give it tokens again
    #[arg(long, group = "change")]
    enable: bool,
}

/// Changes the client.
///
/// # Errors
/// There is none, something is not acceptable, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let change = serde_json::to_value(args.change()?)?;
    let client = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::PATCH, &args.which.path(), Some(&change))
                .await
        })
        .with_context(|| format!("cannot change {}", args.which.client))?;
    global
        .output()
        .print(&client, |client| format!("Changed {}", line(client)))?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn change(&self) -> anyhow::Result<EditClientRequest> {
        let scopes = self.no_scopes || !self.scopes.is_empty();
        let audiences = self.default_audience || !self.audiences.is_empty();
        let lifetime = self.lifetime.map(seconds).transpose()?;
        Ok(EditClientRequest {
            name: self.name.clone(),
            scopes: scopes.then(|| self.scopes.clone()),
            audiences: audiences.then(|| self.audiences.clone()),
            access_lifetime: (self.default_lifetime || lifetime.is_some()).then_some(lifetime),
            disabled: (self.disable || self.enable).then_some(self.disable),
            public_keys: self.jwks.as_deref().map(public_keys).transpose()?,
            revoke_tokens: self.revoke_tokens,
        })
    }
}
