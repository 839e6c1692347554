//! `bulla token explain`: every check in its order, what passed, what failed, and what to do about it.

mod advice;
mod check;

use std::process::ExitCode;

use serde_json::json;

use self::check::{Check, Checked, Outcome};
use super::{judge::Refused, paint::Paint, source, time};
use crate::{
    commands::{Global, acceptance::Acceptance},
    failure,
};

const EXAMPLES: &str = "\
Examples:
  bulla token explain \"$TOKEN\" --jwks http://127.0.0.1:8080/.well-known/jwks.json \\
      --issuer http://127.0.0.1:8080 --audience api
  echo \"$TOKEN\" | bulla token explain --jwks keys.json --issuer I --audience A --json

Did it expire, was it tampered with, or was it rightly refused? What the signature does not vouch for is not
looked at: after a bad signature no claim means anything.

Exit codes: 0 the token is good, 1 it is not, 2 no verdict: wrong usage, a key set, standard input or output that
fails.";

/// The flags of `bulla token explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The token [default: standard input, which no other process can read along]
    token: Option<String>,
    #[command(flatten)]
    acceptance: Acceptance,
    /// The time to judge by, in seconds since 1970 [default: now]
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
}

/// Explains the token.
///
/// # Errors
/// None: what fails is reported here, with exit code 2.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    Ok(match is_good(args, global) {
        Ok(good) => ExitCode::from(u8::from(!good)),
        Err(error) => failure::report_no_verdict(&error, global.output()),
    })
}

fn is_good(args: &Args, global: &Global) -> anyhow::Result<bool> {
    let acceptance = &args.acceptance;
    let keys = acceptance.jwks.load(acceptance.algorithms())?;
    let token = source::token(args.token.as_deref())?;
    let now = args.now.unwrap_or_else(time::now);
    let checked = check::all(&token, &keys, acceptance, now);
    let first = checked.iter().find_map(Checked::error);
    let explained = json!({
        "valid": first.is_none(),
        "code": first.map(Refused::code),
        "checks": checked.iter().map(Checked::to_json).collect::<Vec<_>>(),
    });
    global.output().print(&explained, |_| {
        in_lines(&checked, Paint::of_standard_output())
    })?;
    Ok(first.is_none())
}

fn in_lines(checked: &[Checked], paint: Paint) -> String {
    let width = Check::ALL
        .map(|check| check.title().len())
        .into_iter()
        .max();
    let mut text = String::new();
    for Checked { check, outcome } in checked {
        let title = format!("{:<1$}", check.title(), width.unwrap_or(0));
        let line = match outcome {
            Outcome::Passed(found) => format!("{}  {title}  {found}", paint.green("ok  ")),
            Outcome::NotReached => {
                format!("{}  {}", paint.faint("-   "), paint.faint(title.trim_end()))
            }
            Outcome::Failed { error, advice } => format!(
                "{}  {}  {error} ({})\n      {}",
                paint.red("FAIL"),
                paint.bold(&title),
                error.code(),
                advice,
            ),
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let failed = checked.iter().any(|checked| checked.error().is_some());
    let verdict = if failed {
        paint.red("The token is refused, and rightly so.")
    } else {
        paint.green("The token is good.")
    };
    format!("{text}{verdict}")
}
