use std::borrow::Cow;

use serde::Deserialize;

use super::{ClaimProblem, TokenError, UnixTime, VerificationPolicy};
use crate::{
    excerpt::excerpt,
    json::{self, InvalidJson, Limits, Names, Raw, Text},
};

/// The registered claims (RFC 7519 section 4.1) as they stand in the payload, found in the one pass that checks its JSON.
#[derive(Default)]
pub(super) struct Claims<'a> {
    iss: Option<Raw<'a>>,
    sub: Option<Raw<'a>>,
    aud: Option<Raw<'a>>,
    exp: Option<Raw<'a>>,
    nbf: Option<Raw<'a>>,
    iat: Option<Raw<'a>>,
    jti: Option<Raw<'a>>,
}

/// The times that a token states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) expires_at: UnixTime,
    pub(super) not_before: Option<UnixTime>,
    pub(super) issued_at: Option<UnixTime>,
}

impl<'a> Claims<'a> {
    /// Reads a verified payload, and all of it as `C` in the same pass. None if it has to be read in the long way.
    #[inline]
    pub(super) fn read<C: Deserialize<'a>>(
        &mut self,
        payload: &'a [u8],
        names: &mut Names,
    ) -> Option<C> {
        json::read_members(payload, Limits::CLAIMS, names, &mut |name, value| {
            self.keep(name, value);
        })
    }

    /// Reads a verified payload in the long way: its strict text.
    pub(super) fn read_text(
        &mut self,
        payload: &'a [u8],
        names: &mut Names,
    ) -> Result<&'a str, InvalidJson> {
        *self = Self::default();
        json::members(payload, Limits::CLAIMS, names, &mut |name, value| {
            self.keep(name, value);
        })
    }

    #[inline]
    fn keep(&mut self, name: Text<'a>, value: Raw<'a>) {
        // All of them have three letters, and most names have more.
        let name = name.decoded();
        let Ok(name) = <&[u8; 3]>::try_from(name.as_bytes()) else {
            return;
        };
        let place = match name {
            b"iss" => &mut self.iss,
            b"sub" => &mut self.sub,
            b"aud" => &mut self.aud,
            b"exp" => &mut self.exp,
            b"nbf" => &mut self.nbf,
            b"iat" => &mut self.iat,
            b"jti" => &mut self.jti,
            _ => return,
        };
        *place = Some(value);
    }

    /// `aud`, whoever that is.
    pub(super) fn audiences(&self) -> Result<Vec<String>, TokenError> {
        let decoded = |text: Text<'_>| text.decoded().into_owned();
        let audiences = match required("aud", self.aud)? {
            Raw::String(text) => Some(vec![decoded(text)]),
            Raw::Array(array) => {
                json::strings(array).map(|texts| texts.into_iter().map(decoded).collect())
            }
            _ => None,
        };
        audiences.ok_or_else(|| invalid("aud", ClaimProblem::NotAnAudience))
    }

    /// Checks the types of all registered claims, then issuer and audience.
    pub(super) fn check(
        &self,
        policy: &VerificationPolicy,
        subject_required: bool,
    ) -> Result<Times, TokenError> {
        let times = Times {
            expires_at: required("exp", numeric_date("exp", self.exp, f64::ceil)?)?,
            not_before: numeric_date("nbf", self.nbf, f64::ceil)?,
            issued_at: numeric_date("iat", self.iat, f64::floor)?,
        };
        string("jti", self.jti)?;
        match string("sub", self.sub)? {
            None if subject_required => return Err(invalid("sub", ClaimProblem::Missing)),
            Some(text) if subject_required && text == *"" => {
                return Err(invalid("sub", ClaimProblem::Empty));
            }
            _ => {}
        }
        let issuer = required("iss", string("iss", self.iss)?)?;
        let audience = required("aud", self.aud)?;
        let audience_accepted = includes(audience, policy.audience.as_str())?;
        if issuer != *policy.issuer.as_str() {
            return Err(TokenError::IssuerMismatch {
                expected: policy.issuer.clone(),
                found: excerpt(&issuer.decoded()),
            });
        }
        if !audience_accepted {
            return Err(TokenError::AudienceMismatch {
                expected: policy.audience.clone(),
                found: first_audiences(audience),
            });
        }
        Ok(times)
    }
}

