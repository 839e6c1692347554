//! What an answer says about a limit: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11),
//! `Retry-After` (RFC 9110 section 10.2.3).

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use bytes::{BufMut as _, BytesMut};
use http::{HeaderName, HeaderValue};

use super::{Level, Quota};

/// How much is left.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What the limit is.
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A quota under a name, as answers tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaPolicy {
    /// As a string of structured fields (RFC 9651 section 3.3.3).
    quoted: Box<str>,
    quota: Quota,
    field: HeaderValue,
}

impl QuotaPolicy {
    /// This quota, under this name. What a header cannot hold of the name becomes `?`.
    #[must_use]
    pub fn new(name: &str, quota: Quota) -> Self {
        let quoted = Quoted(name).to_string();
        let (rate, burst) = (quota.rate(), quota.burst());
        let span = rate.per.span().as_secs();
        let field = format!("{quoted};q={};w={span};bulla-burst={burst}", rate.count);
        Self {
            quoted: quoted.into(),
            quota,
            field: HeaderValue::try_from(field).unwrap_or(HeaderValue::from_static("")),
        }
    }

    /// The quota.
    #[must_use]
    pub const fn quota(&self) -> &Quota {
        &self.quota
    }

    /// `RateLimit-Policy`: `"free";q=60;w=60;bulla-burst=20` is sixty in a minute, of which at most twenty at once.
    #[must_use]
    pub const fn policy_field(&self) -> &HeaderValue {
        &self.field
    }

    /// `RateLimit`: `"free";r=19;t=1` is nineteen now, and one more in a second. Without `t`, there will not be more.
    #[must_use]
    pub fn limit_field(&self, level: &Level) -> HeaderValue {
        self.field(level.remaining(), level.until_more().map(whole_seconds))
    }

    /// `RateLimit`: nothing is left, for so many seconds.
    #[must_use]
    pub fn exhausted_field(&self, seconds: u32) -> HeaderValue {
        self.field(0, Some(seconds))
    }

    fn field(&self, remaining: u32, seconds: Option<u32>) -> HeaderValue {
        const NUMBERS: usize = ";r=4294967295;t=34560000".len();
        let mut field = BytesMut::with_capacity(self.quoted.len() + NUMBERS);
        field.put_slice(self.quoted.as_bytes());
        // Writing to memory does not fail.
        let _ = write!(field, ";r={remaining}");
        if let Some(seconds) = seconds {
            let _ = write!(field, ";t={seconds}");
        }
        HeaderValue::from_maybe_shared(field.freeze()).unwrap_or(HeaderValue::from_static(""))
    }
}

/// `Retry-After` of whoever was refused at this level: the seconds until one fits, at least one.
#[must_use]
pub fn retry_after(level: &Level) -> u32 {
    level.until_more().map_or(1, whole_seconds).max(1)
}

/// Rounded up: who comes back then is not early.
fn whole_seconds(span: Duration) -> u32 {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

struct Quoted<'text>(&'text str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(formatter, "\\{character}")?,
                ' '..='~' => formatter.write_char(character)?,
                _ => formatter.write_char('?')?,
            }
        }
        formatter.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::limit::{Bucket, Moment};

    fn free() -> QuotaPolicy {
        let burst = NonZeroU32::new(20).unwrap();
        QuotaPolicy::new("free", Quota::new("60/m".parse().unwrap(), burst).unwrap())
    }

    #[test]
    fn a_policy_says_rate_window_and_burst() {
        assert_eq!(
            free().policy_field().to_str().unwrap(),
            "\"free\";q=60;w=60;bulla-burst=20"
        );
    }

    #[test]
    fn a_limit_says_what_is_left_and_when_there_is_more() {
        let (policy, now) = (free(), Moment::from_milliseconds(1_000));
        let mut bucket = Bucket::default();
        let field = |level: &Level| policy.limit_field(level).to_str().unwrap().to_owned();
        assert_eq!(field(&bucket.level(policy.quota(), now)), "\"free\";r=20");
        let level = bucket.take(policy.quota(), now).unwrap();
        assert_eq!(field(&level), "\"free\";r=19;t=1");
        let level = bucket.pour(policy.quota(), 100, now);
        assert_eq!(field(&level), "\"free\";r=0;t=1");
        let later = now.after(Duration::from_millis(1_500));
        assert_eq!(
            field(&bucket.level(policy.quota(), later)),
            "\"free\";r=1;t=1"
        );
    }

    #[test]
    fn who_is_refused_may_come_back_when_one_fits() {
        let burst = NonZeroU32::new(1).unwrap();
        let quota = Quota::new("10/m".parse().unwrap(), burst).unwrap();
        let mut bucket = Bucket::default();
        let now = Moment::from_milliseconds(0);
        bucket.take(&quota, now).unwrap();
        let at = |milliseconds| Moment::from_milliseconds(milliseconds);
        assert_eq!(retry_after(&bucket.take(&quota, now).unwrap_err()), 6);
        assert_eq!(retry_after(&bucket.take(&quota, at(1)).unwrap_err()), 6);
        assert_eq!(retry_after(&bucket.take(&quota, at(5_999)).unwrap_err()), 1);
        assert!(bucket.take(&quota, at(6_000)).is_ok());
    }

    #[test]
    fn a_name_breaks_no_header() {
        let quota = *free().quota();
        let policy = QuotaPolicy::new("a\"b\\c\r\nä", quota);
        let field = policy.policy_field().to_str().unwrap();
        assert!(field.starts_with("\"a\\\"b\\\\c???\";"), "{field}");
    }
}
