use std::time::Duration;

use super::{Audience, Issuer};
use crate::{jwa::Algorithm, jwk::JwkSet, jws::MAX_TOKEN_BYTES};

/// What makes a token acceptable. Issuer, audience, types and algorithms must be said, and what is said is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationPolicy {
    pub(super) issuer: Issuer,
    pub(super) audience: Audience,
    pub(super) types: Vec<String>,
    pub(super) untyped: bool,
    /// `None`: those of the keys.
    algorithms: Option<Vec<Algorithm>>,
    pub(super) leeway: Duration,
    pub(super) max_token_bytes: usize,
}

impl VerificationPolicy {
    /// A token must be from `issuer`, for `audience`, of one of `types` and signed with one of `algorithms`.
    ///
    /// Types are media types: compared without regard to case, with or without `application/` (RFC 7515
    /// section 4.1.9). An empty list accepts nothing.
    #[must_use]
    pub fn new(
        issuer: Issuer,
        audience: Audience,
        types: &[&str],
        algorithms: &[Algorithm],
    ) -> Self {
        Self {
            algorithms: Some(algorithms.to_vec()),
            ..Self::for_keys_of_ours(issuer, audience, types)
        }
    }

    /// The same for keys that were made here, each for its one algorithm: those algorithms are accepted. Keys from
    /// elsewhere must not decide that.
    #[must_use]
    pub fn for_keys_of_ours(issuer: Issuer, audience: Audience, types: &[&str]) -> Self {
        Self {
            issuer,
            audience,
            types: types.iter().map(|&typ| typ.to_owned()).collect(),
            untyped: false,
            algorithms: None,
            leeway: Duration::ZERO,
            max_token_bytes: MAX_TOKEN_BYTES,
        }
    }

    /// The same for another audience.
    #[must_use]
    pub fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Accepts a token too that does not say of which type it is. Only where no other kind of token that its keys sign could
    /// be taken for it (RFC 8725 section 3.11).
    #[must_use]
    pub const fn or_untyped(mut self) -> Self {
        self.untyped = true;
        self
    }

    /// Accepts `exp` and `nbf` up to `leeway` late or early, for clocks that differ (RFC 7519 section 4.1.4). In whole
    /// seconds; zero unless set.
    #[must_use]
    pub const fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Refuses longer tokens unread; [`MAX_TOKEN_BYTES`] unless set.
    #[must_use]
    pub const fn with_max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// How late or early `exp` and `nbf` are accepted: for whoever keeps what was verified, and has to check the times
    /// again.
    #[must_use]
    pub const fn leeway(&self) -> Duration {
        self.leeway
    }

    pub(super) fn algorithms<'a>(&'a self, keys: &'a JwkSet) -> &'a [Algorithm] {
        self.algorithms.as_deref().unwrap_or(keys.algorithms())
    }

    pub(super) fn accepts_type(&self, typ: &str) -> bool {
        self.types.iter().any(|accepted| is_type(typ, accepted))
    }
}

/// Whether two media types are the same (RFC 7515 section 4.1.9).
pub(super) fn is_type(typ: &str, other: &str) -> bool {
    typ == other || without_prefix(typ).eq_ignore_ascii_case(without_prefix(other))
}

fn without_prefix(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &typ[PREFIX.len()..],
        _ => typ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_media_types() {
        for same in [
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "Application/At+Jwt",
        ] {
            assert!(is_type(same, "at+jwt"), "{same}");
            assert!(is_type("application/at+jwt", same), "{same}");
        }
        for other in ["JWT", "text/at+jwt", "at+jwt ", "", "application/", "é"] {
            assert!(!is_type(other, "at+jwt"), "{other}");
        }
    }
}
