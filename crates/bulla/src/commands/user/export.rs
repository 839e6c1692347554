//! `bulla user export`.

use std::process::ExitCode;

use anyhow::Context;
use clap::builder::NonEmptyStringValueParser;
use http::Method;
use serde_json::Value;

use super::Global;
use crate::{
    admin_api::{Absence, AdminApi, segment},
    output::{Output, json, line},
};

const EXAMPLES: &str = "\
Examples:
  bulla user export ada@example.com > ada.json     all that is held about her
  bulla user export > users.ndjson                 about everybody, a line each
  (umask 077; bulla user export --hashes > users.ndjson)    to move to another Bulla: bulla user import

The account, its sessions, its lines of the audit log and its open links; no secrets. With --hashes the
accounts alone, with the hashes of their passwords.";

/// The flags of `bulla user export`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// An email address, a user name or an id [default: everybody]
    #[arg(value_name = "EMAIL|NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// Everybody's account as `bulla user import` takes it, with the hash of the password: keep it like the database
    #[arg(long, conflicts_with = "user")]
    hashes: bool,
}

/// Prints what is held.
///
/// # Errors
/// There is no such user, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let output = global.output();
    match &args.user {
        Some(user) => {
            let export = global
                .administrate(Absence::Refused, async |api| one(api, user).await)
                .with_context(|| format!("cannot export {user}"))?;
            match output {
                Output::Json => line(&json(&export))?,
                Output::Text => line(&serde_json::to_string_pretty(&export)?)?,
            }
        }
        None if args.hashes => global
            .administrate(Absence::Refused, accounts)
            .context("cannot export the users")?,
        None => global
            .administrate(Absence::Refused, everybody)
            .context("cannot export the users")?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(api: &AdminApi, user: &str) -> anyhow::Result<Value> {
    let path = format!("/admin/users/{}/export", segment(user));
    api.call(Method::GET, &path, None).await
}

/// One after another: no more than one of them is in memory.
async fn everybody(api: &AdminApi) -> anyhow::Result<()> {
    let mut page = "/admin/users".to_owned();
    loop {
        let users = api.call(Method::GET, &page, None).await?;
        for user in users["users"].as_array().into_iter().flatten() {
            let id = user["id"].as_str().unwrap_or_default();
            line(&json(&one(api, id).await?))?;
        }
        match users["next"].as_str() {
            Some(next) => page = format!("/admin/users?after={}", segment(next)),
            None => return Ok(()),
        }
    }
}

async fn accounts(api: &AdminApi) -> anyhow::Result<()> {
    let mut page = "/admin/export".to_owned();
    loop {
        let part = api.call(Method::GET, &page, None).await?;
        for user in part["users"].as_array().into_iter().flatten() {
            line(&json(user))?;
        }
        match part["next"].as_str() {
            Some(next) => page = format!("/admin/export?after={}", segment(next)),
            None => return Ok(()),
        }
    }
}
