//! Claims that a target is told.

use http::HeaderName;

/// A claim and the header that carries it to the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardedClaim {
    claim: String,
    header: HeaderName,
}

impl ForwardedClaim {
    /// The claim of this name, as `X-Bulla-Claim-` and the name with `_` written `-`: several servers drop headers
    /// with `_` in them.
    ///
    /// # Errors
    /// The name has characters other than letters, digits, `_` and `-`.
    pub fn parse(name: &str) -> Result<Self, InvalidForwardedClaim> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(InvalidForwardedClaim);
        }
        let header = format!(
            "x-bulla-claim-{}",
            name.replace('_', "-").to_ascii_lowercase()
        );
        let header = HeaderName::try_from(header).map_err(|_| InvalidForwardedClaim)?;
        Ok(Self {
            claim: name.to_owned(),
            header,
        })
    }

    /// The claim's name in the token.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The header's name.
    #[must_use]
    pub fn header(&self) -> &HeaderName {
        &self.header
    }
}

/// A claim name that cannot become a header name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a forwarded claim's name is made of letters, digits, `_` and `-`")]
pub struct InvalidForwardedClaim;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_no_underscore() {
        let claim = ForwardedClaim::parse("team_id").unwrap();
        assert_eq!(
            (claim.claim(), claim.header().as_str()),
            ("team_id", "x-bulla-claim-team-id")
        );
    }

    #[test]
    fn refuses_a_name_that_is_no_header_name() {
        for name in [
            "",
            "team id",
            "team\r\nid",
            "équipe",
            "https://example.com/team",
        ] {
            assert_eq!(
                ForwardedClaim::parse(name),
                Err(InvalidForwardedClaim),
                "{name}"
            );
        }
    }
}
