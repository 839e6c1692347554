//! `[log]`

use crate::config::{
    reader::{Section, list, parsed, word},
    settings::{Log, LogField, LoggedRequests},
    values::{InvalidValue, WHOLE, parse_share},
};

/// `exports`: whether somebody is told of traces.
pub(super) fn log(mut section: Section<'_>, exports: bool) -> Log {
    let access = section.read(
        "access",
        word(&[
            ("off", LoggedRequests::Off),
            ("refused", LoggedRequests::Refused),
            ("all", LoggedRequests::All),
        ]),
    );
    let field = word(&[
        ("subject", LogField::Subject),
        ("address", LogField::Address),
        ("path", LogField::Path),
    ]);
    let fields = section.read("fields", list(field));
    let trace = section.read("trace", parsed(trace));
    section.finish();
    Log {
        access: access.unwrap_or(LoggedRequests::Off),
        fields: fields.unwrap_or_else(|| vec![LogField::Subject, LogField::Address]),
        trace: trace.unwrap_or(exports.then_some(WHOLE)),
    }
}

fn trace(text: &str) -> Result<Option<u32>, InvalidValue> {
    match text {
        "pass" => Ok(None),
        share => parse_share(share).map(Some).map_err(|invalid| {
            InvalidValue::new(
                format!("`pass` or {}", invalid.expected),
                invalid.suggestion,
            )
        }),
    }
}
