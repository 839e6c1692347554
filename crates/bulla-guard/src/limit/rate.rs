//! Rates: `1000/s`, `60/m`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

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

/// A text that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a rate such as `1000/s` or `60/m`")]
pub struct InvalidRate;

impl Per {
    const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// Its length.
    #[must_use]
    pub const fn span(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 60 * 60,
            Self::Day => 24 * 60 * 60,
        })
    }

    const fn letter(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
        }
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (count, letter) = text.split_once('/').ok_or(InvalidRate)?;
        let per = Per::ALL.into_iter().find(|per| per.letter() == letter);
        let digits = count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse().ok().filter(|_| digits);
        Ok(Self {
            count: count.ok_or(InvalidRate)?,
            per: per.ok_or(InvalidRate)?,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.count, self.per.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_and_a_span_are_read_and_written() {
        for (text, count, per) in [
            ("1000/s", 1000, Per::Second),
            ("60/m", 60, Per::Minute),
            ("1/h", 1, Per::Hour),
            ("7/d", 7, Per::Day),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.count.get(), rate.per), (count, per));
            assert_eq!(rate.to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "1000",
            "0/s",
            "-1/s",
            "+1/s",
            "1/",
            "1/sec",
            "/s",
            "1/s/s",
            "1 /s",
            "5000000000/d",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
    }
}
