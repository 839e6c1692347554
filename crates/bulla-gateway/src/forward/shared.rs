//! Connections to upstreams that many requests share: HTTP/2.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use hyper::client::conn::http2::SendRequest;
use tokio::{sync, time::Instant};
use tower::BoxError;

use super::{
    Connector,
    stream::{Allowance, Carrier, Stream},
};
use crate::{
    body::Body,
    target::{Server, ServerId},
};

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
    /// Held by whoever opens a connection.
    opening: Arc<sync::Mutex<LastFailure>>,
}

/// When a connection could last not be had.
type LastFailure = Option<Instant>;

#[derive(Debug)]
struct Connection {
    sender: SendRequest<Body>,
    carrier: Arc<Carrier>,
    used: Instant,
}

/// A connection is being opened until its server has said how many streams it allows. If it never does, it could not be had.
struct Opening {
    turn: Option<sync::OwnedMutexGuard<LastFailure>>,
    allowance: Arc<Allowance>,
}

impl SharedConnections {
    /// A place on a connection that is open.
    pub(super) fn take(&self, server: &Server) -> Option<Stream> {
        let mut shared = self.lock();
        let connections = shared.servers.get_mut(&server.id)?;
        connections
            .open
            .retain(|connection| !connection.sender.is_closed() && !connection.carrier.is_worn());
        let free = connections
            .open
            .iter_mut()
            .find(|connection| Carrier::has_room(&connection.carrier))?;
        free.used = Instant::now();
        Some(free.stream())
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
        let turn = opening.lock_owned().await;
        if let Some(stream) = self.take(server) {
            return Ok(stream);
        }
        if turn.is_some_and(|at| at > asked) {
            return Err("the server could not be reached a moment ago".into());
        }
        let allowance = Arc::<Allowance>::default();
        let mut opening = Opening {
            turn: Some(turn),
            allowance: Arc::clone(&allowance),
        };
        let allows = move |streams| opening.allows(streams);
        let sender = connector.connect_http2(server, allows).await?;
        Ok(self.put(server.id, sender, allowance))
    }

    fn put(
        &self,
        server: ServerId,
        sender: SendRequest<Body>,
        allowance: Arc<Allowance>,
    ) -> Stream {
        let connection = Connection {
            sender,
            carrier: Arc::new(Carrier::new(allowance)),
            used: Instant::now(),
        };
        let stream = connection.stream();
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
    fn stream(&self) -> Stream {
        Stream::new(self.sender.clone(), Arc::clone(&self.carrier))
    }

    fn is_needed(&self) -> bool {
        let carries = Carrier::load(&self.carrier) > 0;
        !self.sender.is_closed() && (carries || self.used.elapsed() < KEEP)
    }
}

impl Opening {
    fn allows(&mut self, streams: usize) {
        self.allowance.set(streams);
        if streams > 0 {
            self.turn = None;
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        if let Some(failed) = &mut self.turn {
            **failed = Some(Instant::now());
        }
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
