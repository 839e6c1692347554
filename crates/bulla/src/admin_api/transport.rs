//! How a call reaches the admin API.

use std::{io, path::Path};

use anyhow::{Context, anyhow};
use axum::{Router, body::Body};
use bulla_server::admin;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::UnixStream, sync::Mutex, task::spawn_blocking};
use tower::ServiceExt;

use crate::compose::{data::DATA_FOLDER, issuer::LocalIssuer};

/// The way to the admin API.
pub(super) enum Transport {
    /// A connection to the server that runs here.
    Socket(Mutex<http1::SendRequest<Body>>),
    /// The router itself, and the store below it.
    InProcess(Router, LocalIssuer),
}

impl Transport {
    /// A connection to the server of this folder, if one runs.
    pub(super) async fn socket() -> anyhow::Result<Option<Self>> {
        let path = Path::new(DATA_FOLDER).join("admin.sock");
        let stream = match UnixStream::connect(&path).await {
            Ok(stream) => stream,
            // No file, or one that a killed server left behind.
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => return Ok(None),
                io::ErrorKind::NotADirectory => return Ok(None),
                _ => return Err(error).with_context(|| path.display().to_string()),
            },
        };
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Some(Self::Socket(Mutex::new(sender))))
    }

    /// The router of this issuer.
    pub(super) fn in_process(local: LocalIssuer) -> Self {
        Self::InProcess(admin::local_router(local.issuer.clone()), local)
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "admin");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request
            .body(body)
            .context("no request can be made of this")?;
        let (head, body) = match self {
            Self::Socket(sender) => {
                let mut sender = sender.lock().await;
                // The answer before may have just been read: the connection needs a moment.
                sender.ready().await.context("the server went away")?;
                let answer = sender.send_request(request).await;
                let (head, body) = answer.context("the server went away")?.into_parts();
                (head, Body::new(body))
            }
            Self::InProcess(router, _) => match router.clone().oneshot(request).await {
                Ok(answer) => answer.into_parts(),
                Err(never) => match never {},
            },
        };
        let body = body
            .collect()
            .await
            .map_err(|error| anyhow!("the answer broke off: {error}"))?;
        Ok((head.status, body.to_bytes()))
    }

    /// Closes the store, if it is open here, so that it is one whole file again.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        if let Self::InProcess(
            router,
            LocalIssuer {
                issuer,
                store,
                folder,
            },
        ) = self
        {
            drop((router, issuer));
            spawn_blocking(move || store.close())
                .await
                .context("the store did not close")?;
            drop(folder);
        }
        Ok(())
    }
}
