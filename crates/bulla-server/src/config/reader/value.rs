//! A value, read as the type that its key asks for.

use crate::config::{
    problem::Origin,
    suggestion,
    tree::{Node, Value},
    values::InvalidValue,
    written::Written,
};

/// What is wrong with a value.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::config) struct Mistake {
    pub(in crate::config) message: String,
    pub(in crate::config) suggestion: Option<String>,
    /// If it is a part of the value that stands on a line of its own.
    pub(in crate::config) origin: Option<Origin>,
}

impl Mistake {
    pub(in crate::config) fn one(
        message: impl Into<String>,
        suggestion: Option<String>,
    ) -> Vec<Self> {
        vec![Self {
            message: message.into(),
            suggestion,
            origin: None,
        }]
    }
}

/// A text that its own type reads. What was found is repeated.
pub(in crate::config) fn parsed<T>(
    parse: impl Fn(&str) -> Result<T, InvalidValue>,
) -> impl Fn(&Node) -> Result<T, Vec<Mistake>> {
    move |node| {
        let found = match &node.value {
            Value::Text(found) | Value::Overlay(found) => found.clone(),
            // A number instead of a text may only lack its unit: the type knows what to suggest.
            Value::Integer(found) => found.to_string(),
            _ => return Err(expected_instead(node, "a text")),
        };
        let is_text = !matches!(node.value, Value::Integer(_));
        match parse(&found) {
            Ok(value) if is_text => Ok(value),
            Ok(_) => Err(expected_instead(node, "a text")),
            Err(invalid) => Err(Mistake::one(
                format!("{invalid}, found `{found}`"),
                invalid.suggestion,
            )),
        }
    }
}

/// Any text that is not empty.
pub(in crate::config) fn text(node: &Node) -> Result<String, Vec<Mistake>> {
    match &node.value {
        Value::Text(text) | Value::Overlay(text) if !text.is_empty() => Ok(text.clone()),
        Value::Text(_) | Value::Overlay(_) => Err(Mistake::one("must not be empty", None)),
        _ => Err(expected_instead(node, "a text")),
    }
}

pub(super) fn written(key: &str, node: &Node) -> Result<Written, Vec<Mistake>> {
    Ok(Written {
        value: text(node)?,
        key: key.to_owned(),
        origin: node.origin.clone(),
    })
}

/// One of a few words.
pub(in crate::config) fn word<T: Copy>(
    words: &[(&'static str, T)],
) -> impl Fn(&Node) -> Result<T, Vec<Mistake>> {
    move |node| {
        let found = text(node)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == found) {
            return Ok(*value);
        }
        let mut all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let last = all.pop().unwrap_or_default();
        let near = suggestion::closest(&found, words.iter().map(|(word, _)| *word));
        let message = format!("expected {} or {last}, found `{found}`", all.join(", "));
        Err(Mistake::one(message, near.map(str::to_owned)))
    }
}

pub(in crate::config) fn boolean(node: &Node) -> Result<bool, Vec<Mistake>> {
    match &node.value {
        Value::Boolean(boolean) => Ok(*boolean),
        Value::Overlay(text) if text == "true" => Ok(true),
        Value::Overlay(text) if text == "false" => Ok(false),
        _ => Err(expected_instead(node, "`true` or `false`")),
    }
}

/// A whole number from `least` to `most`.
pub(in crate::config) fn count(
    least: u32,
    most: u32,
) -> impl Fn(&Node) -> Result<u32, Vec<Mistake>> {
    move |node| {
        let number = match &node.value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            Value::Overlay(text) => text.parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| {
                expected_instead(node, &format!("a whole number from {least} to {most}"))
            })
    }
}

/// A list; from the environment or a flag, with commas. Every wrong element is a mistake of its own.
pub(in crate::config) fn list<T>(
    element: impl Fn(&Node) -> Result<T, Vec<Mistake>>,
) -> impl Fn(&Node) -> Result<Vec<T>, Vec<Mistake>> {
    move |node| {
        let split;
        let elements = match &node.value {
            Value::Array(elements) => elements,
            Value::Overlay(text) => {
                split = split_overlay(text, &node.origin);
                &split
            }
            _ => return Err(expected_instead(node, "a list")),
        };
        let mut values = Vec::new();
        let mut mistakes = Vec::new();
        for node in elements {
            match element(node) {
                Ok(value) => values.push(value),
                Err(wrong) => mistakes.extend(wrong.into_iter().map(|mistake| Mistake {
                    origin: Some(node.origin.clone()),
                    ..mistake
                })),
            }
        }
        if mistakes.is_empty() {
            Ok(values)
        } else {
            Err(mistakes)
        }
    }
}

/// A value of another type than the key asks for.
pub(in crate::config) fn expected_instead(node: &Node, expected: &str) -> Vec<Mistake> {
    let found = match &node.value {
        Value::Text(text) => format!("the text `{text}`"),
        Value::Overlay(text) => format!("`{text}`"),
        Value::Integer(number) => format!("the number {number}"),
        Value::Float(number) => format!("the number {number}"),
        Value::Boolean(boolean) => format!("`{boolean}`"),
        Value::Datetime => "a date".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
    };
    Mistake::one(format!("expected {expected}, found {found}"), None)
}

fn split_overlay(text: &str, origin: &Origin) -> Vec<Node> {
    text.split(',')
        .map(str::trim)
        .filter(|element| !element.is_empty())
        .map(|element| Node {
            value: Value::Overlay(element.to_owned()),
            origin: origin.clone(),
        })
        .collect()
}
