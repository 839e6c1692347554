//! NDJSON: an object a line.

use std::io::{self, BufRead, Read};

use super::{Each, MAX_RECORD, ReadError, Record, TOO_LONG};

pub(super) fn read(mut input: impl BufRead, each: Each<'_>) -> Result<(), ReadError> {
    let mut text = Vec::new();
    let mut line = 0;
    loop {
        text.clear();
        line += 1;
        let most = MAX_RECORD as u64 + 1;
        if (&mut input).take(most).read_until(b'\n', &mut text)? == 0 {
            return Ok(());
        }
        let ended = text.ends_with(b"\n");
        let value = if text.trim_ascii().is_empty() {
            continue;
        } else if !ended && text.len() > MAX_RECORD {
            skip_line(&mut input)?;
            Err(TOO_LONG)
        } else {
            match serde_json::from_slice(&text) {
                Ok(value) => Ok(value),
                Err(_) if !ended => return Err(ReadError::Cut { line }),
                Err(_) => Err("it is no JSON, or nested too deeply"),
            }
        };
        if !each(Record { line, value }) {
            return Err(ReadError::Stopped);
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let Some(end) = buffer.iter().position(|byte| *byte == b'\n') else {
            let length = buffer.len();
            if length == 0 {
                return Ok(());
            }
            input.consume(length);
            continue;
        };
        input.consume(end + 1);
        return Ok(());
    }
}
