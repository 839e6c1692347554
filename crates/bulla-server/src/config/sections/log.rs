//! `[log]`

use crate::config::{
    reader::{Section, list, parsed, word},
    settings::{Log, LogField, LoggedRequests},
    values::{InvalidValue, parse_share},
};

pub(super) fn log(mut section: Section<'_>) -> Log {
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
        trace: trace.flatten(),
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
