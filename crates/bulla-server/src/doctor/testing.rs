//! What the tests of the areas share.

use super::{Code, Finding};
use crate::config::{Config, ConfigSources};

/// The configuration in a file with this text.
pub(super) fn config(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bulla.toml");
    std::fs::write(&file, text).unwrap();
    let sources = ConfigSources {
        file: Some(file),
        ..ConfigSources::default()
    };
    Config::load(sources).unwrap()
}

/// Exactly these were found.
#[track_caller]
pub(super) fn found(findings: &[Finding], expected: &[Code]) {
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, expected, "{findings:#?}");
}
