//! Connections to upstreams that many requests share: HTTP/2.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use hyper::client::conn::http2::SendRequest;
use tokio::{sync, time::Instant};
use tower::BoxError;

use super::Connector;
use crate::{
    body::Body,
    target::{Server, ServerId},
};

/// Requests that one connection carries before there is another: no more than servers usually allow.
pub(super) const MAX_STREAMS: usize = 100;

/// How long a connection without a request is kept.
const KEEP: Duration = Duration::from_secs(60);

/// The connections of one gateway worker, as few as carry its requests.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedConnections(Arc<Mutex<ByServer>>);

#[derive(Debug, Default)]
struct ByServer {
    servers: HashMap<ServerId, Connections>,
    /// Whether a task looks for connections that nobody needs.
    swept: bool,
}

#[derive(Debug, Default)]
struct Connections {
    open: Vec<Connection>,
    /// Held by whoever opens a connection: when that last failed.
    opening: Arc<sync::Mutex<Option<Instant>>>,
}

#[derive(Debug)]
struct Connection {
    sender: SendRequest<Body>,
    /// Every request that it carries holds one.
    carries: Arc<()>,
    used: Instant,
}

/// A place for a request on a connection.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) sender: SendRequest<Body>,
    _carries: Arc<()>,
}

impl SharedConnections {
    /// A place on a connection that is open.
    pub(super) fn take(&self, server: &Server) -> Option<Stream> {
        let mut shared = self.lock();
        let connections = shared.servers.get_mut(&server.id)?;
        connections
            .open
            .retain(|connection| !connection.sender.is_closed());
        let free = connections
            .open
            .iter_mut()
            .find(|connection| connection.load() < MAX_STREAMS)?;
        free.used = Instant::now();
        Some(Stream {
            sender: free.sender.clone(),
            _carries: Arc::clone(&free.carries),
        })
    }

    /// A place on a connection that is open, or else on a new one. Of those who find none, one opens it and the others
    /// wait; if that fails, it has failed for them too.
    pub(super) async fn take_or_open(
        &self,
        server: &Server,
        connector: &Connector,
    ) -> Result<Stream, BoxError> {
        let asked = Instant::now();
        let opening = Arc::clone(&self.lock().servers.entry(server.id).or_default().opening);
        let mut failed = opening.lock().await;
        if let Some(stream) = self.take(server) {
            return Ok(stream);
        }
        if failed.is_some_and(|at| at > asked) {
            return Err("the server could not be reached a moment ago".into());
        }
        match connector.connect_http2(server).await {
            Ok(sender) => Ok(self.put(server.id, sender)),
            Err(error) => {
                *failed = Some(Instant::now());
                Err(error)
            }
        }
    }

    fn put(&self, server: ServerId, sender: SendRequest<Body>) -> Stream {
        let carries = Arc::new(());
        let stream = Stream {
            sender: sender.clone(),
            _carries: Arc::clone(&carries),
        };
        let connection = Connection {
            sender,
            carries,
            used: Instant::now(),
        };
        let mut shared = self.lock();
        shared
            .servers
            .entry(server)
            .or_default()
            .open
            .push(connection);
        if !shared.swept {
            shared.swept = true;
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
        stream
    }

    fn lock(&self) -> MutexGuard<'_, ByServer> {
        lock(&self.0)
    }
}

impl Connection {
    fn load(&self) -> usize {
        Arc::strong_count(&self.carries) - 1
    }

    fn is_needed(&self) -> bool {
        !self.sender.is_closed() && (self.load() > 0 || self.used.elapsed() < KEEP)
    }
}

// No panic leaves the connections half changed.
fn lock(shared: &Mutex<ByServer>) -> MutexGuard<'_, ByServer> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Closes connections that carried nothing for a while, until there are none left.
async fn sweep(shared: Weak<Mutex<ByServer>>) {
    loop {
        tokio::time::sleep(KEEP).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let mut shared = lock(&shared);
        shared.servers.retain(|_, connections| {
            connections.open.retain(Connection::is_needed);
            !connections.open.is_empty() || Arc::strong_count(&connections.opening) > 1
        });
        if shared.servers.is_empty() {
            shared.swept = false;
            return;
        }
    }
}
