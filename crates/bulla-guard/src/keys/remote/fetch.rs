//! One `GET`, within limits. Redirects are not followed: they would lead to keys that nobody named.

use std::{error::Error, fmt, time::Duration};

use bulla_jose::jwk::JwkSetError;
use bytes::Bytes;
use http::{Request, StatusCode, header::ACCEPT};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::{
    AddressRefused, JwkSetUrl, RemoteSettings,
    target::{Resolver, Targets},
};

/// Why there is no JWK set from the URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL is `https`, and this machine has no root certificates to check the server with.
    #[error("no root certificates to check the server of the JWK set with: {0}")]
    NoRootCertificates(#[source] std::io::Error),
    /// The URL leads to an address that keys are not fetched from. Of an address that a name leads to,
    /// [`Unreachable`](Self::Unreachable) says so.
    #[error("the server of the JWK set is not asked: {0}")]
    AddressRefused(#[from] AddressRefused),
    /// No connection, or it broke off.
    #[error("the server of the JWK set cannot be reached: {0}")]
    Unreachable(String),
    /// Not all of it arrived in time.
    #[error("the JWK set did not arrive within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The answer is not 200. Redirects are not followed.
    #[error("the server of the JWK set answered {0}")]
    Status(StatusCode),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer is no JWK set.
    #[error("the answer is no JWK set: {0}")]
    NotAKeySet(#[from] JwkSetError),
    /// The answer is a JWK set without any key that could verify a token. Who serves one has made a mistake: an issuer
    /// that wants its keys forgotten has others by then.
    #[error("the JWK set has no key that can be used ({skipped} skipped)")]
    NoUsableKey {
        /// How many keys it has that cannot be used.
        skipped: usize,
    },
}

pub(super) struct Fetcher {
    url: JwkSetUrl,
    timeout: Duration,
    max_bytes: usize,
    targets: Targets,
    client: WebClient,
}

enum WebClient {
    Http(Client<HttpConnector<Resolver>, Empty<Bytes>>),
    Https(Client<HttpsConnector<HttpConnector<Resolver>>, Empty<Bytes>>),
}

impl Fetcher {
    pub(super) fn new(settings: &RemoteSettings) -> Result<Self, FetchError> {
        let targets = Targets::new(&settings.url, &settings.addresses);
        Ok(Self {
            url: settings.url.clone(),
            timeout: settings.timeout,
            max_bytes: settings.max_bytes,
            client: WebClient::new(&targets, settings.url.is_https())?,
            targets,
        })
    }

    /// The body of the answer.
    pub(super) async fn fetch(&self) -> Result<Bytes, FetchError> {
        tokio::time::timeout(self.timeout, self.fetch_in_time())
            .await
            .unwrap_or(Err(FetchError::TimedOut(self.timeout)))
    }

    async fn fetch_in_time(&self) -> Result<Bytes, FetchError> {
        // The resolver is asked about names only.
        if let Some(address) = self.url.address() {
            self.targets.check(address)?;
        }
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.url.uri().clone();
        let media_types =
            http::HeaderValue::from_static("application/jwk-set+json, application/json");
        request.headers_mut().insert(ACCEPT, media_types);
        let answer = match &self.client {
            WebClient::Http(client) => client.request(request).await,
            WebClient::Https(client) => client.request(request).await,
        };
        let response = answer.map_err(|error| FetchError::Unreachable(with_causes(&error)))?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        match Limited::new(response.into_body(), self.max_bytes)
            .collect()
            .await
        {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(FetchError::TooLarge(self.max_bytes))
            }
            Err(error) => Err(FetchError::Unreachable(with_causes(&*error))),
        }
    }
}

impl WebClient {
    fn new(targets: &Targets, https: bool) -> Result<Self, FetchError> {
        let mut connector = HttpConnector::new_with_resolver(Resolver::new(targets.clone()));
        let mut builder = Client::builder(TokioExecutor::new());
        // Minutes pass between two fetches: nothing to keep a connection open for.
        builder.pool_max_idle_per_host(0);
        if !https {
            return Ok(Self::Http(builder.build(connector)));
        }
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(FetchError::NoRootCertificates)?
            .https_only()
            .enable_http1()
            .wrap_connector(connector);
        Ok(Self::Https(builder.build(connector)))
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The error and what is behind it: "client error" alone helps nobody.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
