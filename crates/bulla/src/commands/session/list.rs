//! `bulla session list`.

use std::process::ExitCode;

use anyhow::Context;
use clap::builder::NonEmptyStringValueParser;
use http::Method;
use serde_json::Value;

use super::Global;
use crate::{
    admin_api::{Absence, segment},
    output::table,
};

const EXAMPLES: &str = "\
Examples:
  bulla session list ada@example.com
  bulla session list ada@example.com --json | jq -r '.sessions[].id'";

/// The flags of `bulla session list`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// An email address, a user name or an id
    #[arg(value_name = "EMAIL|NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    user: String,
}

/// Lists the sessions.
///
/// # Errors
/// There is no such account, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let path = format!("/admin/users/{}/sessions", segment(&args.user));
    let answer = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::GET, &path, None).await
        })
        .with_context(|| format!("cannot list the sessions of {}", args.user))?;
    global.output().print(&answer, |answer| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let columns = [
            "id",
            "created_at",
            "last_used_at",
            "address",
            "user_agent",
            "ended_at",
        ];
        let rows: Vec<_> = answer["sessions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|session| columns.map(|column| text(&session[column])))
            .collect();
        table(
            [
                "SESSION",
                "CREATED",
                "LAST USED",
                "ADDRESS",
                "USER AGENT",
                "ENDED",
            ],
            &rows,
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
