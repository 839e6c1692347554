//! Comma-separated values (RFC 4180): a record becomes an object of texts, without those that are empty.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
    rc::Rc,
};

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::{Each, MAX_RECORD, ReadError, Record, TOO_LONG};

const WRONG_COUNT: &str = "it has more or fewer fields than there are columns";

pub(super) fn read(
    input: impl BufRead,
    columns: Option<&[&str]>,
    each: Each<'_>,
) -> Result<(), ReadError> {
    let seen = Rc::new(Seen::default());
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(Counted {
            input,
            seen: Rc::clone(&seen),
        });
    let mut columns = columns.map(Columns::Known);
    let mut raw = ByteRecord::new();
    let mut last: Option<Record> = None;
    while reader.read_byte_record(&mut raw).map_err(read_error)? {
        seen.since_record.set(0);
        let line = raw.position().map_or(0, csv::Position::line);
        let Some(columns) = &columns else {
            columns = Some(Columns::named(&raw, line)?);
            continue;
        };
        let value = columns.object(&raw);
        // One behind: of the last one it is known only at the end whether it is whole.
        if let Some(record) = last.replace(Record { line, value })
            && !each(record)
        {
            return Err(ReadError::Stopped);
        }
    }
    let Some(record) = last else {
        return Ok(());
    };
    let incomplete = match columns {
        Some(Columns::Known(_)) => true,
        _ => record.value == Err(WRONG_COUNT),
    };
    if seen.quotes_are_odd.get() || (incomplete && !seen.line_has_ended.get()) {
        return Err(ReadError::Cut { line: record.line });
    }
    match each(record) {
        true => Ok(()),
        false => Err(ReadError::Stopped),
    }
}

/// What the columns are called.
enum Columns<'a> {
    /// By who made the file. Later versions may have added some, and every line ends.
    Known(&'a [&'a str]),
    /// By the first line.
    Named(Vec<String>),
}

impl Columns<'_> {
    fn named(header: &ByteRecord, line: u64) -> Result<Self, ReadError> {
        let name = |field| std::str::from_utf8(field).map(|name: &str| name.trim().to_owned());
        let names: Result<_, _> = header.iter().map(name).collect();
        names.map(Self::Named).map_err(|_| ReadError::Malformed {
            line,
            reason: "the names of the columns are no UTF-8".to_owned(),
        })
    }

    fn object(&self, record: &ByteRecord) -> Result<Value, &'static str> {
        if record.as_slice().len() > MAX_RECORD {
            return Err(TOO_LONG);
        }
        let mut object = Map::new();
        let mut put = |name: &str, field| -> Result<(), &'static str> {
            let text = std::str::from_utf8(field).map_err(|_| "it is no UTF-8")?;
            if !text.is_empty() {
                object.insert(name.to_owned(), text.into());
            }
            Ok(())
        };
        match self {
            Self::Known(names) => {
                let mut pairs = names.iter().zip(record);
                pairs.try_for_each(|(name, field)| put(name, field))?;
            }
            Self::Named(names) if names.len() == record.len() => {
                let mut pairs = names.iter().zip(record);
                pairs.try_for_each(|(name, field)| put(name, field))?;
            }
            Self::Named(_) => return Err(WRONG_COUNT),
        }
        Ok(Value::Object(object))
    }
}

/// What the bytes say that the parser does not.
#[derive(Default)]
struct Seen {
    /// Bytes since a record was whole, give or take the parser's buffer.
    since_record: Cell<usize>,
    /// A quote is open: every other one that belongs to a text is written twice.
    quotes_are_odd: Cell<bool>,
    line_has_ended: Cell<bool>,
}

struct Counted<R> {
    input: R,
    seen: Rc<Seen>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        let seen = &self.seen;
        let since_record = seen.since_record.get() + count;
        if since_record > 2 * MAX_RECORD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TOO_LONG));
        }
        seen.since_record.set(since_record);
        let quotes = buffer[..count].iter().filter(|byte| **byte == b'"').count();
        seen.quotes_are_odd
            .set(seen.quotes_are_odd.get() ^ (quotes % 2 == 1));
        if let Some(last) = buffer[..count].last() {
            seen.line_has_ended.set(*last == b'\n');
        }
        Ok(count)
    }
}

fn read_error(error: csv::Error) -> ReadError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ReadError::Io(error),
        other => ReadError::Malformed {
            line,
            reason: format!("it is no CSV: {other:?}"),
        },
    }
}
