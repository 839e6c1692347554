//! A million accounts moving in, beside what the engine itself takes to copy the same rows into tables like these.

mod accounts;
mod command;
mod yardstick;

use std::path::Path;

use anyhow::{Result, ensure};
use bulla_test::PostgresServer;
use serde_json::Value;

use self::{accounts::ACCOUNTS, command::Finished};
use crate::{binary::Binary, process::peak_mebibytes, report::Report};

pub(crate) async fn measure(report: &Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("users.ndjson");
    accounts::write(&file)?;
    sqlite(report, &file).await?;
    postgres(report, &file)
}

async fn sqlite(report: &Report, file: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let alone = import(folder.path(), file, &[], 0)?;
    let raw = yardstick::sqlite(&folder.path().join("bulla-data/bulla.db"))?;
    rate(
        report,
        "imported, no server, SQLite",
        &alone,
        "SQLite's own copy",
        raw,
    );
    memory(report, "import, no server, SQLite", &alone);
    let again = import(folder.path(), file, &[], ACCOUNTS)?;
    rate(
        report,
        "imported again, all were there",
        &again,
        "SQLite's own copy",
        raw,
    );

    let server = Binary::serve("", &[]).await?;
    let through = import(server.folder(), file, &[], 0)?;
    rate(
        report,
        "imported through a server, SQLite",
        &through,
        "SQLite's own copy",
        raw,
    );
    memory(report, "import through a server, command", &through);
    let peak = peak_mebibytes(server.process_id())?;
    report.value("import through a server, server, peak", "MiB", peak);
    Ok(())
}

fn postgres(report: &Report, file: &Path) -> Result<()> {
    let server = PostgresServer::start(&[]);
    let database = server.database();
    let folder = tempfile::tempdir()?;
    let url = [("BULLA__STORE__URL", database.as_str())];
    let alone = import(folder.path(), file, &url, 0)?;
    let raw = yardstick::postgres(&server, PostgresServer::name(&database))?;
    rate(
        report,
        "imported, no server, PostgreSQL",
        &alone,
        "PostgreSQL's own copy",
        raw,
    );
    memory(report, "import, no server, PostgreSQL", &alone);
    let again = import(folder.path(), file, &url, ACCOUNTS)?;
    rate(
        report,
        "imported again, all were there",
        &again,
        "PostgreSQL's own copy",
        raw,
    );
    Ok(())
}

/// Imports the file into this folder, where so many of its accounts are.
fn import(
    folder: &Path,
    file: &Path,
    environment: &[(&str, &str)],
    there: u32,
) -> Result<Finished> {
    let finished = command::run(folder, file, environment)?;
    let summary: Value = serde_json::from_slice(&finished.output)?;
    let counts = ["created", "present", "skipped"].map(|name| summary[name].as_u64());
    let expected = [ACCOUNTS - there, there, 0].map(|count| Some(u64::from(count)));
    ensure!(counts == expected, "not everybody was imported: {summary}");
    Ok(finished)
}

fn rate(report: &Report, what: &str, finished: &Finished, against: &str, raw: f64) {
    let rate = f64::from(ACCOUNTS) / finished.span.as_secs_f64();
    report.ratio(what, "rows/s", rate, against, raw);
}

fn memory(report: &Report, what: &str, finished: &Finished) {
    report.value(&format!("{what}, peak"), "MiB", finished.peak_mebibytes);
}
