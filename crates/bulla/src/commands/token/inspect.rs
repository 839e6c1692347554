//! `bulla token inspect`: what a token says. Nothing of it is trusted.

use std::process::ExitCode;

use anyhow::Context;
use bulla_jose::jwt::UnverifiedJwt;
use serde_json::{Map, Value, json};

use super::{paint::Paint, source, time};
use crate::commands::Global;

const EXAMPLES: &str = "\
Examples:
  bulla token inspect eyJhbGciOiJFUzI1NiIs…
  echo \"$TOKEN\" | bulla token inspect --json

The signature is not checked: anybody can write such a token. `bulla token verify` checks it, and
`bulla token explain` says what is wrong with it.";

/// The flags of `bulla token inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The token [default: standard input, which no other process can read along]
    token: Option<String>,
}

/// Prints header and claims of the token.
///
/// # Errors
/// It is no JWT.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let token = source::token(args.token.as_deref())?;
    let jwt = UnverifiedJwt::decode(&token).context("this is no JWT")?;
    let header: Map<String, Value> =
        serde_json::from_str(jwt.header_json()).context("the header cannot be shown")?;
    let claims: Map<String, Value> = jwt
        .dangerous_claims_without_verification()
        .context("the claims cannot be shown")?;
    let paint = Paint::of_standard_output();
    let seen = json!({ "verified": false, "header": header, "claims": claims });
    global.output().print(&seen, |_| {
        format!(
            "{}{}{}",
            section(paint, "header", &header),
            section(paint, "claims", &claims),
            paint.red("Not verified: this is only what the token says."),
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn section(paint: Paint, title: &str, members: &Map<String, Value>) -> String {
    // Somebody else chose the names: one long one must not make every line as long.
    const WIDEST: usize = 24;
    let longest = |name: &String| name.escape_debug().count();
    let width = members.keys().map(longest).max().unwrap_or(0).min(WIDEST);
    let mut text = format!("{}\n", paint.bold(title));
    for (name, value) in members {
        let shown = name.escape_debug().to_string();
        let gap = " ".repeat(width.saturating_sub(shown.chars().count()));
        let (value, words) = (said(value), in_words(name, value));
        let words = words.map_or_else(String::new, |words| format!("  {}", paint.faint(&words)));
        text.push_str(&format!("  {}{gap}  {value}{words}\n", paint.cyan(&shown)));
    }
    text
}

/// Somebody else wrote it: nothing in it may reach the terminal as a command. Quotes and
/// backslashes stay as they are.
fn said(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let visible = |character: char| match character {
        '"' | '\'' | '\\' => character.to_string(),
        other => other.escape_debug().to_string(),
    };
    text.chars().map(visible).collect()
}

fn in_words(name: &str, value: &Value) -> Option<String> {
    let is_time = ["exp", "nbf", "iat", "auth_time"].contains(&name);
    let seconds = value.as_u64().filter(|_| is_time)?;
    time::in_words(seconds, time::now())
}
