//! `[anonymous]`

use crate::config::reader::{Section, boolean};

pub(super) fn anonymous(mut section: Section<'_>) -> bool {
    let enabled = section.read("enabled", boolean);
    section.finish();
    enabled.unwrap_or(true)
}
