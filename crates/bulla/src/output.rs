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
            Self::Json => line(&json(value)),
            Self::Text => line(text(value).trim_end_matches('\n')),
        }
    }
}

/// A value as JSON. What a terminal would take for a command (control characters), or would show in another order than it
/// stands is escaped: a program reads the same value, and a person sees what it is.
pub(crate) fn json(value: &Value) -> String {
    let text = value.to_string();
    let hidden = |character: char| {
        character == '\u{7f}' || (!character.is_ascii() && character.escape_debug().count() > 1)
    };
    if !text.contains(hidden) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
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

/// The members of an object that have a value, a line each.
pub(crate) fn description(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    let members: Vec<_> = members.filter(|(_, value)| !value.is_null()).collect();
    let widths = members.iter().map(|(name, _)| name.chars().count());
    let width = widths.max().unwrap_or(0) + 2;
    let mut text = String::new();
    for (name, value) in members {
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Array(_) => list_of(value),
            other => other.to_string(),
        };
        text.push_str(&format!("{name:<width$}{shown}\n"));
    }
    text
}

/// The texts of an array, as in `admin, editor`; `-` for none.
pub(crate) fn list_of(items: &Value) -> String {
    let items = items.as_array().into_iter().flatten();
    let items: Vec<&str> = items.filter_map(Value::as_str).collect();
    if items.is_empty() {
        "-".to_owned()
    } else {
        items.join(", ")
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
    fn what_would_steer_a_terminal_is_escaped_and_the_value_stays_the_same() {
        let value = serde_json::json!({
            "\u{9b}31m": "\u{7f}\u{85}\u{202e}\u{2066}\u{2028}\u{2029}\u{feff}\u{e0001}\u{1b}",
            "çelebi": ["€", "😀", "a\nb"],
        });
        let text = json(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{2028}', '\u{2029}', '\u{e0001}']));
        assert!(text.contains("çelebi") && text.contains('€') && text.contains('😀'));
        assert!(
            text.contains(r"\u009b31m") && text.contains(r"\udb40\udc01"),
            "{text}"
        );
    }

    #[test]
    fn a_description_leaves_out_what_there_is_not() {
        let user = serde_json::json!({"id": "usr_1", "name": null, "roles": ["a", "b"], "claims": {}, "none": []});
        assert_eq!(
            description(&user),
            "claims  {}\nid      usr_1\nnone    -\nroles   a, b\n"
        );
    }

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
