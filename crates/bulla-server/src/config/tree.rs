//! One tree of settings from file, environment and flags; every node knows where it comes from.

use std::{collections::BTreeMap, ops::Range, path::Path};

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem};

/// A setting, or a table of settings.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Datetime,
    Array(Vec<Node>),
    Table(Table),
    /// From the environment or a flag: the key decides how it is read.
    Overlay(String),
}

pub(super) type Table = BTreeMap<String, Node>;

/// Reads a TOML document, or lists everything that is no TOML in it.
pub(super) fn parse(path: &Path, text: &str) -> Result<Table, Vec<Problem>> {
    let lines = Lines { path, text };
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(lines.table(document.into_inner()));
    }
    let problem = |error: toml::de::Error| Problem {
        origin: lines.origin(error.span().unwrap_or(0..0)),
        key: String::new(),
        message: error.message().trim().replace('\n', ", "),
        suggestion: None,
    };
    Err(errors.into_iter().map(problem).collect())
}

/// Sets one dotted key, over what was there.
pub(super) fn overlay(
    table: &mut Table,
    key: &[String],
    text: &str,
    origin: &Origin,
) -> Result<(), Problem> {
    let [name, rest @ ..] = key else {
        return Ok(());
    };
    if rest.is_empty() {
        let node = Node {
            value: Value::Overlay(text.to_owned()),
            origin: origin.clone(),
        };
        table.insert(name.clone(), node);
        return Ok(());
    }
    let section = table.entry(name.clone()).or_insert_with(|| Node {
        value: Value::Table(Table::new()),
        origin: origin.clone(),
    });
    match &mut section.value {
        Value::Table(table) => overlay(table, rest, text, origin),
        _ => Err(Problem {
            origin: origin.clone(),
            key: name.clone(),
            message: "only the file can set this".into(),
            suggestion: None,
        }),
    }
}

struct Lines<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Lines<'_> {
    fn table(&self, table: DeTable<'_>) -> Table {
        let entry = |(key, value): (Spanned<_>, Spanned<_>)| {
            let origin = self.origin(key.span());
            let key: std::borrow::Cow<'_, str> = key.into_inner();
            let value = self.value(value.into_inner());
            (key.into_owned(), Node { value, origin })
        };
        table.into_iter().map(entry).collect()
    }

    fn value(&self, value: DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map_or_else(|_| Value::Text(integer.to_string()), Value::Integer),
            DeValue::Float(float) => float
                .as_str()
                .parse()
                .map_or_else(|_| Value::Text(float.to_string()), Value::Float),
            DeValue::Boolean(boolean) => Value::Boolean(boolean),
            DeValue::Datetime(_) => Value::Datetime,
            DeValue::Table(table) => Value::Table(self.table(table)),
            DeValue::Array(array) => Value::Array(
                array
                    .into_iter()
                    .map(|element| Node {
                        origin: self.origin(element.span()),
                        value: self.value(element.into_inner()),
                    })
                    .collect(),
            ),
        }
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        let before = self.text.as_bytes().iter().take(span.start);
        Origin::File {
            path: self.path.to_owned(),
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
        }
    }
}
