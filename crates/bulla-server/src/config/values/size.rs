//! Numbers of bytes: `512KiB`, `10MiB`, `1GB`.

use super::{InvalidValue, split_number};

/// Less would hold too little to be of use.
const SMALLEST_CACHE: u64 = 1 << 20;

const UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Reads a whole number with a unit (`B`, `KB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`), as bytes.
///
/// # Errors
/// [`InvalidValue`] for anything else, a number without a unit too.
pub fn parse_size(text: &str) -> Result<u64, InvalidValue> {
    bytes(text).ok_or_else(|| {
        let expected = "a size such as `64KiB` or `10MiB`";
        InvalidValue::new(expected, meant(text))
    })
}

/// Reads the size of a cache: `None` for `off`, else at least 1 MiB.
///
/// # Errors
/// [`InvalidValue`] for anything else.
pub fn parse_cache_size(text: &str) -> Result<Option<u64>, InvalidValue> {
    if text == "off" {
        return Ok(None);
    }
    match parse_size(text) {
        Ok(bytes) if bytes < SMALLEST_CACHE => {
            Err(InvalidValue::new("`off` or at least 1MiB", None))
        }
        Ok(bytes) => Ok(Some(bytes)),
        Err(invalid) => Err(InvalidValue::new(
            format!("`off` or {}", invalid.expected),
            invalid.suggestion,
        )),
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text);
    let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

/// `10 mib` is `10MiB`; a bare number is one of bytes.
fn meant(text: &str) -> Option<String> {
    let (number, unit) = split_number(text.trim());
    let unit = match unit.trim() {
        "" => "B",
        unit => UNITS
            .iter()
            .map(|(name, _)| *name)
            .find(|name| name.eq_ignore_ascii_case(unit))?,
    };
    let meant = format!("{number}{unit}");
    bytes(&meant).map(|_| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, bytes) in [
            ("0B", 0),
            ("7B", 7),
            ("2KB", 2_000),
            ("3MB", 3_000_000),
            ("1GB", 1_000_000_000),
            ("2KiB", 2_048),
            ("10MiB", 10_485_760),
            ("1GiB", 1_073_741_824),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_refused_with_a_suggestion() {
        for (text, meant) in [("10", "10B"), ("10 MiB", "10MiB"), ("10mib", "10MiB")] {
            assert_eq!(
                parse_size(text).unwrap_err().suggestion.as_deref(),
                Some(meant),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "MiB", "1.5MiB", "-1B", "1M", "99999999999999GiB"] {
            assert_eq!(parse_size(text).unwrap_err().suggestion, None, "{text}");
        }
    }
}
