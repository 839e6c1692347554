//! `bulla user import`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{ValueEnum, error::ErrorKind};

use super::Global;
use crate::{
    admin_api::Absence,
    import::{
        self, Source,
        format::{
            Auth0, Bulla, ClaimWish, Firebase, FirebaseHashes, Format, Keycloak, RoleWish, Wishes,
        },
        reader::Shape,
        report::{self, Report},
    },
    output::Output,
};

const EXAMPLES: &str = "\
Examples:
  bulla user export --hashes > users.ndjson        in the old folder
  bulla user import users.ndjson --format bulla    in the new one
  bulla user import users.ndjson --format auth0 --keep-ids --role editor --claim team_id --dry-run
  bulla user import users.json --format firebase --hash-config hash.txt
  bulla user import realm.json --format keycloak --role realm-admin=admin --report skipped.ndjson

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
    /// Keep the identity (claim `sub`) that everybody had [default: only with the format bulla]
    #[arg(long)]
    keep_ids: bool,
    /// A role to take over, and what it is called here (may be repeated) [default: none]
    #[arg(long = "role", value_name = "OLD[=NEW]")]
    roles: Vec<RoleWish>,
    /// A claim to take over, and where it stands in the record (may be repeated) [default: none]
    #[arg(long = "claim", value_name = "NAME[=PATH]")]
    claims: Vec<ClaimWish>,
    /// Where the plan stands in the record [default: everybody's is `free`]
    #[arg(long, value_name = "PATH")]
    plan: Option<String>,
    /// Skip whoever had not proven the email address there
    #[arg(long)]
    verified_only: bool,
    /// Make whoever has a hash that cannot be checked without a password, instead of skipping them
    #[arg(long)]
    drop_unusable_hashes: bool,
    /// Firebase's password hash parameters, as its console shows them
    #[arg(long, value_name = "FILE")]
    hash_config: Option<PathBuf>,
    /// Write a line of JSON about each record that was skipped, or not taken whole, to a new file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// The systems whose files are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum System {
    /// An export job, the hashes that its support hands out, or a file for its bulk import
    Auth0,
    /// `firebase auth:export`
    Firebase,
    /// A realm export with users
    Keycloak,
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
    let source = Source::open(&args.file, args.format()?, args.shape)?;
    let mut report = Report::new(args.report.as_deref(), output == Output::Text)?;
    let absence = match args.dry_run {
        true => Absence::Refused,
        false => Absence::Repaired,
    };
    let sent = global.administrate(absence, async |api| {
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
    /// How the records are read.
    fn format(&self) -> anyhow::Result<Box<dyn Format>> {
        let wishes = Wishes {
            keep_ids: self.keep_ids,
            roles: self.roles.clone(),
            claims: self.claims.clone(),
            plan: self.plan.clone(),
            verified_only: self.verified_only,
            drop_unusable_hashes: self.drop_unusable_hashes,
        };
        if self.hash_config.is_some() && self.format != System::Firebase {
            wrong_usage("--hash-config is for --format firebase");
        }
        Ok(match self.format {
            System::Auth0 => Box::new(Auth0(wishes)),
            System::Keycloak => Box::new(Keycloak(wishes)),
            System::Firebase => Box::new(Firebase {
                hashes: self
                    .hash_config
                    .as_deref()
                    .map(FirebaseHashes::read)
                    .transpose()?,
                wishes,
            }),
            System::Bulla if wishes == Wishes::default() => Box::new(Bulla),
            System::Bulla => wrong_usage("with --format bulla everything is taken as it is"),
        })
    }
}

fn wrong_usage(said: &str) -> ! {
    clap::Error::raw(ErrorKind::ArgumentConflict, format!("{said}\n")).exit()
}
