//! A file of records, one after another, in constant memory.

mod csv;
mod document;
mod extent;
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

use self::extent::Measured;
pub(crate) use self::{csv::Dialect, extent::Extent};

/// The most bytes of one record.
const MAX_RECORD: usize = 1 << 20;

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

/// How many bytes are read at once.
const BUFFER: usize = 64 << 10;

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
pub(crate) struct Input {
    /// The first line, if it is not longer than a record may be; and a little more.
    beginning: Vec<u8>,
    rest: Box<dyn Read + Send>,
    /// How much of it was read.
    pub(crate) extent: Extent,
}

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
        let text = beginning.strip_prefix(MARK).unwrap_or(beginning);
        let text = text.trim_ascii_start();
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
        if path == Path::new("-") {
            let input = Self::of(io::stdin(), Extent::default());
            return input.with_context(|| unreadable(path));
        }
        let opened = File::open(path).and_then(|file| {
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Self::of(file, Extent::of_file(&metadata))
        });
        opened.with_context(|| unreadable(path))
    }

    /// Whatever can be read. A pipe gives it in pieces.
    pub(super) fn of(source: impl Read + Send + 'static, extent: Extent) -> io::Result<Self> {
        let mut source = Measured {
            source,
            extent: extent.clone(),
        };
        let mut beginning = Vec::new();
        let mut buffer = vec![0; BUFFER];
        loop {
            let piece = match source.read(&mut buffer) {
                Ok(count) => &buffer[..count],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            beginning.extend_from_slice(piece);
            let line_ended = piece.contains(&b'\n') && !beginning.trim_ascii().is_empty();
            if piece.is_empty() || line_ended || beginning.len() > MAX_RECORD {
                break;
            }
        }
        Ok(Self {
            beginning,
            rest: Box::new(source),
            extent,
        })
    }

    /// How it is written, by its beginning.
    pub(crate) fn shape(&self) -> Shape {
        Shape::of(&self.beginning)
    }

    /// Gives every record to `each`.
    pub(crate) fn read(
        self,
        shape: Shape,
        dialect: Dialect,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        if matches!(self.beginning[..], [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            let reason = "it is written in UTF-16: save it as UTF-8".to_owned();
            return Err(ReadError::Malformed { line: 1, reason });
        }
        let marked = self.beginning.starts_with(MARK);
        let mut text = io::Cursor::new(self.beginning);
        text.consume(if marked { MARK.len() } else { 0 });
        let text = text.chain(BufReader::with_capacity(BUFFER, self.rest));
        match shape {
            Shape::Ndjson => lines::read(text, each),
            Shape::Json => document::read(text, each),
            Shape::Csv => csv::read(text, dialect, each),
        }
    }
}

/// What some programs put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

fn unreadable(path: &Path) -> String {
    format!("{} cannot be read", path.display())
}

const TOO_LONG: &str = "the record is longer than 1 MiB";
