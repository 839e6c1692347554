//! Spans of time within bounds.

use std::{ops::RangeInclusive, time::Duration};

use crate::config::{
    reader::{Mistake, parsed},
    tree::Node,
    values::parse_duration,
};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// A duration in this range.
pub(super) fn duration(
    range: RangeInclusive<Duration>,
) -> impl Fn(&Node) -> Result<Duration, Vec<Mistake>> {
    move |node| {
        let duration = parsed(parse_duration)(node)?;
        if range.contains(&duration) {
            return Ok(duration);
        }
        let message = format!(
            "expected {} to {}",
            shown(*range.start()),
            shown(*range.end())
        );
        Err(Mistake::one(message, None))
    }
}

/// A duration in this range, without a fraction of a second: the times in tokens and headers have none.
pub(super) fn whole_seconds(
    range: RangeInclusive<Duration>,
) -> impl Fn(&Node) -> Result<Duration, Vec<Mistake>> {
    let duration = duration(range);
    move |node| match duration(node)? {
        span if span.subsec_nanos() == 0 => Ok(span),
        _ => Err(Mistake::one("expected whole seconds", None)),
    }
}

fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        0 if !duration.is_zero() => format!("{}ms", duration.as_millis()),
        seconds if seconds >= 86_400 => format!("{}d", seconds / 86_400),
        seconds if seconds >= 3600 => format!("{}h", seconds / 3600),
        seconds => format!("{seconds}s"),
    }
}
