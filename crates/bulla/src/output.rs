//! What commands print on standard output: JSON for programs, plain text for people.

use std::io::{self, Write};

use serde_json::Value;

/// For whom a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// One JSON value a line.
    Json,
    /// Plain text.
    Text,
}

impl Output {
    /// Prints `value` as one line of JSON, or what `text` makes of it.
    ///
    /// # Errors
    /// Standard output is closed or full.
    pub(crate) fn print(
        self,
        value: &Value,
        text: impl FnOnce(&Value) -> String,
    ) -> io::Result<()> {
        match self {
            Self::Json => line(&value.to_string()),
            Self::Text => line(text(value).trim_end_matches('\n')),
        }
    }
}

/// Prints one line. A reader that went away (`| head`) is no failure.
///
/// # Errors
/// Standard output cannot be written for any other reason.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Rows under a heading, the columns aligned, without trailing space.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = table_line(&heading.map(str::to_owned), &widths);
    for row in rows {
        text.push_str(&table_line(row, &widths));
    }
    text
}

fn table_line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
    }
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_aligns_its_columns_and_ends_lines_without_space() {
        let rows = [
            ["ada".to_owned(), "admin".to_owned()],
            ["çelebi".to_owned(), String::new()],
        ];
        assert_eq!(
            table(["name", "roles"], &rows),
            "name    roles\nada     admin\nçelebi\n"
        );
    }
}
