//! `bulla user add`.

use std::process::ExitCode;

use anyhow::Context;
use bulla_server::admin::CreateUserRequest;
use http::Method;

use super::{Global, line};
use crate::{admin_api::Absence, commands::password};

const EXAMPLES: &str = "\
Examples:
  bulla user add you@example.com --role admin          asks for a password
  pass show bulla | bulla user add you@example.com --password-stdin
  bulla user add --username ada --role editor --role author --json";

/// The flags of `bulla user add`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What they sign in with
    #[arg(required_unless_present = "username")]
    email: Option<String>,
    /// A user name, instead or as well
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// What to call them
    #[arg(long)]
    name: Option<String>,
    /// A role they have (may be repeated)
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Their plan [default: free]
    #[arg(long)]
    plan: Option<String>,
    /// Read the password from standard input; without it, it is asked for on a terminal, else made
    #[arg(long)]
    password_stdin: bool,
}

/// Makes the account.
///
/// # Errors
/// The name is taken, something is not acceptable, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let name = args
        .email
        .as_ref()
        .or(args.username.as_ref())
        .map_or("", String::as_str);
    let account = serde_json::to_value(args.account(name)?)?;
    let mut created = global
        .administrate(Absence::Repaired, async |api| {
            api.call(Method::POST, "/admin/users", Some(&account)).await
        })
        .with_context(|| format!("cannot add {name}"))?;
    let mut user = created["user"].take();
    if created["generated_password"].is_string() {
        user["password"] = created["generated_password"].take();
    }
    global
        .output()
        .print(&user, |user| match user["password"].as_str() {
            Some(password) => format!(
                "Added {}\npassword  {password}  (shown only once; `bulla user set {name} \
             --password-stdin` changes it)",
                line(user)
            ),
            None => format!("Added {}", line(user)),
        })?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn account(&self, name: &str) -> anyhow::Result<CreateUserRequest> {
        let password = if self.password_stdin {
            Some(password::from_standard_input()?)
        } else {
            password::asked_for(name)?
        };
        Ok(CreateUserRequest {
            email: self.email.clone(),
            username: self.username.clone(),
            password,
            name: self.name.clone(),
            roles: self.roles.clone(),
            plan: self.plan.clone(),
            claims: serde_json::Map::new(),
        })
    }
}
