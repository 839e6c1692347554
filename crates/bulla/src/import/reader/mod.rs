//! A file of records, one after another, in constant memory.

mod csv;
mod document;
mod lines;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::Context;
use clap::ValueEnum;
use serde_json::Value;

/// The most bytes of one record.
const MAX_RECORD: usize = 1 << 20;

/// How many bytes are looked at to find out how a file is written.
const PEEKED: usize = 64 << 10;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// A JSON object a line
    Ndjson,
    /// One JSON array of objects, or an object that has one as its member `users`
    Json,
    /// Comma-separated values
    Csv,
}

/// One record.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    /// Where it begins, from 1.
    pub(crate) line: u64,
    /// The record, or why it is none: those after it can be read.
    pub(crate) value: Result<Value, &'static str>,
}

/// Why no further record can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The file ends too early.
    #[error("the file is cut off in line {line}")]
    Cut {
        /// Where.
        line: u64,
    },
    /// It is not written so.
    #[error("line {line}: {reason}")]
    Malformed {
        /// Where.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Nobody wants more records.
    #[error("the import has stopped")]
    Stopped,
}

/// Takes a record; `false`: no further one is wanted.
type Each<'a> = &'a mut dyn FnMut(Record) -> bool;

/// A file, or standard input.
pub(crate) struct Input(Box<dyn BufRead + Send>);

impl Shape {
    /// What the ending of the name says. `.json` may be anything.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// What the beginning of a file says.
    fn of(beginning: &[u8]) -> Self {
        let text = without_mark(beginning).trim_ascii_start();
        match text.first() {
            Some(b'[') => Self::Json,
            Some(b'{') => {
                let line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
                let first: Option<Value> = serde_json::from_slice(line).ok();
                match first {
                    Some(record) if record.get("users").is_none() => Self::Ndjson,
                    _ => Self::Json,
                }
            }
            _ => Self::Csv,
        }
    }
}

impl Input {
    /// The file, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let file: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
                true => Err(io::ErrorKind::IsADirectory.into()),
                false => Ok(file),
            });
            Box::new(opened.with_context(|| format!("{} cannot be read", path.display()))?)
        };
        Ok(Self(Box::new(BufReader::with_capacity(PEEKED, file))))
    }

    /// What is in memory.
    #[cfg(test)]
    pub(super) fn of(text: impl BufRead + Send + 'static) -> Self {
        Self(Box::new(text))
    }

    /// How it is written, by its beginning.
    pub(crate) fn shape(&mut self) -> io::Result<Shape> {
        Ok(Shape::of(self.0.fill_buf()?))
    }

    /// Gives every record to `each`. `columns`: what the columns of CSV are called, if the first line does not say it.
    pub(crate) fn read(
        mut self,
        shape: Shape,
        columns: Option<&[&str]>,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        if without_mark(self.0.fill_buf()?).len() < self.0.fill_buf()?.len() {
            self.0.consume(MARK.len());
        }
        match shape {
            Shape::Ndjson => lines::read(self.0, each),
            Shape::Json => document::read(self.0, each),
            Shape::Csv => csv::read(self.0, columns, each),
        }
    }
}

/// What some programs put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

const TOO_LONG: &str = "the record is longer than 1 MiB";
