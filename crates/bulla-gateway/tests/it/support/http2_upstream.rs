//! An upstream that speaks HTTP/2 alone.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{AbortHandle, JoinSet},
};

/// What it answers with.
pub(crate) type Answering = Response<BoxBody<Bytes, hyper::Error>>;

pub(crate) struct Http2Upstream {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// Counts the farewells.
    goodbye: watch::Sender<usize>,
    accepting: AbortHandle,
}

impl Http2Upstream {
    /// One that answers so.
    pub(crate) async fn answering<F, R>(answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> R + Clone + Send + 'static,
        R: Future<Output = Answering> + Send + 'static,
    {
        Self::allowing(200, answer).await
    }

    /// As [`answering`](Self::answering), and so many requests at a time on one connection.
    pub(crate) async fn allowing<F, R>(streams: u32, answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> R + Clone + Send + 'static,
        R: Future<Output = Answering> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let goodbye = watch::Sender::new(0);
        let (counted, leaving) = (Arc::clone(&connections), goodbye.subscribe());
        let accepting = tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let (answer, mut leaving) = (answer.clone(), leaving.clone());
                leaving.mark_unchanged();
                let service = service_fn(move |request| {
                    let answered = answer(request);
                    async move { Ok::<_, Infallible>(answered.await) }
                });
                open.spawn(async move {
                    let mut builder = http2::Builder::new(TokioExecutor::new());
                    builder.max_concurrent_streams(streams);
                    let serving = builder.serve_connection(TokioIo::new(stream), service);
                    let mut serving = pin!(serving);
                    tokio::select! {
                        _ = &mut serving => return,
                        _ = leaving.changed() => serving.as_mut().graceful_shutdown(),
                    }
                    let _ = serving.await;
                });
            }
        });
        Self {
            address,
            connections,
            goodbye,
            accepting: accepting.abort_handle(),
        }
    }

    /// How many connections it has had.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Says on every connection that no more requests are taken on it (GOAWAY).
    pub(crate) fn say_goodbye(&self) {
        self.goodbye.send_modify(|times| *times += 1);
    }
}

impl Drop for Http2Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
