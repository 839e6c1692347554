//! `bulla user import`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::ValueEnum;

use super::Global;
use crate::{
    admin_api::Absence,
    import::{
        self, Source,
        format::{self, Format},
        reader::Shape,
        report::{self, Report},
    },
    output::Output,
};

const EXAMPLES: &str = "\
Examples:
  bulla user export --hashes > users.ndjson        in the old folder
  bulla user import users.ndjson --format bulla    in the new one
  bulla user import users.csv --format bulla --dry-run --report skipped.ndjson

Who is there already stays as they are, so the same file may be imported again.
Exit codes: 0 everybody in the file is there now, 1 the file was not read to its end (what came before
is there), 2 wrong usage, 3 somebody was skipped.";

/// The flags of `bulla user import`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which system has written it
    #[arg(long)]
    format: System,
    /// How it is written [default: by its name and beginning]
    #[arg(long = "as", value_name = "SHAPE")]
    shape: Option<Shape>,
    /// Make nobody, and say what would become of everybody
    #[arg(long)]
    dry_run: bool,
    /// Write a line of JSON about each record that was skipped, or not taken whole, to a new file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// The systems whose files are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum System {
    /// `bulla user export`, or CSV with its members as columns
    Bulla,
}

/// Imports the file.
///
/// # Errors
/// It cannot be read to its end, or the store failed.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let output = global.output();
    let shown = args.file.display();
    let source = Source::open(&args.file, args.format(), args.shape)?;
    let mut report = Report::new(args.report.as_deref(), output == Output::Text)?;
    let sent = global.administrate(Absence::Repaired, async |api| {
        import::send(api, source, args.dry_run, &mut report).await
    });
    report.finish()?;
    let stopped = sent.as_ref().err().map(|error| format!("{error:#}"));
    let summary = report.summary(args.dry_run, stopped.as_deref());
    output.print(&summary, report::text)?;
    sent.with_context(|| format!("{shown} was not imported to its end"))?;
    Ok(match report.skipped() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(3),
    })
}

impl Args {
    fn format(&self) -> Box<dyn Format> {
        match self.format {
            System::Bulla => Box::new(format::Bulla),
        }
    }
}
