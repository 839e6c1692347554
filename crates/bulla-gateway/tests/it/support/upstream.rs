//! An upstream that keeps exactly what reached it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    net::{TcpListener, TcpSocket},
    task::AbortHandle,
};

use super::wire::{Wire, header};

/// The usual answer.
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A request as it stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) raw_body: String,
    pub(crate) body: String,
    /// Which connection it came over, counted from 0.
    pub(crate) connection: usize,
}

pub(crate) struct TestUpstream {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    accepting: AbortHandle,
}

/// An address at which nobody listens, kept so that nobody else will.
pub(crate) struct Nobody {
    pub(crate) address: SocketAddr,
    _bound: TcpSocket,
}

impl Nobody {
    pub(crate) fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            address: socket.local_addr().unwrap(),
            _bound: socket,
        }
    }
}

impl TestUpstream {
    /// One that answers everything with 200 `ok`.
    pub(crate) async fn start() -> Self {
        Self::answering(OK).await
    }

    /// One that answers everything with these bytes.
    pub(crate) async fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        let accepting = tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    let mut wire = Wire::over(stream);
                    while let Some(head) = wire.head().await {
                        let Some((body, raw)) = wire.body(&head, false).await else {
                            return;
                        };
                        let [body, raw_body] =
                            [body, raw].map(|bytes| String::from_utf8(bytes).unwrap());
                        kept.lock().unwrap().push(Received {
                            head,
                            raw_body,
                            body,
                            connection,
                        });
                        wire.write(answer).await;
                    }
                });
            }
        });
        Self {
            address,
            received,
            accepting: accepting.abort_handle(),
        }
    }

    /// All that reached it.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The one request that reached it.
    pub(crate) fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received[0].clone()
    }

    pub(crate) fn assert_untouched(&self) {
        assert_eq!(self.received(), []);
    }
}

impl Drop for TestUpstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Received {
    /// The request line, without its end.
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The names of all headers, in lower case and sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let lines = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'));
        let mut names: Vec<String> = lines.map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names
    }
}
