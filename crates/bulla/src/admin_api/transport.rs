//! How a call reaches the admin API.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

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
    Socket(Mutex<Socket>),
    /// The router itself, and the store below it.
    InProcess(Router, LocalIssuer),
}

/// A server's socket, and a connection to it.
pub(super) struct Socket {
    path: PathBuf,
    sender: http1::SendRequest<Body>,
}

impl Transport {
    /// A connection to the server of this folder, if one runs.
    pub(super) async fn socket() -> anyhow::Result<Option<Self>> {
        let path = DataFolder::admin_socket_in(Path::new(DATA_FOLDER));
        match Socket::connect(path.clone()).await {
            Ok(socket) => Ok(Some(Self::Socket(Mutex::new(socket)))),
            // No file, or one that a killed server left behind.
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
                io::ErrorKind::NotADirectory => Ok(None),
                // More already wait there than it accepts.
                io::ErrorKind::WouldBlock => Err(anyhow!("{SILENT}")),
                _ => Err(error).with_context(|| path.display().to_string()),
            },
        }
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
            Self::Socket(socket) => {
                let mut socket = socket.lock().await;
                return timeout(PATIENCE, socket.send(request))
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

const GONE: &str = "the server went away";

impl Socket {
    async fn connect(path: PathBuf) -> io::Result<Self> {
        let sender = connected(&path).await?;
        Ok(Self { path, sender })
    }

    async fn send(&mut self, request: Request<Body>) -> anyhow::Result<(StatusCode, Bytes)> {
        // The answer before may have just been read: the connection needs a moment. And a server ends those that are
        // old or idle: what was not sent yet goes over another.
        if self.sender.ready().await.is_err() {
            self.sender = connected(&self.path).await.context(GONE)?;
        }
        let answer = match self.sender.try_send_request(request).await {
            Ok(answer) => answer,
            Err(mut error) => {
                let unsent = error.take_message();
                let unsent = unsent.ok_or_else(|| error.into_error()).context(GONE)?;
                self.sender = connected(&self.path).await.context(GONE)?;
                self.sender.send_request(unsent).await.context(GONE)?
            }
        };
        let (head, body) = answer.into_parts();
        whole(head.status, Body::new(body)).await
    }
}

async fn connected(path: &Path) -> io::Result<http1::SendRequest<Body>> {
    let stream = UnixStream::connect(path).await?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection);
    Ok(sender)
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
    use tempfile::TempDir;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixListener,
        time::Instant,
    };

    use super::*;

    /// Reads a request, and answers so much.
    async fn answered(server: &mut UnixStream, answer: &str) {
        assert!(server.read(&mut [0; 1024]).await.unwrap() > 0);
        server.write_all(answer.as_bytes()).await.unwrap();
    }

    /// A connection to a socket in a folder that goes with it, and who listens there.
    async fn listening() -> (Transport, UnixListener, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let socket = Socket::connect(path).await.unwrap();
        (Transport::Socket(Mutex::new(socket)), listener, folder)
    }

    const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_silent_is_not_waited_for_any_longer() {
        for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"] {
            let (transport, listener, _folder) = listening().await;
            let (mut server, _) = listener.accept().await.unwrap();
            let began = Instant::now();
            let sending = transport.send(Method::GET, "/admin/users", None);
            let (sent, ()) = tokio::join!(sending, answered(&mut server, begun));
            assert_eq!(sent.unwrap_err().to_string(), SILENT);
            assert!(began.elapsed() >= PATIENCE);
        }
    }

    #[tokio::test]
    async fn a_server_that_ends_a_connection_is_asked_over_another() {
        let (transport, listener, _folder) = listening().await;
        for ending in [
            ANSWER.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
            ANSWER.to_owned(),
        ] {
            let (sent, server) =
                tokio::join!(transport.send(Method::GET, "/admin/users", None), async {
                    let (mut server, _) = listener.accept().await.unwrap();
                    answered(&mut server, &ending).await;
                    server
                });
            assert_eq!(sent.unwrap(), (StatusCode::OK, Bytes::from("{}")));
            drop(server);
        }
        drop(listener);
        let sent = transport.send(Method::GET, "/admin/users", None).await;
        assert_eq!(sent.unwrap_err().to_string(), GONE);
    }
}
