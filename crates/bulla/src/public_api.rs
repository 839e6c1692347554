//! The public API of a server, as any client reaches it.

use std::{error::Error, time::Duration};

use anyhow::{Context, anyhow};
use bulla_server::config::values::HttpOrigin;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::time::timeout;

use crate::admin_api::Refused;

/// How long the server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer of the public API is smaller.
const MAX_ANSWER: usize = 1 << 20;

/// The way to the public API.
pub(crate) struct PublicApi {
    origin: HttpOrigin,
    client: WebClient,
}

enum WebClient {
    Http(Client<HttpConnector, Full<Bytes>>),
    Https(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl PublicApi {
    /// The one at this URL.
    ///
    /// # Errors
    /// It is `https`, and the system has no root certificates.
    pub(crate) fn at(origin: &HttpOrigin) -> anyhow::Result<Self> {
        let builder = Client::builder(TokioExecutor::new());
        let client = if origin.is_https() {
            let connector = HttpsConnectorBuilder::new()
                .with_native_roots()
                .context("no root certificates to check the server with")?
                .https_only()
                .enable_http1()
                .build();
            WebClient::Https(builder.build(connector))
        } else {
            WebClient::Http(builder.build_http())
        };
        Ok(Self {
            origin: origin.clone(),
            client,
        })
    }

    /// The JSON that is there.
    ///
    /// # Errors
    /// [`Refused`] with the problem that was answered; or there is no answer, in time or of this kind.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.get_dated(path).await?.0)
    }

    /// The same, and the `Date` that came with it.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(crate) async fn get_dated(&self, path: &str) -> anyhow::Result<(Value, Option<String>)> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// The JSON that is answered to this body.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let sent = self.send(Method::POST, path, Bytes::from(body.to_string()));
        Ok(sent.await?.0)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> anyhow::Result<(Value, Option<String>)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::new(body))
            .context("no request can be made of this URL")?;
        let answered = timeout(PATIENCE, self.answer(request)).await;
        answered.map_err(|_| anyhow!("{} has not answered for 10 seconds", self.origin))?
    }

    async fn answer(
        &self,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<(Value, Option<String>)> {
        let answer: Response<Incoming> = match &self.client {
            WebClient::Http(client) => client.request(request).await,
            WebClient::Https(client) => client.request(request).await,
        }
        .map_err(|error| anyhow!("{} cannot be reached: {}", self.origin, root(&error)))?;
        let status = answer.status();
        let date = answer.headers().get(header::DATE);
        let date = date.and_then(|date| Some(date.to_str().ok()?.to_owned()));
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| anyhow!("the answer broke off: {error}"))?;
        let json = serde_json::from_slice(&body.to_bytes());
        if status.is_success() {
            let json = json.with_context(|| format!("what {} answered is no JSON", self.origin))?;
            return Ok((json, date));
        }
        Err(Refused::of(status, json.unwrap_or_default()).into())
    }
}

/// What is behind an error: "client error" alone helps nobody.
fn root(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}
