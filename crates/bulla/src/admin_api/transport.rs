//! How a call reaches the admin API.

use std::{io, path::Path, time::Duration};

use anyhow::{Context, anyhow};
use axum::{Router, body::Body};
use bulla_server::{admin, data_folder::DataFolder};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::UnixStream, sync::Mutex, time::timeout};
use tower::ServiceExt;

use crate::compose::{data::DATA_FOLDER, issuer::LocalIssuer};

/// How long the server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
const SILENT: &str = "the server that runs in this folder has not answered for 10 seconds";

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
        let path = DataFolder::admin_socket_in(Path::new(DATA_FOLDER));
        let stream = match UnixStream::connect(&path).await {
            Ok(stream) => stream,
            // No file, or one that a killed server left behind.
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => return Ok(None),
                io::ErrorKind::NotADirectory => return Ok(None),
                // More already wait there than it accepts.
                io::ErrorKind::WouldBlock => return Err(anyhow!("{SILENT}")),
                _ => return Err(error).with_context(|| path.display().to_string()),
            },
        };
        Self::over(stream).await.map(Some)
    }

    async fn over(stream: UnixStream) -> anyhow::Result<Self> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self::Socket(Mutex::new(sender)))
    }

    /// The router of this issuer.
    pub(super) fn in_process(local: LocalIssuer) -> Self {
        let router = admin::local_router(local.issuer.clone(), local.bans.clone(), None);
        Self::InProcess(router, local)
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "admin");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, Body::from);
        let request = request
            .body(body)
            .context("no request can be made of this")?;
        let (head, body) = match self {
            Self::Socket(sender) => {
                let mut sender = sender.lock().await;
                return timeout(PATIENCE, over_socket(&mut sender, request))
                    .await
                    .map_err(|_| anyhow!("{SILENT}"))?;
            }
            Self::InProcess(router, _) => match router.clone().oneshot(request).await {
                Ok(answer) => answer.into_parts(),
                Err(never) => match never {},
            },
        };
        whole(head.status, body).await
    }

    /// Closes the store, if it is open here, so that it is one whole file again.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        if let Self::InProcess(
            router,
            LocalIssuer {
                issuer,
                store,
                bans,
                folder,
            },
        ) = self
        {
            drop((router, issuer, bans));
            store.close().await?;
            drop(folder);
        }
        Ok(())
    }
}

async fn over_socket(
    sender: &mut http1::SendRequest<Body>,
    request: Request<Body>,
) -> anyhow::Result<(StatusCode, Bytes)> {
    // The answer before may have just been read: the connection needs a moment.
    sender.ready().await.context("the server went away")?;
    let answer = sender.send_request(request).await;
    let (head, body) = answer.context("the server went away")?.into_parts();
    whole(head.status, Body::new(body)).await
}

async fn whole(status: StatusCode, body: Body) -> anyhow::Result<(StatusCode, Bytes)> {
    let body = body
        .collect()
        .await
        .map_err(|error| anyhow!("the answer broke off: {error}"))?;
    Ok((status, body.to_bytes()))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::Instant,
    };

    use super::*;

    /// Reads a request, and answers so much.
    async fn answered(server: &mut UnixStream, answer: &str) {
        assert!(server.read(&mut [0; 1024]).await.unwrap() > 0);
        server.write_all(answer.as_bytes()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_silent_is_not_waited_for_any_longer() {
        for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"] {
            let (client, mut server) = UnixStream::pair().unwrap();
            let transport = Transport::over(client).await.unwrap();
            let began = Instant::now();
            let sending = transport.send(Method::GET, "/admin/users", None);
            let (sent, ()) = tokio::join!(sending, answered(&mut server, begun));
            assert_eq!(sent.unwrap_err().to_string(), SILENT);
            assert!(began.elapsed() >= PATIENCE);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_answers_is_heard() {
        let (client, mut server) = UnixStream::pair().unwrap();
        let transport = Transport::over(client).await.unwrap();
        let sending = transport.send(Method::GET, "/admin/users", None);
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let (sent, ()) = tokio::join!(sending, answered(&mut server, answer));
        assert_eq!(sent.unwrap(), (StatusCode::OK, Bytes::from("{}")));
    }
}
