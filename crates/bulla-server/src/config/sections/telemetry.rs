//! `[telemetry]`

use crate::config::{
    reader::{Section, parsed, text},
    settings::Telemetry,
};

/// `None` if nothing is set, or nobody is named to be told.
pub(super) fn telemetry(mut section: Section<'_>) -> Option<Telemetry> {
    if section.has("service_name") {
        section.needs("otlp");
    }
    let otlp = section.placed("otlp", parsed(str::parse));
    let service_name = section.read("service_name", text);
    section.finish();
    Some(Telemetry {
        otlp: otlp?,
        service_name: service_name.unwrap_or_else(|| "bulla".to_owned()),
    })
}
