//! `bulla user list`.

use std::process::ExitCode;

use anyhow::Context;
use http::Method;
use serde_json::{Value, json};

use super::Global;
use crate::{
    admin_api::{Absence, AdminApi, segment},
    output::{list_of, table},
};

const EXAMPLES: &str = "\
Examples:
  bulla user list
  bulla user list --query ada@
  bulla user list --json | jq -r '.users[] | select(.roles | index(\"admin\")) | .email'";

/// The flags of `bulla user list`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only those whose email address or user name begins so
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
}

/// Lists the accounts.
///
/// # Errors
/// The store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let query = args.query.as_deref();
    let users = global
        .administrate(Absence::Refused, async |api| all(api, query).await)
        .context("cannot list the users")?;
    global.output().print(&json!({ "users": users }), |_| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let row = |user: &Value| {
            [
                text(&user["email"]),
                text(&user["username"]),
                list_of(&user["roles"]),
                text(&user["plan"]),
                text(&user["id"]),
            ]
        };
        let rows: Vec<_> = users.iter().map(row).collect();
        table(["EMAIL", "NAME", "ROLES", "PLAN", "ID"], &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// All accounts, or those that are called so, page by page.
async fn all(api: &AdminApi, query: Option<&str>) -> anyhow::Result<Vec<Value>> {
    let mut users = Vec::new();
    let query = query.map_or(String::new(), |query| format!("query={}&", segment(query)));
    let mut page = format!("/admin/users?{query}limit=100");
    loop {
        let mut answer = api.call(Method::GET, &page, None).await?;
        if let Some(more) = answer["users"].as_array_mut() {
            users.append(more);
        }
        match answer["next"].as_str() {
            Some(next) => page = format!("/admin/users?{query}limit=100&after={}", segment(next)),
            None => return Ok(users),
        }
    }
}
