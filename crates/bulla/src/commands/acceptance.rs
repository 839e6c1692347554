//! Which tokens are accepted: the flags that `bulla gateway`, `bulla token verify` and `bulla token explain` share.

use std::time::Duration;

use bulla_jose::{
    jwa::Algorithm,
    jwt::{Audience, Issuer, VerificationPolicy},
};
use bulla_server::config::values::parse_duration;

use crate::jwk_set_location::JwkSetLocation;

/// Which tokens are accepted.
#[derive(Debug, clap::Args)]
pub(super) struct Acceptance {
    /// The JWK set to verify with; a file may hold shared secrets (`oct` keys)
    #[arg(long, value_name = "FILE_OR_URL")]
    pub(super) jwks: JwkSetLocation,
    /// The claim `iss` must be this
    #[arg(long)]
    pub(super) issuer: Issuer,
    /// The claim `aud` must be or hold this
    #[arg(long)]
    pub(super) audience: Audience,
    /// The header `typ` must be this (may be repeated: one of these)
    #[arg(long, value_name = "TYP", default_value = "at+jwt")]
    pub(super) typ: Vec<String>,
    /// Accepted algorithms, by comma [default: all that Bulla knows; a key fits only its own]
    #[arg(long, value_delimiter = ',', value_name = "ALGORITHMS")]
    algorithms: Vec<Algorithm>,
    /// How far clocks may be apart, as in 30s
    #[arg(long, default_value = "0s", value_name = "DURATION", value_parser = duration)]
    pub(super) leeway: Duration,
}

impl Acceptance {
    /// The accepted algorithms.
    pub(super) fn algorithms(&self) -> &[Algorithm] {
        match self.algorithms.as_slice() {
            [] => Algorithm::ALL,
            some => some,
        }
    }

    /// What tokens must be.
    pub(super) fn policy(&self) -> VerificationPolicy {
        let types: Vec<&str> = self.typ.iter().map(String::as_str).collect();
        let (issuer, audience) = (self.issuer.clone(), self.audience.clone());
        VerificationPolicy::new(issuer, audience, &types, self.algorithms())
            .with_leeway(self.leeway)
    }
}

/// A flag such as `30s`.
///
/// # Errors
/// The text is no duration.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}
