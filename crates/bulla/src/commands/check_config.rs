//! `bulla check-config`: everything that is wrong with the configuration, and where requests go.

use std::process::ExitCode;

use anyhow::{Context, bail};
use bulla_gateway::route::{Found, RouteTable};
use http::Method;
use serde_json::{Value, json};

use super::Global;
use crate::compose::routes;

const EXAMPLES: &str = "\
Examples:
  bulla check-config
  bulla check-config --config /etc/bulla/bulla.toml --json
  bulla check-config --route \"DELETE /api/users/7\"     who may, and where would it go?

Nothing is started, no file is made. Exit codes: 0 the configuration is good, 1 it is not.";

/// The flags of `bulla check-config`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A request, as in "GET /orders/7": say which route it takes
    #[arg(long, value_name = "REQUEST")]
    route: Option<String>,
}

/// Checks the configuration.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.load_config(Vec::new())?;
    let table = routes::table(&config, &routes::Services::placeholders())?;
    let mut checked = json!({ "valid": true, "routes": table.routes().len() });
    if let Some(request) = &args.route {
        checked["route"] = found(&table, request)?;
    }
    global
        .output()
        .print(&checked, |checked| match checked.get("route") {
            None => "The configuration is good.".to_owned(),
            Some(Value::Null) => "No route has this path: 404.".to_owned(),
            Some(route) => format!("{route:#}"),
        })?;
    Ok(ExitCode::SUCCESS)
}

fn found(table: &RouteTable, request: &str) -> anyhow::Result<Value> {
    let (method, path) = request
        .split_once(' ')
        .context("a request is a method and a path, as in \"GET /orders/7\"")?;
    let method = Method::from_bytes(method.as_bytes()).context("that is no method")?;
    if !path.starts_with('/') {
        bail!("a path begins with `/`, and {path:?} does not");
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    Ok(match table.find(None, path, &method) {
        Found::Route(_, route) => routes::describe(route),
        Found::OtherMethods(allow) => json!({ "refused": 405, "allow": allow.to_str().ok() }),
        Found::Nothing => Value::Null,
    })
}
