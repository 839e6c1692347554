//! Rates: `1000/s`, `60/m`, and what they limit.

use std::num::NonZeroU32;

use bulla_guard::limit::{InvalidRate, Quota, Rate};

use super::InvalidValue;

/// Reads how many in how long.
///
/// # Errors
/// [`InvalidValue`] for anything else.
pub fn parse_rate(text: &str) -> Result<Rate, InvalidValue> {
    text.parse()
        .map_err(|InvalidRate| InvalidValue::new("a rate such as `1000/s` or `60/m`", None))
}

/// Reads how many requests an address may make: a rate, and twice as many at once. `off` is `None`.
///
/// # Errors
/// [`InvalidValue`] for anything else, and for a rate that cannot be counted exactly.
pub fn parse_address_limit(text: &str) -> Result<Option<Quota>, InvalidValue> {
    const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
    if text == "off" {
        return Ok(None);
    }
    let invalid = |expected: &str| InvalidValue::new(format!("`off` or {expected}"), None);
    let rate = parse_rate(text).map_err(|refused| invalid(&refused.expected))?;
    Quota::new(rate, rate.count.saturating_mul(TWO))
        .map(Some)
        .map_err(|_| invalid("a rate of at most a million a second"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_make_twice_as_many_at_once() {
        for (text, burst) in [("1000/s", 2000), ("60/m", 120), ("1/h", 2), ("7/d", 14)] {
            let quota = parse_address_limit(text).unwrap().unwrap();
            assert_eq!(
                (quota.rate().to_string().as_str(), quota.burst().get()),
                (text, burst)
            );
        }
        assert_eq!(parse_address_limit("off"), Ok(None));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "1000", "0/s", "on", "1/sec", "2000000/s"] {
            assert!(parse_address_limit(text).is_err(), "{text}");
        }
    }
}
