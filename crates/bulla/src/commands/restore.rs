//! `bulla restore`.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use bulla_server::{
    backup::{Kept, RestoreError, RestoreTarget, Restored, restore},
    config,
    data_folder::MasterKeySource,
    issuer::{OperatingSystemEntropy, SystemClock},
};
use serde_json::{Value, json};

use super::Global;
use crate::compose::{self, data, settings};

const EXAMPLES: &str = "\
Examples:
  bulla restore /mnt/backups/bulla-2026-01-31.backup
  age -d -i key.txt bulla.backup.age | bulla restore -

No server may run on the data folder. The backup is read and examined as a whole before anything is replaced, and the database that
was there stays beside it, as bulla.db.replaced-TIME.

All sessions end, and all signing keys are revoked and made anew: no token from before is good any more, wherever it is. Whoever
signed in goes on signing in; services ask for new tokens with their secrets. What was changed since the backup is undone: passwords,
roles, disabled accounts, secrets of clients.

--keep-sessions: nobody has to sign in again, and the keys stay, too. To move to another machine: stop the server, back up, restore
there. If there is a database in the place, what has ended or was revoked in it since the backup stays so.
--keep-keys: sessions end, and the keys stay: for keys of one's own that others verify or sign by, too. Access tokens of sessions that
were opened after the backup are good until their end then.";

/// The flags of `bulla restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The backup; `-`: standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Let the sessions of the backup go on, and with them its signing keys
    #[arg(long)]
    keep_sessions: bool,
    /// Let the signing keys of the backup go on, as --keep-sessions does too
    #[arg(long)]
    keep_keys: bool,
}

/// Restores the backup.
///
/// # Errors
/// A server is running, the backup is damaged or of a newer version, or its master key is another one or missing: nothing has
/// changed then.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.load_config(Vec::new())?;
    let config::Store::Sqlite { path: database } = &config.store else {
        return Err(RestoreError::Postgres.into());
    };
    let backup: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let unreadable = |source| RestoreError::Inaccessible {
            path: args.file.clone(),
            source,
        };
        Box::new(File::open(&args.file).map_err(unreadable)?)
    };
    let held = data::hold_folder()?;
    let target = RestoreTarget {
        database,
        folder: &held,
        master_key: &MasterKeySource::from_environment(&compose::environment())?,
        settings: &settings::issuer(&config),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OperatingSystemEntropy),
    };
    let kept = match (args.keep_sessions, args.keep_keys) {
        (true, _) => Kept::SessionsAndKeys,
        (false, true) => Kept::Keys,
        (false, false) => Kept::Nothing,
    };
    let restored = compose::run(async { Ok(restore(backup, &target, kept, |_| {}).await?) })?;
    let report = report(&restored, database);
    global.output().print(&report, text)?;
    Ok(ExitCode::SUCCESS)
}

fn report(restored: &Restored, database: &Path) -> Value {
    json!({
        "database": database, "made_at": restored.manifest.made_at, "made_by": restored.manifest.version,
        "replaced": restored.aside, "sessions_ended": restored.changed.sessions_ended,
        "keys_revoked": restored.changed.keys_revoked, "master_key_installed": restored.installed_key,
    })
}

fn text(report: &Value) -> String {
    let part = |name: &str| report[name].as_str().unwrap_or_default().to_owned();
    let mut text = format!(
        "Restored {} from the backup of {}: {} sessions ended, {} signing keys revoked.",
        part("database"),
        part("made_at"),
        report["sessions_ended"],
        report["keys_revoked"]
    );
    if report["replaced"].is_string() {
        text.push_str(&format!(
            "\nThe database that was there is {}: remove it once it is not needed any more.",
            part("replaced")
        ));
    }
    if report["master_key_installed"] == true {
        text.push_str("\nThe master key came out of the backup.");
    }
    text
}
