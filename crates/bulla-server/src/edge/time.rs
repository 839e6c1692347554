//! Points in time as clients read them.

use bulla_core::time::Timestamp;

/// RFC 3339 in UTC, to the millisecond. A time that no calendar holds is told as the epoch.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or_default();
    format!("{time:.3}")
}

/// The text is no point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as in 2026-01-31T12:00:00Z (RFC 3339)")]
pub(crate) struct NoTime;

/// Reads RFC 3339 of any zone, to the millisecond.
pub(crate) fn from_rfc3339(text: &str) -> Result<Timestamp, NoTime> {
    let time: jiff::Timestamp = text.parse().map_err(|_| NoTime)?;
    Ok(Timestamp::from_millis(time.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_to_the_millisecond() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (i64::MAX, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(Timestamp::from_millis(millis)), text);
            if millis != i64::MAX {
                assert_eq!(from_rfc3339(text).unwrap(), Timestamp::from_millis(millis));
            }
        }
    }

    #[test]
    fn times_of_any_zone_are_read_and_nothing_else() {
        let time = from_rfc3339("2023-11-14T23:13:20.123456+01:00").unwrap();
        assert_eq!(time, Timestamp::from_millis(1_700_000_000_123));
        for text in [
            "",
            "2023-11-14",
            "1700000000",
            "2023-11-14T23:13:20",
            "2023-13-14T23:13:20Z",
        ] {
            assert!(from_rfc3339(text).is_err(), "{text}");
        }
    }
}
