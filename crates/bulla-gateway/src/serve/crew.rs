//! Who answers on a connection.

use std::{
    io,
    net::{IpAddr, TcpStream as StandardStream},
    num::NonZeroUsize,
    sync::Arc,
    thread::{self, JoinHandle},
};

use tokio::{
    net::TcpStream,
    runtime::{self, Handle},
    sync::{mpsc, watch},
};

use super::{
    connection::Connection,
    conversation::{Phase, Protocols},
    entrance::Entrance,
};
use crate::{Gateway, limit::Seat, worker::Worker};

/// The workers of a gateway.
pub(super) enum Crew {
    /// One, on the runtime of whoever accepts.
    Here(Desk),
    /// One on each of these threads.
    Threads(Vec<Thread>),
}

/// A worker, and what its connections need.
#[derive(Clone)]
pub(super) struct Desk {
    entrance: Arc<Entrance>,
    worker: Arc<Worker>,
    protocols: Arc<Protocols>,
    /// What its connections watch. They look at it whenever they do something, so no two threads share one.
    phase: watch::Sender<Phase>,
}

/// A thread with a worker on it.
pub(super) struct Thread {
    sender: mpsc::UnboundedSender<Accepted>,
    /// That of its desk: the connections of the thread are those who watch it.
    phase: watch::Sender<Phase>,
    handle: JoinHandle<()>,
}

/// A connection on its way to a thread.
struct Accepted {
    stream: StandardStream,
    peer: IpAddr,
    phase: watch::Receiver<Phase>,
    seat: Seat,
}

impl Crew {
    pub(super) fn here(gateway: &Arc<Gateway>, entrance: Entrance) -> Self {
        Self::Here(Desk::new(gateway, Arc::new(entrance), 0, None))
    }

    /// Starts the threads. Services run on the runtime that this is called on.
    pub(super) fn on_threads(
        gateway: &Arc<Gateway>,
        entrance: Entrance,
        threads: NonZeroUsize,
    ) -> io::Result<Self> {
        let (entrance, services) = (Arc::new(entrance), Handle::current());
        let desk = |number| {
            let (entrance, services) = (Arc::clone(&entrance), services.clone());
            Desk::new(gateway, entrance, number, Some(services))
        };
        (0..u16::try_from(threads.get()).unwrap_or(u16::MAX))
            .map(|number| Thread::start(desk(number), number))
            .collect::<io::Result<_>>()
            .map(Self::Threads)
    }

    /// Takes care of a connection to its end.
    pub(super) fn take(&self, stream: TcpStream, peer: IpAddr, seat: Seat) {
        match self {
            Self::Here(desk) => desk.take(stream, peer, desk.phase.subscribe(), seat),
            Self::Threads(threads) => {
                let least = threads
                    .iter()
                    .min_by_key(|thread| thread.phase.receiver_count());
                match (least, stream.into_std()) {
                    (Some(thread), Ok(stream)) => thread.take(stream, peer, seat),
                    (_, Err(error)) => {
                        tracing::debug!(%error, "a connection ended before it began");
                    }
                    (None, Ok(_)) => {}
                }
            }
        }
    }

    /// What the connections watch.
    pub(super) fn phases(&self) -> Vec<&watch::Sender<Phase>> {
        match self {
            Self::Here(desk) => vec![&desk.phase],
            Self::Threads(threads) => threads.iter().map(|thread| &thread.phase).collect(),
        }
    }

    /// Ends the threads. No connection is left.
    pub(super) async fn end(self) {
        let Self::Threads(threads) = self else {
            return;
        };
        let join = || {
            for Thread { sender, handle, .. } in threads {
                drop(sender);
                // A panic was reported where it happened.
                let _ = handle.join();
            }
        };
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

impl Desk {
    fn new(
        gateway: &Arc<Gateway>,
        entrance: Arc<Entrance>,
        number: u16,
        services: Option<Handle>,
    ) -> Self {
        Self {
            entrance,
            worker: Arc::new(Worker::new(Arc::clone(gateway), number, services)),
            protocols: Arc::new(Protocols::new(&gateway.settings.timeouts)),
            phase: watch::Sender::new(Phase::Serving),
        }
    }

    fn take(&self, stream: TcpStream, peer: IpAddr, phase: watch::Receiver<Phase>, seat: Seat) {
        let connection = Connection {
            stream,
            peer,
            entrance: Arc::clone(&self.entrance),
            worker: Arc::clone(&self.worker),
            protocols: Arc::clone(&self.protocols),
            phase,
        };
        tokio::spawn(async move {
            connection.run().await;
            drop(seat);
        });
    }
}

impl Thread {
    fn start(desk: Desk, number: u16) -> io::Result<Self> {
        let phase = desk.phase.clone();
        let (sender, mut accepted) = mpsc::unbounded_channel::<Accepted>();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let work = async move {
            while let Some(Accepted {
                stream,
                peer,
                phase,
                seat,
            }) = accepted.recv().await
            {
                match TcpStream::from_std(stream) {
                    Ok(stream) => desk.take(stream, peer, phase, seat),
                    Err(error) => tracing::debug!(%error, "a connection ended before it began"),
                }
            }
        };
        let handle = thread::Builder::new()
            .name(format!("gateway-{number}"))
            .spawn(move || runtime.block_on(work))?;
        Ok(Self {
            sender,
            phase,
            handle,
        })
    }

    fn take(&self, stream: StandardStream, peer: IpAddr, seat: Seat) {
        // A thread that is gone has panicked; then the connection is closed.
        let _ = self.sender.send(Accepted {
            stream,
            peer,
            phase: self.phase.subscribe(),
            seat,
        });
    }
}
