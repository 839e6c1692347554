//! Spans of time: `15m`, `30d`, `1h30m`.

use std::time::Duration;

use super::{InvalidValue, split_number};

const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// Reads whole numbers with units (`ms`, `s`, `m`, `h`, `d`, `w`), summed up.
///
/// # Errors
/// [`InvalidValue`] for anything else, a number without a unit too.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidValue> {
    total_milliseconds(text)
        .map(Duration::from_millis)
        .ok_or_else(|| {
            let expected = "a duration such as `90s`, `15m`, `1h30m` or `30d`";
            InvalidValue::new(expected, meant(text))
        })
}

fn total_milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    loop {
        let (number, tail) = split_number(rest);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number: u64 = number.parse().ok()?;
        total = total.checked_add(number.checked_mul(*scale)?)?;
        if tail.is_empty() {
            return Some(total);
        }
        rest = tail;
    }
}

/// `15 Minutes` is `15m`; a bare number is most likely one of seconds.
fn meant(text: &str) -> Option<String> {
    let (number, unit) = split_number(text.trim());
    let unit = unit.trim().to_ascii_lowercase();
    let unit = match unit.as_str() {
        "" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        "msec" | "millis" | "milliseconds" => "ms",
        other => other,
    };
    let meant = format!("{number}{unit}");
    total_milliseconds(&meant).map(|_| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_and_sums_are_read() {
        for (text, milliseconds) in [
            ("0s", 0),
            ("250ms", 250),
            ("90s", 90_000),
            ("15m", 900_000),
            ("2h", 7_200_000),
            ("1h30m", 5_400_000),
            ("30d", 2_592_000_000),
            ("1w", 604_800_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn other_spellings_are_refused_with_a_suggestion() {
        for (text, meant) in [
            ("900", "900s"),
            ("15 m", "15m"),
            ("15min", "15m"),
            ("2 Days", "2d"),
            ("10S", "10s"),
        ] {
            assert_eq!(
                parse_duration(text).unwrap_err().suggestion.as_deref(),
                Some(meant),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "m",
            "-1s",
            "1.5h",
            "1h30",
            "soon",
            "99999999999999999999s",
            "999999999999999999w",
        ] {
            assert_eq!(parse_duration(text).unwrap_err().suggestion, None, "{text}");
        }
    }
}
