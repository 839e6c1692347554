//! `[keys]`

use std::time::Duration;

use super::span::{DAY, SECOND, duration};
use crate::config::{
    reader::{Section, text},
    settings::Keys,
};

const MONTH: Duration = Duration::from_secs(30 * DAY.as_secs());
const YEARS: Duration = Duration::from_secs(3660 * DAY.as_secs());

pub(super) fn keys(mut section: Section<'_>) -> Keys {
    let ahead_origin = section.origin_of("publish_ahead");
    let rotate_every = section.read("rotate_every", |node| match text(node) {
        Ok(word) if word == "off" => Ok(None),
        _ => duration(SECOND..=YEARS)(node).map(Some),
    });
    let publish_ahead = section.read("publish_ahead", duration(Duration::ZERO..=MONTH));
    let rotate_every = rotate_every.unwrap_or(Some(MONTH));
    // What was left out gives way to what was said.
    let publish_ahead = publish_ahead.unwrap_or(rotate_every.unwrap_or(DAY).min(DAY));
    if rotate_every.is_some_and(|span| publish_ahead > span) {
        let message = "must not be longer than `keys.rotate_every`";
        section.problem_at(ahead_origin, "publish_ahead", message, None);
    }
    section.finish();
    Keys {
        rotate_every,
        publish_ahead,
    }
}
