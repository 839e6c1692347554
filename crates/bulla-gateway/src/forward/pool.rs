//! Connections to upstreams that are kept for the next request.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use hashbrown::HashMap;
use hyper::client::conn::http1::SendRequest;
use tokio::time::Instant;

use crate::{
    body::Body,
    target::{Server, ServerId},
};

/// The idle connections of one gateway worker: whoever comes with a request takes the one that was used last.
#[derive(Debug, Clone)]
pub(super) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    idle: Mutex<Idle>,
    keep: Duration,
}

#[derive(Debug, Default)]
struct Idle {
    servers: HashMap<ServerId, Vec<Connection>>,
    /// Whether a task looks for connections that were idle for too long.
    swept: bool,
}

#[derive(Debug)]
struct Connection {
    sender: SendRequest<Body>,
    since: Instant,
}

/// A connection of its own for one request. It goes back once the answer has come to its end, and is closed if this is
/// dropped before.
#[derive(Debug)]
pub(super) struct Alone {
    pool: Pool,
    server: ServerId,
    pub(super) sender: SendRequest<Body>,
}

impl Pool {
    /// A pool that keeps a connection idle for so long.
    pub(super) fn new(keep: Duration) -> Self {
        Self(Arc::new(Shared {
            idle: Mutex::default(),
            keep,
        }))
    }

    /// A connection that was open a moment ago.
    pub(super) fn take(&self, server: &Server) -> Option<Alone> {
        let mut idle = self.0.lock();
        let connections = idle.servers.get_mut(&server.id)?;
        while let Some(connection) = connections.pop() {
            if connection.is_good(self.0.keep) {
                return Some(self.alone(server, connection.sender));
            }
        }
        None
    }

    /// A connection that comes here once it is free.
    pub(super) fn alone(&self, server: &Server, sender: SendRequest<Body>) -> Alone {
        Alone {
            pool: self.clone(),
            server: server.id,
            sender,
        }
    }

    fn put(&self, server: ServerId, sender: SendRequest<Body>) {
        let since = Instant::now();
        let mut idle = self.0.lock();
        idle.servers
            .entry(server)
            .or_default()
            .push(Connection { sender, since });
        if !idle.swept {
            idle.swept = true;
            tokio::spawn(sweep(Arc::downgrade(&self.0), self.0.keep));
        }
    }
}

impl Alone {
    /// Its answer has been read to the end. Called within a runtime.
    pub(super) fn give_back(self) {
        let Self {
            pool,
            server,
            mut sender,
        } = self;
        if sender.is_ready() {
            pool.put(server, sender);
        } else if !sender.is_closed() {
            // The task that reads the connection has not noticed yet.
            tokio::spawn(async move {
                if sender.ready().await.is_ok() {
                    pool.put(server, sender);
                }
            });
        }
    }
}

impl Connection {
    fn is_good(&self, keep: Duration) -> bool {
        self.since.elapsed() < keep && !self.sender.is_closed()
    }
}

impl Shared {
    // No panic leaves the connections half changed.
    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes connections that were idle for too long, until there are none left.
async fn sweep(pool: Weak<Shared>, keep: Duration) {
    loop {
        tokio::time::sleep(keep).await;
        let Some(pool) = pool.upgrade() else {
            return;
        };
        let mut idle = pool.lock();
        idle.servers.retain(|_, connections| {
            connections.retain(|connection| connection.is_good(keep));
            !connections.is_empty()
        });
        if idle.servers.is_empty() {
            idle.swept = false;
            return;
        }
    }
}
