//! `bulla client list`.

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
  bulla client list
  bulla client list --json | jq -r '.clients[] | select(.disabled) | .name'";

/// The flags of `bulla client list`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Lists the clients.
///
/// # Errors
/// The store failed.
pub(crate) fn run(_args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let clients = global
        .administrate(Absence::Refused, all)
        .context("cannot list the clients")?;
    global.output().print(&json!({ "clients": clients }), |_| {
        let row = |client: &Value| {
            let text = |member: &str| client[member].as_str().unwrap_or("-").to_owned();
            let state = match client["disabled"].as_bool() {
                Some(true) => "disabled",
                _ => "enabled",
            };
            [
                text("name"),
                list_of(&client["scopes"]),
                state.to_owned(),
                text("client_id"),
            ]
        };
        let rows: Vec<_> = clients.iter().map(row).collect();
        table(["NAME", "SCOPES", "STATE", "ID"], &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// All clients, page by page.
async fn all(api: &AdminApi) -> anyhow::Result<Vec<Value>> {
    let mut clients = Vec::new();
    let mut page = "/admin/clients".to_owned();
    loop {
        let mut answer = api.call(Method::GET, &page, None).await?;
        if let Some(more) = answer["clients"].as_array_mut() {
            clients.append(more);
        }
        match answer["next"].as_str() {
            Some(next) => page = format!("/admin/clients?after={}", segment(next)),
            None => return Ok(clients),
        }
    }
}
