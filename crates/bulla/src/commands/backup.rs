//! `bulla backup`.

use std::{
    io::{self, BufWriter, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::bail;
use bulla_core::ports::Clock;
use bulla_server::{
    backup::{BackupError, BackupFile, BackupSource, Manifest, Snapshot, folder_for_copies},
    config,
    data_folder::MasterKeySource,
    issuer::SystemClock,
};
use serde_json::{Value, json};

use super::Global;
use crate::{
    compose::{self, data::DATA_FOLDER},
    output,
};

const EXAMPLES: &str = "\
Examples:
  bulla backup /mnt/backups/bulla-$(date +%F).backup
  bulla backup - | age -r age1… > bulla.backup.age

A server may run meanwhile: the backup is what its database holds at one moment, whole. It replaces nothing without --force, and
with it nothing but a backup. It is in its place once it is on disk, and nothing else is left, even if the command is killed.
`bulla restore FILE` brings it back.

The master key is not in it, and without that key it is good for nothing: keep bulla-data/master.key somewhere else, once.
With --with-key it is, and whoever reads the file can sign tokens.

A PostgreSQL has its own tools: see docs/backup.md.";

/// The flags of `bulla backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file to write; `-`: standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put the master key into it
    #[arg(long)]
    with_key: bool,
    /// Replace the file if it is a backup
    #[arg(long)]
    force: bool,
}

/// Makes the backup.
///
/// # Errors
/// There is no SQLite database, it cannot be read, the master key is missing or another one, or the file cannot be written.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.load_config(Vec::new())?;
    let config::Store::Sqlite { path: database } = &config.store else {
        return Err(BackupError::Postgres.into());
    };
    let folder = Path::new(DATA_FOLDER);
    let source = MasterKeySource::from_environment(&compose::environment())?;
    let master_key = source.read(folder)?.ok_or(BackupError::MasterKeyMissing)?;
    let source = BackupSource {
        database,
        master_key: &master_key,
        with_key: args.with_key,
        now: SystemClock.now(),
    };
    if args.file == Path::new("-") {
        to_standard_output(&source)?;
    } else {
        let manifest = to_file(&source, args)?;
        let made = report(&manifest, &args.file, args.with_key);
        global.output().print(&made, text)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn to_file(source: &BackupSource<'_>, args: &Args) -> anyhow::Result<Manifest> {
    let file = BackupFile::at(&args.file, args.force)?;
    let snapshot = Snapshot::take(source, file.folder())?;
    snapshot.save(&file)?;
    Ok(snapshot.manifest().clone())
}

fn to_standard_output(source: &BackupSource<'_>) -> anyhow::Result<()> {
    let out = io::stdout().lock();
    if out.is_terminal() {
        bail!("a backup is no text for a terminal: send it to a file or a program");
    }
    let folder = folder_for_copies(source.database, std::env::temp_dir());
    let snapshot = Snapshot::take(source, &folder)?;
    let written = snapshot.write_to(&mut BufWriter::new(out));
    let unwritten = |source| BackupError::Inaccessible {
        path: "standard output".into(),
        source,
    };
    Ok(written.map_err(unwritten)?)
}

fn report(manifest: &Manifest, file: &Path, with_key: bool) -> Value {
    json!({
        "file": file, "made_at": manifest.made_at, "schema": manifest.database.schema,
        "database_bytes": manifest.database.bytes, "database_sha256": manifest.database.sha256,
        "master_key_fingerprint": manifest.master_key.fingerprint, "with_key": with_key,
    })
}

fn text(made: &Value) -> String {
    let file = made["file"].as_str().unwrap_or_default();
    let key = if made["with_key"] == true {
        "The master key is in it: whoever reads the file can sign tokens."
    } else {
        "The master key is not in it, and nothing can be restored without that."
    };
    let made = output::description(made);
    format!("Wrote {file}\n{made}{key}")
}
