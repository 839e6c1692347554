//! The threads that read, each with a connection of its own, so that no executor thread waits for a disk.

use std::{io, thread};

use bulla_core::store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;
use crate::{
    queue::Refused,
    workers::{Work, Workers},
};

const QUEUE: usize = 8192;

type Query = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers(Workers<Query>);

/// How many readers this machine deserves.
pub(super) fn count() -> usize {
    thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4))
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> io::Result<Self> {
        let readers = connections.into_iter().map(Reader);
        Workers::start("bulla-reader", QUEUE, readers).map(Self)
    }

    /// Runs a query that sees all that was committed before. Skipped if the caller has gone away.
    pub(super) async fn run<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let query = move |connection: &Connection| {
            if !reply.is_closed() {
                drop(reply.send(query(connection).map_err(StoreError::from)));
            }
        };
        self.0.submit(Box::new(query)).map_err(refused)?;
        answer.await.unwrap_or_else(|_| Err(dropped()))
    }

    pub(super) fn close(&self) {
        self.0.close();
    }
}

/// One thread, with its connection.
struct Reader(Connection);

impl Work<Query> for Reader {
    fn work(&mut self, queries: &mut Vec<Query>) {
        for query in queries.drain(..) {
            query(&self.0);
        }
    }
}

pub(super) fn refused(refused: Refused) -> StoreError {
    match refused {
        Refused::Full => StoreError::Unavailable("too many requests wait for it".into()),
        Refused::Closed => stopped(),
    }
}

pub(super) fn stopped() -> StoreError {
    StoreError::Unavailable("it is closed".into())
}

/// The answer of a job that was dropped: by a panic, its own or of a job that was committed with it.
pub(super) fn dropped() -> StoreError {
    StoreError::Unavailable("it failed while it was at it".into())
}
