//! From the three sources to one [`Config`].

use std::{fs, path::PathBuf};

use super::{
    Config, ConfigError,
    problem::{Origin, Problem, Problems},
    reader::Section,
    sections::{self, Circumstances},
    tree::{self, Table},
    values::HttpOrigin,
};

/// Variables that begin so are settings; no other is read.
const PREFIX: &str = "BULLA__";

/// The flag that is no key of the file.
const UPSTREAM: &str = "upstream";

/// Where settings come from; the later ones win.
#[derive(Debug, Clone, Default)]
pub struct ConfigSources {
    /// A TOML file that must exist; `None`: there is no file.
    pub file: Option<PathBuf>,
    /// The process's environment; only names that begin with `BULLA__` are read. Lists have commas.
    pub environment: Vec<(String, String)>,
    /// Dotted keys with their values (`("listen.public", "0.0.0.0:80")`), and `upstream` with a URL.
    pub flags: Vec<(String, String)>,
}

impl Config {
    /// Reads the sources.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] if the file cannot be read; [`ConfigError::Invalid`] with
    /// everything that is wrong in any source.
    pub fn load(sources: ConfigSources) -> Result<Self, ConfigError> {
        Self::load_and_check(sources, |_| Vec::new())
    }

    /// As [`load`](Self::load), and whatever `check` finds wrong is reported with the rest. It is asked even if
    /// something is wrong already: what could not be read has its default then, or is left out.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_and_check(
        sources: ConfigSources,
        check: impl FnOnce(&Self) -> Vec<Problem>,
    ) -> Result<Self, ConfigError> {
        let problems = Problems::default();
        let has_file = sources.file.is_some();
        let mut settings = match sources.file {
            Some(path) => read_file(path)?,
            None => Table::new(),
        };
        for (name, value) in &sources.environment {
            if let Some(key) = name.strip_prefix(PREFIX) {
                let key: Vec<String> = key.split("__").map(str::to_ascii_lowercase).collect();
                let origin = Origin::Environment(name.clone());
                overlay(&mut settings, &key, value, &origin, &problems);
            }
        }
        let (upstream, flags): (Vec<_>, Vec<_>) = sources
            .flags
            .into_iter()
            .partition(|(key, _)| key == UPSTREAM);
        for (key, value) in &flags {
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            overlay(
                &mut settings,
                &path,
                value,
                &Origin::Flag(key.clone()),
                &problems,
            );
        }
        let circumstances = Circumstances {
            has_file,
            upstream: upstream
                .last()
                .and_then(|(_, url)| upstream_flag(url, &problems)),
        };
        let config = sections::read(Section::top(settings, &problems), circumstances);
        check(&config)
            .into_iter()
            .for_each(|problem| problems.add(problem));
        match problems.into_sorted() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(ConfigError::Invalid(problems)),
        }
    }
}

fn read_file(path: PathBuf) -> Result<Table, ConfigError> {
    match fs::read_to_string(&path) {
        Ok(text) => tree::parse(&path, &text).map_err(ConfigError::Invalid),
        Err(source) => Err(ConfigError::Unreadable { path, source }),
    }
}

fn overlay(
    settings: &mut Table,
    key: &[String],
    value: &str,
    origin: &Origin,
    problems: &Problems,
) {
    if let Err(problem) = tree::overlay(settings, key, value, origin) {
        problems.add(problem);
    }
}

fn upstream_flag(url: &str, problems: &Problems) -> Option<HttpOrigin> {
    url.parse()
        .map_err(|invalid: super::values::InvalidValue| {
            problems.add(Problem {
                origin: Origin::Flag(UPSTREAM.to_owned()),
                key: String::new(),
                message: format!("{invalid}, found `{url}`"),
                suggestion: invalid.suggestion,
            });
        })
        .ok()
}
