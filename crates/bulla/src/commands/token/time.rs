//! Times as people say them.

use bulla_core::ports::Clock as _;
use bulla_server::issuer::SystemClock;
use jiff::Timestamp;

/// Seconds since 1970 by this machine's clock.
pub(super) fn now() -> u64 {
    u64::try_from(SystemClock.now().as_seconds()).unwrap_or(0)
}

/// As in `2026-11-22T19:00:00Z, 12 s ago`. None for what is no time of the years up to 9999.
pub(super) fn in_words(seconds: u64, now: u64) -> Option<String> {
    let time = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(format!("{time}, {}", distance(seconds, now)))
}

/// As in `12 s ago`, `in 14 min` or `now`.
pub(super) fn distance(seconds: u64, now: u64) -> String {
    match seconds.cmp(&now) {
        std::cmp::Ordering::Less => format!("{} ago", span(now - seconds)),
        std::cmp::Ordering::Equal => "now".to_owned(),
        std::cmp::Ordering::Greater => format!("in {}", span(seconds - now)),
    }
}

/// A span in its largest unit and, if that makes a difference, the next one.
pub(super) fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (365 * 86_400, "years"),
        (86_400, "days"),
        (3600, "h"),
        (60, "min"),
        (1, "s"),
    ];
    let mut parts = Vec::new();
    let mut rest = seconds;
    for (length, unit) in UNITS {
        if rest >= length || length == 1 && parts.is_empty() {
            parts.push(format!("{} {unit}", rest / length));
            rest %= length;
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_their_two_largest_units() {
        let check = |seconds, words: &str| assert_eq!(span(seconds), words);
        check(0, "0 s");
        check(12, "12 s");
        check(60, "1 min");
        check(75, "1 min 15 s");
        check(3600, "1 h");
        check(3605, "1 h");
        check(86_400 * 3 + 3600 * 4, "3 days 4 h");
        check(86_400 * 400, "1 years 35 days");
    }

    #[test]
    fn times_are_said_with_their_distance() {
        assert_eq!(
            in_words(1_800_000_000, 1_800_000_012).as_deref(),
            Some("2027-01-15T08:00:00Z, 12 s ago")
        );
        assert_eq!(in_words(u64::MAX, 0), None);
        assert_eq!(distance(61, 1), "in 1 min");
        assert_eq!(distance(1, 1), "now");
    }
}
