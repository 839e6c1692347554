//! `[[trusted_issuer]]`: from the configuration to what the verifier trusts besides Bulla's own issuer.

mod decryption;

use std::sync::Arc;

use bulla_guard::{
    issuer::TrustedIssuer,
    keys::remote::{InvalidJwkSetUrl, RemoteSettings},
};
use bulla_jose::{jwk::DecryptionKey, jwt::VerificationPolicy};
use bulla_server::config::{self, Config, ConfigError, Problem};

use super::keys::IssuerKeys;
use crate::jwk_set_location::JwkSetLocation;

/// Issuers to trust, and their keys.
pub(crate) struct Trusted {
    /// For a verifier.
    pub(crate) issuers: Vec<TrustedIssuer>,
    /// Kept fresh while this lives.
    pub(crate) keys: Arc<[IssuerKeys]>,
}

/// What can be told to be wrong with the trusted issuers without reading any file.
pub(crate) fn problems(config: &Config) -> Vec<Problem> {
    let located = config.trusted_issuers.iter().map(location);
    located.filter_map(Result::err).collect()
}

/// Reads the files too, and nothing else.
///
/// # Errors
/// All that is wrong, each with its place in the configuration.
pub(crate) fn check(config: &Config) -> Result<(), ConfigError> {
    let mut problems = Vec::new();
    for written in &config.trusted_issuers {
        problems.extend(decryption_keys(written).err());
        let location = location(written);
        problems.extend(match location {
            Ok(JwkSetLocation::Url(_)) => None,
            Ok(file) => {
                let keys = file.load(&written.algorithms);
                keys.err().map(|error| unusable(written, &error))
            }
            Err(problem) => Some(problem),
        });
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConfigError::Invalid(problems))
    }
}

/// Reads the files, and begins to fetch what is elsewhere. Must be called within a tokio runtime.
///
/// # Errors
/// All that is wrong, each with its place in the configuration.
pub(crate) fn open(config: &Config) -> Result<Trusted, ConfigError> {
    let (mut issuers, mut keys, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for written in &config.trusted_issuers {
        match open_one(written) {
            Ok((issuer, its_keys)) => {
                issuers.push(issuer);
                keys.push(its_keys);
            }
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() {
        let keys = keys.into();
        Ok(Trusted { issuers, keys })
    } else {
        Err(ConfigError::Invalid(problems))
    }
}

fn open_one(written: &config::TrustedIssuer) -> Result<(TrustedIssuer, IssuerKeys), Vec<Problem>> {
    let keys = location(written).and_then(|location| {
        let settings = |usual| RemoteSettings {
            addresses: written.jwks_addresses.clone(),
            max_age: written.jwks_max_age,
            ..usual
        };
        IssuerKeys::open(&written.issuer, &location, &written.algorithms, settings)
            .map_err(|error| unusable(written, &error))
    });
    let (keys, decryption_keys) = match (keys, decryption_keys(written)) {
        (Ok(keys), Ok(decryption_keys)) => (keys, decryption_keys),
        (keys, decryption) => {
            return Err(keys.err().into_iter().chain(decryption.err()).collect());
        }
    };
    let types: Vec<&str> = written.types.iter().map(String::as_str).collect();
    let policy = VerificationPolicy::new(
        written.issuer.clone(),
        written.audience.clone(),
        &types,
        &written.algorithms,
    )
    .with_leeway(written.leeway);
    let issuer = TrustedIssuer::new(keys.set(), policy, written.claims.clone());
    Ok((issuer.decrypting_with(decryption_keys), keys))
}

fn decryption_keys(written: &config::TrustedIssuer) -> Result<Vec<DecryptionKey>, Problem> {
    let encrypted = written.encrypted.iter();
    encrypted.map(decryption::read).collect()
}

fn unusable(written: &config::TrustedIssuer, error: &anyhow::Error) -> Problem {
    written.jwks.problem(format!("{error:#}"), None)
}

fn location(written: &config::TrustedIssuer) -> Result<JwkSetLocation, Problem> {
    let location = written.jwks.value.parse();
    let location = location
        .map_err(|invalid: InvalidJwkSetUrl| written.jwks.problem(invalid.to_string(), None))?;
    if let JwkSetLocation::Url(url) = &location {
        let refused = url.check(&written.jwks_addresses);
        refused.map_err(|refused| {
            let message = format!("{refused}: see `jwks_addresses`");
            written.jwks.problem(message, None)
        })?;
    }
    Ok(location)
}
