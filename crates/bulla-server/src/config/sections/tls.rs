//! `[tls]`

use std::time::Duration;

use super::span::{DAY, whole_seconds};
use crate::config::{reader::Section, settings::Tls};

const LONGEST_HSTS: Duration = Duration::from_secs(3660 * DAY.as_secs());

/// `None` if nothing is set, or something is missing.
pub(super) fn tls(mut section: Section<'_>) -> Option<Tls> {
    let keys = ["certificate", "key", "hsts"];
    if keys.into_iter().any(|key| section.has(key)) {
        section.needs("certificate");
        section.needs("key");
    }
    let certificate = section.written("certificate");
    let key = section.written("key");
    let hsts = section.read("hsts", whole_seconds(Duration::ZERO..=LONGEST_HSTS));
    section.finish();
    Some(Tls {
        certificate: certificate?,
        key: key?,
        hsts,
    })
}
