//! The keys of an issuer that is not in this process: from a file, or kept fresh from a URL.

mod file;
mod metrics;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use bulla_guard::keys::{
    KeySet,
    remote::{FetchStatus, RemoteKeySet, RemoteSettings},
};
use bulla_jose::{jwa::Algorithm, jwt::Issuer};
use prometheus_client::registry::Registry;

use self::{file::FileKeySet, metrics::KeysCollector};
use crate::jwk_set_location::JwkSetLocation;

/// The keys of one issuer, kept fresh while this lives.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    issuer: Issuer,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(FileKeySet),
    Url(RemoteKeySet),
}

impl IssuerKeys {
    /// Reads the file and watches it, or begins to fetch, as `adjust` changes the usual times and limits. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// The file cannot be read or has no key that can be used; this machine trusts no server.
    pub(crate) fn open(
        issuer: &Issuer,
        location: &JwkSetLocation,
        algorithms: &[Algorithm],
        adjust: impl FnOnce(RemoteSettings) -> RemoteSettings,
    ) -> anyhow::Result<Self> {
        let source = match location {
            JwkSetLocation::File(path) => Source::File(FileKeySet::open(path.clone(), algorithms)?),
            JwkSetLocation::Url(url) => {
                let settings = adjust(RemoteSettings::new(url.clone(), algorithms));
                Source::Url(RemoteKeySet::start(&settings).with_context(|| location.to_string())?)
            }
        };
        Ok(Self {
            issuer: issuer.clone(),
            source,
        })
    }

    /// For a verifier.
    pub(crate) fn set(&self) -> Arc<KeySet> {
        match &self.source {
            Source::File(file) => Arc::clone(file.keys()),
            Source::Url(remote) => Arc::clone(remote.keys()),
        }
    }

    /// How the fetching goes, and how old what it brought is; `None` for a file.
    fn fetching(&self) -> Option<(FetchStatus, Option<Duration>)> {
        match &self.source {
            Source::File(_) => None,
            Source::Url(remote) => Some((remote.status().borrow().clone(), remote.age())),
        }
    }
}

/// Lets the metrics tell how these keys do.
pub(crate) fn register(keys: &Arc<[IssuerKeys]>, registry: &mut Registry) {
    registry.register_collector(Box::new(KeysCollector(Arc::clone(keys))));
}
