//! Where a JWK set comes from: a file or a URL.

use std::{convert::Infallible, fmt, fs, path::PathBuf, str::FromStr};

use anyhow::{Context, bail};
use bulla_guard::keys::remote::{self, JwkSetUrl, RemoteSettings};
use bulla_jose::{jwa::Algorithm, jwk::JwkSet};

/// A JWK set by file or by URL.
#[derive(Debug, Clone)]
pub(crate) enum KeySource {
    /// A file on this machine. It may hold secrets (`oct` keys).
    File(PathBuf),
    /// An `https://` or `http://` address. Secrets from there are skipped.
    Url(String),
}

impl FromStr for KeySource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let web = ["http://", "https://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        Ok(if web {
            Self::Url(text.to_owned())
        } else {
            Self::File(text.into())
        })
    }
}

impl KeySource {
    /// The key set as it is now, with at least one usable key. A key that states no `alg` is bound
    /// to the first of the algorithms that it can do.
    ///
    /// # Errors
    /// It cannot be had, is no JWK set, or has no key that can be used.
    pub(crate) fn load(&self, algorithms: &[Algorithm]) -> anyhow::Result<JwkSet> {
        let keys = match self {
            Self::File(path) => {
                let bytes = fs::read(path).with_context(|| format!("{self} cannot be read"))?;
                JwkSet::parse_for(&bytes, algorithms)
                    .with_context(|| format!("{self} is no JWK set"))?
            }
            Self::Url(url) => {
                let settings = remote_settings(url, algorithms)?;
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
        Ok(keys)
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// How a JWK set is fetched from this URL, and fetched again.
///
/// # Errors
/// It is no URL for a JWK set.
pub(crate) fn remote_settings(
    url: &str,
    algorithms: &[Algorithm],
) -> anyhow::Result<RemoteSettings> {
    let parsed = JwkSetUrl::parse(url).with_context(|| url.to_owned())?;
    Ok(RemoteSettings::new(parsed, algorithms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_web_address_is_one() {
        let source = |text: &str| text.parse::<KeySource>().unwrap();
        assert!(matches!(
            source("https://a.example/keys"),
            KeySource::Url(_)
        ));
        assert!(matches!(
            source("http://127.0.0.1:1/keys"),
            KeySource::Url(_)
        ));
        assert!(matches!(source("keys.json"), KeySource::File(_)));
        assert!(matches!(source("./http:/keys"), KeySource::File(_)));
    }
}
