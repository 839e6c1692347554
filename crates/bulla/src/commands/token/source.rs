//! Where a command takes its tokens from.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read},
    str,
};

use anyhow::{Context, ensure};
use bulla_jose::jws::MAX_TOKEN_BYTES;

/// The argument, or else standard input without the space around it.
///
/// # Errors
/// Standard input is no text, or too long a one.
pub(super) fn token(argument: Option<&str>) -> anyhow::Result<String> {
    const MOST: usize = 4 * MAX_TOKEN_BYTES;
    if let Some(token) = argument {
        return Ok(token.to_owned());
    }
    let mut token = String::new();
    let mut input = io::stdin().lock().take(MOST as u64 + 1);
    input
        .read_to_string(&mut token)
        .context("standard input holds no text")?;
    ensure!(
        token.len() <= MOST,
        "standard input holds more than {MOST} bytes"
    );
    Ok(token.trim().to_owned())
}

/// The bytes of one token. Of one that is too long, only the beginning was kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TokenBytes {
    pub(super) kept: Vec<u8>,
    pub(super) length: usize,
}

impl TokenBytes {
    /// The next line without its line feed; none after the last.
    ///
    /// # Errors
    /// The input fails.
    pub(super) fn line(input: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut bytes = Self::default();
        loop {
            let buffer = input.fill_buf()?;
            if buffer.is_empty() {
                return Ok((bytes.length > 0).then_some(bytes));
            }
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            bytes.add(part);
            let used = part.len() + usize::from(end.is_some());
            input.consume(used);
            if end.is_some() {
                return Ok(Some(bytes));
            }
        }
    }

    /// All there is, without a final line feed.
    ///
    /// # Errors
    /// The input fails.
    pub(super) fn all(input: &mut impl BufRead) -> io::Result<Self> {
        let mut bytes = Self::line(input)?.unwrap_or_default();
        while let Some(more) = Self::line(input)? {
            bytes.add(b"\n");
            bytes.length += more.length - more.kept.len();
            bytes.add(&more.kept);
        }
        Ok(bytes)
    }

    /// Bytes that are no UTF-8 are no base64url either: whatever stands for them, the decoder names the fault.
    pub(super) fn text(&self) -> Cow<'_, str> {
        let ascii = |&byte: &u8| {
            if byte.is_ascii() {
                char::from(byte)
            } else {
                '?'
            }
        };
        match str::from_utf8(&self.kept) {
            Ok(text) => text.into(),
            Err(_) => self.kept.iter().map(ascii).collect(),
        }
    }

    fn add(&mut self, part: &[u8]) {
        self.length += part.len();
        let room = (MAX_TOKEN_BYTES + 1).saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&part[..part.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn of_a_long_line_the_beginning_is_kept_and_the_length_known() {
        let input = [&[b'a'; 100_000][..], b"\n\nb\n", &[b'c'; MAX_TOKEN_BYTES]].concat();
        let mut input = BufReader::with_capacity(7, &*input);
        let mut next = || {
            let line = TokenBytes::line(&mut input).unwrap()?;
            Some((line.kept.len(), line.length))
        };
        assert_eq!(next(), Some((MAX_TOKEN_BYTES + 1, 100_000)));
        assert_eq!(next(), Some((0, 0)));
        assert_eq!(next(), Some((1, 1)));
        assert_eq!(next(), Some((MAX_TOKEN_BYTES, MAX_TOKEN_BYTES)));
        assert_eq!(next(), None);
    }

    #[test]
    fn all_of_the_input_but_its_final_line_feed_is_one_token() {
        let all = |input: &[u8]| TokenBytes::all(&mut &*input).unwrap();
        for (input, kept) in [
            ("", ""),
            ("a\n", "a"),
            ("\na\n\n", "\na\n"),
            ("a\nb", "a\nb"),
        ] {
            let (length, kept) = (kept.len(), kept.into());
            assert_eq!(
                all(input.as_bytes()),
                TokenBytes { kept, length },
                "{input:?}"
            );
        }
        let long = [&[b'a'; MAX_TOKEN_BYTES][..], b"\n", &[b'b'; 50_000]].concat();
        let bytes = all(&long);
        assert_eq!(bytes.length, long.len());
        assert_eq!(bytes.kept, &long[..=MAX_TOKEN_BYTES]);
    }
}
