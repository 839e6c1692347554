//! Configuration from file, environment and flags.

mod accepted;
mod cookies;
mod mail;
mod routes;
mod sources;
mod trusted_issuers;
mod unknown_keys;
mod values;

use std::fs;

use bulla_server::config::{Config, ConfigError, ConfigSources, Problem};
use tempfile::TempDir;

/// The sources under test, and the folder that holds the file.
struct Sources {
    folder: TempDir,
    sources: ConfigSources,
}

fn nothing() -> Sources {
    Sources {
        folder: tempfile::tempdir().unwrap(),
        sources: ConfigSources::default(),
    }
}

fn file(text: &str) -> Sources {
    let mut sources = nothing();
    let path = sources.folder.path().join("bulla.toml");
    fs::write(&path, text).unwrap();
    sources.sources.file = Some(path);
    sources
}

impl Sources {
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.push((name.into(), value.into()));
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.sources.flags.push((key.into(), value.into()));
        self
    }

    fn load(self) -> Config {
        Config::load(self.sources).unwrap()
    }

    fn problems(self) -> Vec<Problem> {
        match Config::load(self.sources) {
            Err(ConfigError::Invalid(problems)) => problems,
            other => unreachable!("expected problems, not {other:?}"),
        }
    }

    /// The problems, a line each, with the folder cut from the file's name.
    fn lines(self) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        let problems = self.problems();
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&folder, ""))
            .collect()
    }
}

const UPSTREAM: &str = "[[upstream]]\nname = \"orders\"\nservers = [\"http://127.0.0.1:3000\"]\n";

/// The one line that is said about this file.
fn said(text: &str) -> String {
    let lines = file(text).lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().collect()
}

/// Checks that one thing is said about this setting, with its line and all these parts.
fn check(setting: &str, parts: &[&str]) {
    let said = said(&format!("\n\n{setting}"));
    assert!(said.starts_with("bulla.toml:3: "), "{said}");
    for part in parts {
        assert!(said.contains(part), "{said} should say {part}");
    }
}
