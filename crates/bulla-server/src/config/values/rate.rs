//! Rates: `1000/s`, `60/m`.

use std::{num::NonZeroU32, str::FromStr};

use super::{InvalidValue, split_number};

/// How many in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In how long.
    pub per: Per,
}

/// The span a [`Rate`] counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// `/s`
    Second,
    /// `/m`
    Minute,
    /// `/h`
    Hour,
    /// `/d`
    Day,
}

impl FromStr for Rate {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || InvalidValue::new("a rate such as `1000/s` or `60/m`", None);
        let (count, per) = split_number(text);
        let per = match per {
            "/s" => Per::Second,
            "/m" => Per::Minute,
            "/h" => Per::Hour,
            "/d" => Per::Day,
            _ => return Err(invalid()),
        };
        let count = count.parse().map_err(|_| invalid())?;
        Ok(Self { count, per })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_and_a_span_are_read() {
        for (text, count, per) in [
            ("1000/s", 1000, Per::Second),
            ("60/m", 60, Per::Minute),
            ("1/h", 1, Per::Hour),
            ("7/d", 7, Per::Day),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.count.get(), rate.per), (count, per));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", "1000", "0/s", "-1/s", "+1/s", "1/", "1/sec", "/s", "1/s/s",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
