//! `bulla migrate`: brings the database up to this version. `bulla serve` does it too.

use std::process::ExitCode;

use bulla_server::issuer::InProcess;
use serde_json::json;

use super::Global;
use crate::compose::{
    self, data,
    store::{self, OpenStore},
};

const EXAMPLES: &str = "\
Example:
  systemctl stop bulla && bulla migrate && systemctl start bulla

No server may run on the data folder. Migrations only go forward. A database of a newer Bulla is refused and stays as it is.";

/// The flags of `bulla migrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Opens the database, which migrates it, and closes it again.
///
/// # Errors
/// The configuration is wrong, a server is running, or the database is damaged or too new.
pub(crate) fn run(_args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.load_config(Vec::new())?;
    let held = data::hold_folder()?;
    compose::run(async {
        let (_, store) = OpenStore::open(&config, &held, &InProcess::default()).await?;
        store.close().await
    })?;
    let database = store::name(&config);
    global
        .output()
        .print(&json!({ "database": database, "current": true }), |_| {
            format!("{database} is up to date.")
        })?;
    Ok(ExitCode::SUCCESS)
}
