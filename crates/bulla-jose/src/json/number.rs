/// A JSON number in the type that holds it best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// A whole number from 0 on.
    Positive(u64),
    /// A whole number below 0.
    Negative(i64),
    /// Any other, and whole numbers beyond 64 bits.
    Float(f64),
}

impl Number {
    /// Reads what the scanner found to be a number; none if it is beyond what a float can hold.
    #[inline]
    pub(super) fn read(number: &str) -> Option<Self> {
        if let Ok(value) = number.parse::<u64>() {
            return Some(Self::Positive(value));
        }
        // `-0` is not 0.
        if let Ok(value) = number.parse::<i64>()
            && value < 0
        {
            return Some(Self::Negative(value));
        }
        let float: f64 = number.parse().ok()?;
        float.is_finite().then_some(Self::Float(float))
    }
}

/// A whole number from 0 on, in at most 19 digits and nothing else.
#[inline]
pub(super) fn whole(number: &str) -> Option<u64> {
    let (value, end) = digits(number.as_bytes(), 0)?;
    (end == number.len()).then_some(value)
}

/// The number that the digits at `at` say, and where they end; none if they are none, or more than always fit.
#[inline(always)]
pub(super) fn digits(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    const ALWAYS_FIT: usize = 19;
    let mut value = 0;
    let mut end = at;
    while let Some(digit @ 0..=9) = bytes.get(end).map(|byte| byte.wrapping_sub(b'0')) {
        if end - at == ALWAYS_FIT {
            return None;
        }
        value = value * 10 + u64::from(digit);
        end += 1;
    }
    (end > at).then_some((value, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_into_the_type_that_holds_it() {
        let check = |text: &str, number| assert_eq!(Number::read(text), number, "{text}");
        check("0", Some(Number::Positive(0)));
        check("1700000000", Some(Number::Positive(1_700_000_000)));
        check("18446744073709551615", Some(Number::Positive(u64::MAX)));
        check(
            "18446744073709551616",
            Some(Number::Float(18_446_744_073_709_551_616.0)),
        );
        check("-1", Some(Number::Negative(-1)));
        check("-9223372036854775808", Some(Number::Negative(i64::MIN)));
        check(
            "-9223372036854775809",
            Some(Number::Float(-9_223_372_036_854_775_809.0)),
        );
        check("1.5", Some(Number::Float(1.5)));
        check("1e3", Some(Number::Float(1000.0)));
        check("1e999", None);
        check("-1e999", None);
        let Some(Number::Float(zero)) = Number::read("-0") else {
            panic!("-0 is a float");
        };
        assert!(zero == 0.0 && zero.is_sign_negative());
    }
}
