//! The threads that read, each with a connection of its own, so that no executor thread waits for a disk.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use bulla_core::store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;
use crate::queue::{Queue, Refused};

const QUEUE: usize = 8192;

type Query = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    queue: Arc<Queue<Query>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// How many readers this machine deserves.
pub(super) fn count() -> usize {
    thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4))
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> io::Result<Self> {
        let queue: Arc<Queue<Query>> = Arc::new(Queue::new(QUEUE));
        let mut threads = Vec::new();
        for connection in connections {
            let queries = Arc::clone(&queue);
            let thread = thread::Builder::new()
                .name("bulla-reader".into())
                .spawn(move || {
                    while let Some(query) = queries.pop() {
                        query(&connection);
                    }
                })?;
            threads.push(thread);
        }
        Ok(Self {
            queue,
            threads: Mutex::new(threads),
        })
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
        self.queue.try_push(Box::new(query)).map_err(refused)?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    pub(super) fn close(&self) {
        self.queue.close();
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // A panicked reader has told its caller already: the answer was dropped.
            drop(thread.join());
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
