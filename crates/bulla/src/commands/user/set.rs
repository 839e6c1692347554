//! `bulla user set`.

use std::process::ExitCode;

use anyhow::Context;
use bulla_server::admin::EditUserRequest;
use clap::ArgGroup;
use http::Method;
use serde_json::{Map, Value};

use super::{Global, Who, line};
use crate::{admin_api::Absence, commands::password};

const EXAMPLES: &str = "\
Examples:
  bulla user set ada@example.com --role admin --role editor    these roles, no others
  bulla user set ada@example.com --no-roles
  bulla user set ada@example.com --plan pro --now
  bulla user set ada@example.com --claims '{\"team_id\":\"t-7\"}'
  pass show ada | bulla user set ada@example.com --password-stdin

A role that is taken away and a new password end older tokens at once; a new password ends the
sessions too. A granted role, a new plan and new claims count from the next refresh, or with --now
at once.";

/// The flags of `bulla user set`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("change").required(true).multiple(true))]
pub(crate) struct Args {
    #[command(flatten)]
    who: Who,
    /// A role they have from now on (may be repeated); all others are taken away
    #[arg(
        long = "role",
        value_name = "ROLE",
        conflicts_with = "no_roles",
        group = "change"
    )]
    roles: Vec<String>,
    /// Take all roles away
    #[arg(long, group = "change")]
    no_roles: bool,
    /// Their plan
    #[arg(long, group = "change")]
    plan: Option<String>,
    /// Claims of their own in every token, as a JSON object; it replaces the one before
    #[arg(long, value_name = "JSON", value_parser = object, group = "change")]
    claims: Option<Map<String, Value>>,
    /// What to call them; empty: nothing
    #[arg(long, group = "change")]
    name: Option<String>,
    /// Read a new password from standard input
    #[arg(long, group = "change")]
    password_stdin: bool,
    /// Let it count at once: tokens from before are refused, and have to be refreshed
    #[arg(long, group = "change")]
    now: bool,
}

/// Changes the account.
///
/// # Errors
/// There is none, something is not acceptable, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let change = serde_json::to_value(args.change()?)?;
    let user = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::PATCH, &args.who.path(), Some(&change))
                .await
        })
        .with_context(|| format!("cannot change {}", args.who.user))?;
    global
        .output()
        .print(&user, |user| format!("Changed {}", line(user)))?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn change(&self) -> anyhow::Result<EditUserRequest> {
        let roles = self.no_roles || !self.roles.is_empty();
        let password = self.password_stdin.then(password::from_standard_input);
        let change = EditUserRequest {
            roles: roles.then(|| self.roles.clone()),
            plan: self.plan.clone(),
            claims: self.claims.clone(),
            name: self
                .name
                .clone()
                .map(|name| Some(name).filter(|name| !name.is_empty())),
            password: password.transpose()?,
            now: self.now,
        };
        Ok(change)
    }
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}
