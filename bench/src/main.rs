//! Figures of the real binary beside a yardstick, measured in one run and printed as ratios.

mod binary;
mod client;
mod connections;
mod gateway;
mod handshake;
mod import;
mod limits;
mod login;
mod login_flood;
mod prefixes;
mod process;
mod refresh;
mod report;
mod rotation;
mod start;
mod verify;
mod wrk;

use anyhow::{Result, bail};

use crate::report::Report;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    arguments.retain(|argument| argument != "--json");
    if arguments.is_empty() {
        arguments = [
            "start",
            "verify",
            "gateway",
            "connections",
            "login",
            "refresh",
            "rotation",
            "handshake",
            "limits",
            "prefixes",
            "import",
        ]
        .map(String::from)
        .into();
    }
    let report = Report::new(json);
    for name in arguments {
        match name.as_str() {
            "start" => start::measure(&report).await?,
            "verify" => verify::measure(&report)?,
            "gateway" => gateway::measure(&report).await?,
            "connections" => connections::measure(&report).await?,
            "login" => login::measure(&report).await?,
            "refresh" => refresh::measure(&report).await?,
            "rotation" => rotation::measure(&report).await?,
            "handshake" => handshake::measure(&report).await?,
            "limits" => limits::measure(&report).await?,
            "prefixes" => prefixes::measure(&report).await?,
            "import" => import::measure(&report).await?,
            other => {
                bail!(
                    "no benchmark is called {other}: start, verify, gateway, connections, login, refresh, rotation, handshake, limits, prefixes, import"
                )
            }
        }
    }
    Ok(())
}
