//! How a command says that it failed: one sentence on standard error, exit code 1.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use bulla_server::{
    backup::{BackupError, RestoreError},
    data_folder::DataFolderError,
};
use serde_json::json;

use crate::{admin_api, output::Output};

/// Prints why the command failed: `{"error":{…}}` with `--json`, else a sentence.
pub(crate) fn report(error: &anyhow::Error, output: Output) -> ExitCode {
    let text = sentence(error);
    let line = match output {
        Output::Text => format!("bulla: {text}"),
        Output::Json => json!({ "error": { "code": code(error), "message": text } }).to_string(),
    };
    // With standard error gone, the exit code still tells.
    let _ = writeln!(io::stderr().lock(), "{line}");
    ExitCode::FAILURE
}

/// As [`report`], for a command whose exit code 1 is a verdict: 2, there is none.
pub(crate) fn report_no_verdict(error: &anyhow::Error, output: Output) -> ExitCode {
    report(error, output);
    ExitCode::from(2)
}

/// The stable code of the failure, where it has one.
fn code(error: &anyhow::Error) -> Option<&str> {
    let refused = error.downcast_ref::<admin_api::Refused>();
    let backup = || error.downcast_ref::<BackupError>().map(BackupError::code);
    let folder = || {
        error
            .downcast_ref::<DataFolderError>()
            .map(DataFolderError::code)
    };
    let restore = || error.downcast_ref::<RestoreError>().map(RestoreError::code);
    refused
        .map(admin_api::Refused::code)
        .or_else(backup)
        .or_else(restore)
        .or_else(folder)
}

/// The whole chain of causes in one line. A cause that its parent already quotes is said once.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_every_cause_once() {
        let error = anyhow::anyhow!("no space left")
            .context("cannot write bulla.db: no space left")
            .context("cannot start");
        assert_eq!(
            sentence(&error),
            "cannot start: cannot write bulla.db: no space left"
        );
    }
}
