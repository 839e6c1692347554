//! `bulla ban add`.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use bulla_guard::client::Cidr;
use bulla_server::{
    admin::AddBanRequest,
    config::values::{parse_duration, parse_network},
};
use http::Method;

use super::{Global, until};
use crate::admin_api::Absence;

const EXAMPLES: &str = "\
Examples:
  bulla ban add 203.0.113.7 --for 1h
  bulla ban add 2001:db8:1::/48 --reason \"scrapes the catalogue\"

It is in force at once and kept over a restart. From four hours on, and without --for, connections are dropped before TLS
instead of answered. Addresses in bans.exempt and trusted_proxies cannot be banned.";

/// The flags of `bulla ban add`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// An address, or a range such as 203.0.113.0/24
    #[arg(value_name = "PREFIX", value_parser = parse_network)]
    prefix: Cidr,
    /// For how long, such as 90s, 15m or 7d [default: until it is removed]
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    length: Option<Duration>,
    /// Why, for other administrators
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Bans the prefix.
///
/// # Errors
/// It is exempt, or it cannot be kept.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let prefix = args.prefix;
    let whole = |length: Duration| {
        let seconds = length.as_secs();
        ensure!(
            length.subsec_nanos() == 0 && seconds > 0,
            "--for is in whole seconds, at least one"
        );
        Ok(seconds)
    };
    let request = AddBanRequest {
        prefix: prefix.to_string(),
        seconds: args.length.map(whole).transpose()?,
        reason: args.reason.clone(),
    };
    let body = serde_json::to_value(request)?;
    let ban = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::POST, "/admin/bans", Some(&body)).await
        })
        .with_context(|| format!("cannot ban {prefix}"))?;
    global
        .output()
        .print(&ban, |ban| format!("Banned {prefix} until {}", until(ban)))?;
    Ok(ExitCode::SUCCESS)
}
