//! Where a JWK set comes from: a file or a URL.

use std::{fmt, fs, path::PathBuf, str::FromStr};

use anyhow::{Context, bail};
use bulla_guard::{
    client::Cidr,
    keys::remote::{self, InvalidJwkSetUrl, JwkSetUrl, RemoteSettings},
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SkippedKey},
};

/// A JWK set by file or by URL.
#[derive(Debug, Clone)]
pub(crate) enum JwkSetLocation {
    /// A file on this machine. It may hold secrets (`oct` keys).
    File(PathBuf),
    /// An `https://` or `http://` address. Secrets from there are skipped.
    Url(JwkSetUrl),
}

impl FromStr for JwkSetLocation {
    type Err = InvalidJwkSetUrl;

    fn from_str(text: &str) -> Result<Self, InvalidJwkSetUrl> {
        let web = ["http://", "https://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        Ok(if web {
            Self::Url(JwkSetUrl::parse(text)?)
        } else {
            Self::File(text.into())
        })
    }
}

impl JwkSetLocation {
    /// The key set as it is now, with at least one usable key. A key that states no `alg` is bound
    /// to the first of the algorithms that it can do. A key that cannot be used is named on standard error.
    ///
    /// # Errors
    /// It cannot be had, is no JWK set, or has no key that can be used.
    pub(crate) fn load(&self, algorithms: &[Algorithm]) -> anyhow::Result<JwkSet> {
        let keys = match self {
            Self::File(path) => {
                let bytes = fs::read(path).with_context(|| format!("{self} cannot be read"))?;
                JwkSet::parse_with_secrets(&bytes, algorithms)
                    .with_context(|| format!("{self} is no JWK set"))?
            }
            Self::Url(url) => {
                // Whoever asks once has named the place.
                let settings = RemoteSettings {
                    addresses: Cidr::EVERYTHING.to_vec(),
                    ..RemoteSettings::new(url.clone(), algorithms)
                };
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime
                    .block_on(remote::fetch(&settings))
                    .with_context(|| self.to_string())?
            }
        };
        if keys.keys().is_empty() {
            let reasons: Vec<String> = keys
                .skipped()
                .iter()
                .map(|skipped| skipped.reason.to_string())
                .collect();
            bail!("{self} has no key that can be used {reasons:?}");
        }
        for SkippedKey {
            index,
            key_id,
            reason,
        } in keys.skipped()
        {
            let name = key_id.as_deref().unwrap_or("without an ID");
            eprintln!("bulla: {self}: key {index} ({name}) is not used: {reason}");
        }
        Ok(keys)
    }
}

impl fmt::Display for JwkSetLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_web_address_is_one() {
        let source = |text: &str| text.parse::<JwkSetLocation>().unwrap();
        assert!(matches!(
            source("https://a.example/keys"),
            JwkSetLocation::Url(_)
        ));
        assert!(matches!(
            source("http://127.0.0.1:1/keys"),
            JwkSetLocation::Url(_)
        ));
        assert!(matches!(source("keys.json"), JwkSetLocation::File(_)));
        assert!(matches!(source("./http:/keys"), JwkSetLocation::File(_)));
        for bad in ["https://", "https://user@a.example/keys"] {
            assert!(bad.parse::<JwkSetLocation>().is_err(), "{bad}");
        }
    }
}
