//! The collector, over HTTP.

use std::{io, time::Duration};

use bulla_server::config::values::HttpOrigin;
use bytes::Bytes;
use http::{Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;

use super::otlp;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 64 * 1024;

/// Takes spans. Redirects are not followed.
pub(super) struct Collector {
    url: String,
    client: WebClient,
}

enum WebClient {
    Http(Client<HttpConnector, Full<Bytes>>),
    Https(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// Spans were not taken, and why.
#[derive(Debug)]
pub(super) enum Refused {
    /// The same may be taken later.
    ForNow(String),
    /// The same would be refused again.
    ForGood(String),
}

impl Collector {
    /// The collector there.
    ///
    /// # Errors
    /// It is `https`, and the system's root certificates cannot be read.
    pub(super) fn at(origin: &HttpOrigin) -> io::Result<Self> {
        let builder = Client::builder(TokioExecutor::new());
        let client = if origin.is_https() {
            let connector = HttpsConnectorBuilder::new().with_native_roots()?;
            WebClient::Https(builder.build(connector.https_only().enable_http1().build()))
        } else {
            WebClient::Http(builder.build_http())
        };
        Ok(Self {
            url: format!("{origin}/v1/traces"),
            client,
        })
    }

    /// Hands it an encoded request. How many of the spans in it were refused all the same.
    ///
    /// # Errors
    /// All were.
    pub(super) async fn take(&self, body: Bytes) -> Result<u64, Refused> {
        timeout(TIMEOUT, self.take_in_time(body))
            .await
            .unwrap_or_else(|_elapsed| Err(Refused::ForNow("it did not answer in time".into())))
    }

    async fn take_in_time(&self, body: Bytes) -> Result<u64, Refused> {
        let request = Request::post(&self.url)
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(Full::new(body))
            .map_err(|error| Refused::ForGood(error.to_string()))?;
        let answer = match &self.client {
            WebClient::Http(client) => client.request(request).await,
            WebClient::Https(client) => client.request(request).await,
        };
        let answer = answer.map_err(|error| Refused::ForNow(with_cause(&error)))?;
        let status = answer.status();
        if !status.is_success() {
            let reason = format!("it answered {status}");
            return Err(match status {
                // OTLP section "Retryable Response Codes".
                StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => Refused::ForNow(reason),
                _ => Refused::ForGood(reason),
            });
        }
        // Read to its end, so that the connection is used again. What is no such answer says nothing about spans.
        let answer = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        Ok(answer.map_or(0, |answer| otlp::refused(answer.to_bytes())))
    }
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_cause(cause)),
        None => error.to_string(),
    }
}
