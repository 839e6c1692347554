//! `bulla ban remove`.

use std::process::ExitCode;

use anyhow::Context;
use bulla_guard::client::Cidr;
use bulla_server::config::values::parse_network;
use http::Method;

use super::Global;
use crate::admin_api::{Absence, segment};

const EXAMPLES: &str = "\
Examples:
  bulla ban remove 203.0.113.7
  bulla ban remove 2001:db8:1::/48

What counted against it is forgotten too. A range ends every ban within it; for a single IPv6 address, what its /64, /56 or
/48 was banned for by itself ends as well.";

/// The flags of `bulla ban remove`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// An address, or a range such as 203.0.113.0/24
    #[arg(value_name = "PREFIX", value_parser = parse_network)]
    prefix: Cidr,
}

/// Ends the bans.
///
/// # Errors
/// There is none.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let prefix = args.prefix;
    let path = format!("/admin/bans/{}", segment(&prefix.to_string()));
    let removed = global
        .administrate(Absence::Refused, async |api| {
            api.call(Method::DELETE, &path, None).await
        })
        .with_context(|| format!("cannot lift the ban of {prefix}"))?;
    global.output().print(&removed, |removed| {
        let prefixes = removed["bans"].as_array().into_iter().flatten();
        let prefixes = prefixes.filter_map(|ban| ban["prefix"].as_str());
        let challenged = removed["challenged"].as_array().into_iter().flatten();
        let all: Vec<_> = prefixes
            .chain(challenged.filter_map(|prefix| prefix.as_str()))
            .collect();
        format!("Freed {}", all.join(", "))
    })?;
    Ok(ExitCode::SUCCESS)
}
