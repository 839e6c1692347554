//! What became of the records.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use bulla_server::admin::{ImportOutcome, ImportResult};
use serde_json::{Value, json};

use super::Skip;

/// So many skipped records are told on standard error.
const SHOWN: u64 = 20;

/// The count of it all, and a line for each record of which not everything is there.
pub(crate) struct Report {
    file: Option<BufWriter<File>>,
    shown: bool,
    read: u64,
    created: u64,
    present: u64,
    completed: u64,
    without_password: u64,
    noted: u64,
    skipped: BTreeMap<String, u64>,
}

/// Which record it is about.
pub(crate) struct Subject<'a> {
    pub(crate) line: u64,
    /// What it is known by where it comes from, or its name.
    pub(crate) who: Option<&'a str>,
}

impl Report {
    /// A report into a new file (mode 0600), if there shall be one; and with `shown`, the first lines of it on standard
    /// error.
    ///
    /// # Errors
    /// The file is there, or cannot be made.
    pub(crate) fn new(path: Option<&Path>, shown: bool) -> anyhow::Result<Self> {
        let create = |path: &Path| {
            let mut options = File::options();
            let file = options.write(true).create_new(true).mode(0o600).open(path);
            file.with_context(|| format!("the report {} cannot be made", path.display()))
        };
        Ok(Self {
            file: path.map(create).transpose()?.map(BufWriter::new),
            shown,
            read: 0,
            created: 0,
            present: 0,
            completed: 0,
            without_password: 0,
            noted: 0,
            skipped: BTreeMap::new(),
        })
    }

    /// How many records there were so far.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// How many records were skipped.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// A record of which nothing could be made.
    pub(super) fn skip(&mut self, subject: &Subject<'_>, skip: &Skip) -> anyhow::Result<()> {
        self.read += 1;
        let Skip { reason, detail } = skip;
        *self.skipped.entry(reason.clone()).or_default() += 1;
        let count = self.skipped();
        if self.shown && count <= SHOWN {
            // With standard error gone, the report and the exit code still tell.
            let _ = writeln!(io::stderr(), "line {}: {reason}: {detail}", subject.line);
        } else if self.shown && count == SHOWN + 1 {
            let _ = writeln!(io::stderr(), "… and more: --report FILE has all of them");
        }
        self.write(&json!({
            "line": subject.line, "who": subject.who, "outcome": "skipped", "reason": reason, "detail": detail,
        }))
    }

    /// What the server has answered about a record.
    pub(super) fn take(
        &mut self,
        subject: &Subject<'_>,
        result: &ImportResult,
        has_password: bool,
        notes: &[String],
    ) -> anyhow::Result<()> {
        match result.outcome {
            ImportOutcome::Skipped => {
                let reason = serde_json::to_value(result.reason)?;
                let reason = reason.as_str().unwrap_or("unknown");
                let detail = result.detail.clone().unwrap_or_default();
                return self.skip(subject, &Skip::new(reason, detail));
            }
            ImportOutcome::Present => self.present += 1,
            ImportOutcome::PasswordAdded => self.completed += 1,
            ImportOutcome::Created => {
                self.created += 1;
                self.without_password += u64::from(!has_password);
                self.noted += u64::from(!notes.is_empty());
                for note in notes {
                    self.write(&json!({
                        "line": subject.line, "who": subject.who, "outcome": "created", "id": result.id, "detail": note,
                    }))?;
                }
            }
        }
        self.read += 1;
        Ok(())
    }

    /// For a program. `stopped`: why the file was not read to its end.
    pub(crate) fn summary(&self, rehearsal: bool, stopped: Option<&str>) -> Value {
        json!({
            "read": self.read, "created": self.created, "present": self.present, "completed": self.completed, "skipped": self.skipped(),
            "reasons": self.skipped, "without_password": self.without_password, "noted": self.noted,
            "dry_run": rehearsal, "stopped": stopped,
        })
    }

    /// In a line, while it goes on.
    pub(super) fn line(&self) -> String {
        format!(
            "{} read, {} made, {} were there, {} skipped",
            self.read,
            self.created,
            self.present,
            self.skipped()
        )
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// The disk is full, say.
    pub(crate) fn finish(&mut self) -> anyhow::Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        flushed.context("the report cannot be written")
    }

    fn write(&mut self, line: &Value) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        writeln!(file, "{line}").context("the report cannot be written")
    }
}

/// The summary for people.
pub(crate) fn text(summary: &Value) -> String {
    let count = |name: &str| summary[name].as_u64().unwrap_or(0);
    let made = match summary["dry_run"] == true {
        true => "would be made",
        false => "made",
    };
    let mut text = format!(
        "{} read: {} {made}, {} were there before, {} skipped\n",
        count("read"),
        count("created"),
        count("present"),
        count("skipped")
    );
    if count("completed") > 0 {
        let who = count("completed");
        text.push_str(&format!(
            "{who} were there without a password, and have one now\n"
        ));
    }
    for (reason, number) in summary["reasons"].as_object().into_iter().flatten() {
        text.push_str(&format!("  {reason:<28}{number}\n"));
    }
    if count("without_password") > 0 {
        let who = count("without_password");
        text.push_str(&format!(
            "{who} without a password: they set one by mail, or an administrator does\n"
        ));
    }
    if count("noted") > 0 {
        text.push_str(&format!(
            "{} not with all that they had: --report FILE says what\n",
            count("noted")
        ));
    }
    text
}
