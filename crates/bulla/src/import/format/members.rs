//! Members of a record that somebody else has written: in CSV everything is a text, and an empty one is none.

use base64_simd::forgiving_decode_to_vec;
use serde_json::Value;

use crate::import::Skip;

pub(super) fn text<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record[name].as_str().filter(|text| !text.is_empty())
}

pub(super) fn owned(record: &Value, name: &str) -> Option<String> {
    text(record, name).map(str::to_owned)
}

/// Whether it is so; `None`: nobody has said it. Spreadsheets write `TRUE`.
pub(super) fn flag(record: &Value, name: &str) -> Result<Option<bool>, Skip> {
    let found = match &record[name] {
        Value::Null => return Ok(None),
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "" => return Ok(None),
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    };
    // It keeps people out: taken for nothing, it would let them in.
    let unreadable = || {
        Skip::new(
            "record_malformed",
            format!("`{name}` is neither true nor false"),
        )
    };
    found.map(Some).ok_or_else(unreadable)
}

pub(super) fn number(record: &Value, name: &str) -> Option<u64> {
    match &record[name] {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    }
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Base64 of either alphabet, with padding or without.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let standard = text.replace('-', "+").replace('_', "/");
    forgiving_decode_to_vec(standard.as_bytes()).ok()
}

/// Milliseconds since 1970 as RFC 3339.
pub(super) fn from_milliseconds(milliseconds: Option<u64>) -> Option<String> {
    let milliseconds = i64::try_from(milliseconds?).ok()?;
    let time = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    Some(time.to_string())
}

/// What stands at a path such as `app_metadata.plan`: a member of that whole name first, as CSV has it.
pub(super) fn at<'a>(record: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(value) = record.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    at(record.get(first)?, rest)
}
