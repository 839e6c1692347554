//! Shares of a whole: `100%`, `0.5%`.

use super::InvalidValue;

/// Digits behind the point.
const PLACES: usize = 4;

/// All parts.
pub const WHOLE: u32 = 1_000_000;

/// Reads a share from `0%` to `100%`, with at most four digits behind the point, as parts of a million.
///
/// # Errors
/// [`InvalidValue`] for anything else, a number without `%` too.
pub fn parse_share(text: &str) -> Result<u32, InvalidValue> {
    parts(text).ok_or_else(|| {
        let meant = format!("{}%", text.trim().trim_end_matches('%').trim_end());
        let meant = parts(&meant).map(|_| meant);
        InvalidValue::new("a share such as `1%` or `0.5%`, at most `100%`", meant)
    })
}

fn parts(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?;
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return None,
        Some(both) => both,
        None => (number, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() > 3 || fraction.len() > PLACES || !digits(whole) || !digits(fraction) {
        return None;
    }
    let parts: u32 = format!("{whole}{fraction:0<PLACES$}").parse().ok()?;
    (!whole.is_empty() && parts <= WHOLE).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read() {
        for (text, expected) in [
            ("0%", 0),
            ("0.0001%", 1),
            ("0.5%", 5_000),
            ("1%", 10_000),
            ("99.9999%", 999_999),
            ("100%", 1_000_000),
        ] {
            assert_eq!(parse_share(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_refused_with_a_suggestion() {
        for (text, meant) in [("10", "10%"), ("1 %", "1%"), (" 5%", "5%")] {
            let invalid = parse_share(text).unwrap_err();
            assert_eq!(invalid.suggestion.as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "%",
            ".5%",
            "1.%",
            "-1%",
            "+1%",
            "100.0001%",
            "101%",
            "0.00001%",
            "half",
        ] {
            assert_eq!(parse_share(text).unwrap_err().suggestion, None, "{text}");
        }
    }
}