impl Times {
    /// Refused from the second of `exp` on, and before the second of `nbf` (RFC 7519 sections 4.1.4 and 4.1.5).
    pub(super) fn check(
        &self,
        policy: &VerificationPolicy,
        now: UnixTime,
        expired_is_refused: bool,
    ) -> Result<(), TokenError> {
        if let Some(not_before) = self.not_before
            && now.saturating_add(policy.leeway) < not_before
        {
            return Err(TokenError::NotYetValid { not_before, now });
        }
        let expired_at = self.expires_at;
        if expired_is_refused && now >= expired_at.saturating_add(policy.leeway) {
            return Err(TokenError::Expired { expired_at, now });
        }
        Ok(())
    }
}

fn string<'a>(claim: &'static str, value: Option<Raw<'a>>) -> Result<Option<Text<'a>>, TokenError> {
    match value {
        None => Ok(None),
        Some(Raw::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(claim, ClaimProblem::NotAString)),
    }
}

/// A `NumericDate`. A fraction is rounded so that comparing whole seconds gives the same answer.
fn numeric_date(
    claim: &'static str,
    value: Option<Raw<'_>>,
    round: fn(f64) -> f64,
) -> Result<Option<UnixTime>, TokenError> {
    let Some(value) = value else {
        return Ok(None);
    };
    let seconds = match value {
        Raw::Whole(number) => Some(number),
        Raw::Number(number) => rounded(number, round),
        _ => return Err(invalid(claim, ClaimProblem::NotANumber)),
    };
    seconds
        .map(UnixTime::from_seconds)
        .filter(|&time| time <= UnixTime::MAX_IN_TOKENS)
        .map(Some)
        .ok_or_else(|| invalid(claim, ClaimProblem::OutOfRange))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number between 0 and 2^53 is cast exactly"
)]
fn rounded(number: &str, round: fn(f64) -> f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let rounded = round(number.parse().ok()?);
    (0.0..=EXACT).contains(&rounded).then_some(rounded as u64)
}

/// Whether `aud` is `wanted` or an array with it. Allocates nothing.
fn includes(audience: Raw<'_>, wanted: &str) -> Result<bool, TokenError> {
    let refused = || invalid("aud", ClaimProblem::NotAnAudience);
    match audience {
        Raw::String(text) => Ok(text == *wanted),
        Raw::Array(array) => {
            let (mut found, mut others) = (false, false);
            json::elements(array, &mut |element| match element {
                Raw::String(text) => found |= text == *wanted,
                _ => others = true,
            });
            (!others).then_some(found).ok_or_else(refused)
        }
        _ => Err(refused()),
    }
}

fn first_audiences(audience: Raw<'_>) -> Vec<String> {
    const SHOWN: usize = 8;
    let shown = |text: Cow<'_, str>| excerpt(&text);
    match audience {
        Raw::String(text) => vec![shown(text.decoded())],
        Raw::Array(array) => json::strings(array)
            .unwrap_or_default()
            .iter()
            .take(SHOWN)
            .map(|text| shown(text.decoded()))
            .collect(),
        _ => Vec::new(),
    }
}

fn required<T>(claim: &'static str, value: Option<T>) -> Result<T, TokenError> {
    value.ok_or_else(|| invalid(claim, ClaimProblem::Missing))
}

const fn invalid(claim: &'static str, problem: ClaimProblem) -> TokenError {
    TokenError::ClaimInvalid { claim, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_dates_are_rounded_so_that_whole_seconds_compare_right() {
        let check = |number, up, down| {
            assert_eq!(rounded(number, f64::ceil), up, "{number}");
            assert_eq!(rounded(number, f64::floor), down, "{number}");
        };
        check("0", Some(0), Some(0));
        check("-0", Some(0), Some(0));
        check("1700000000", Some(1_700_000_000), Some(1_700_000_000));
        check("1700000000.5", Some(1_700_000_001), Some(1_700_000_000));
        check("1.7e9", Some(1_700_000_000), Some(1_700_000_000));
        check("-1", None, None);
        check("-0.5", Some(0), None);
        check("1e300", None, None);
        check("1e999", None, None);
        check("99999999999999999999999999", None, None);
    }
}
