//! Comma-separated values (RFC 4180): a record becomes an object of texts, without those that are empty.

use std::{
    cell::Cell,
    collections::HashSet,
    io::{self, BufRead, Read},
    rc::Rc,
};

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::{Each, MAX_RECORD, ReadError, Record, TOO_LONG};

const WRONG_COUNT: &str = "it has more or fewer fields than there are columns";

/// How a system writes CSV.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Dialect {
    /// What the columns are called, if the first line does not say it.
    pub(crate) columns: Option<&'static [&'static str]>,
    /// Whether a `'` stands before every text, so that no spreadsheet takes it for a formula.
    pub(crate) guarded: bool,
}

pub(super) fn read(input: impl BufRead, dialect: Dialect, each: Each<'_>) -> Result<(), ReadError> {
    let seen = Rc::new(Seen::default());
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(Counted {
            input,
            rest: END,
            seen: Rc::clone(&seen),
        });
    let mut columns = dialect.columns.map(Columns::Known);
    let mut raw = ByteRecord::new();
    let mut last: Option<Record> = None;
    let mut is_whole = false;
    while reader.read_byte_record(&mut raw).map_err(read_error)? {
        seen.since_record.set(0);
        if seen.has_ended.get() && raw.len() == 1 && END.trim_ascii() == &raw[0] {
            is_whole = true;
            break;
        }
        let line = raw.position().map_or(0, csv::Position::line);
        let Some(columns) = &columns else {
            columns = Some(Columns::named(&raw, dialect, line)?);
            continue;
        };
        let value = columns.object(&raw, dialect);
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
    let may_be_cut = match columns {
        Some(Columns::Known(_)) => true,
        _ => record.value == Err(WRONG_COUNT),
    };
    if !is_whole || (may_be_cut && !seen.line_has_ended.get()) {
        return Err(ReadError::Cut { line: record.line });
    }
    match each(record) {
        true => Ok(()),
        false => Err(ReadError::Stopped),
    }
}

/// What the columns are called.
enum Columns {
    /// By who made the file. Later versions may have added some, and every line ends.
    Known(&'static [&'static str]),
    /// By the first line. What stands in a column without a name means nothing.
    Named(Vec<String>),
}

impl Columns {
    fn named(header: &ByteRecord, dialect: Dialect, line: u64) -> Result<Self, ReadError> {
        let malformed = |reason: String| ReadError::Malformed { line, reason };
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for field in header {
            let name = dialect.text(field);
            let name =
                name.map_err(|_| malformed("the names of the columns are no UTF-8".into()))?;
            let name = name.trim().to_owned();
            if !name.is_empty() && !seen.insert(name.clone()) {
                // Of a file without a header, this would be somebody's data.
                return Err(malformed("two columns have the same name".to_owned()));
            }
            names.push(name);
        }
        Ok(Self::Named(names))
    }

    fn object(&self, record: &ByteRecord, dialect: Dialect) -> Result<Value, &'static str> {
        if record.as_slice().len() > MAX_RECORD {
            return Err(TOO_LONG);
        }
        let mut object = Map::new();
        let mut put = |name: &str, field| -> Result<(), &'static str> {
            let text = dialect.text(field)?;
            if !text.is_empty() && !name.is_empty() {
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

impl Dialect {
    fn text(self, field: &[u8]) -> Result<&str, &'static str> {
        let text = std::str::from_utf8(field).map_err(|_| "it is no UTF-8")?;
        Ok(match text.strip_prefix('\'') {
            Some(text) if self.guarded => text,
            _ => text,
        })
    }
}

/// A line that the parser is given after the last one. It is a record of its own unless a quote is open there, and nobody
/// else knows that: some systems write quotes that open nothing.
const END: &[u8] = b"\n\0end\0\n";

/// What the bytes say that the parser does not.
#[derive(Default)]
struct Seen {
    /// Bytes since a record was whole, give or take the parser's buffer.
    since_record: Cell<usize>,
    line_has_ended: Cell<bool>,
    has_ended: Cell<bool>,
}

/// The input, and [`END`] after it.
struct Counted<R> {
    input: R,
    rest: &'static [u8],
    seen: Rc<Seen>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let seen = &self.seen;
        let count = self.input.read(buffer)?;
        let Some(last) = buffer[..count].last() else {
            seen.has_ended.set(true);
            return self.rest.read(buffer);
        };
        let since_record = seen.since_record.get() + count;
        if since_record > 2 * MAX_RECORD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TOO_LONG));
        }
        seen.since_record.set(since_record);
        seen.line_has_ended.set(matches!(last, b'\n' | b'\r'));
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
