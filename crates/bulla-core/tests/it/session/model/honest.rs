//! Honest users are not logged out.
//!
//! Tabs ask with what the one cookie jar holds. A request arrives at any of several issuers over one
//! store: it reads the session, decides, and writes if nobody else has written since; between any two of
//! these steps time may pass, others may do theirs, and the issuer may crash.
//!
//! What is late arrives at last, but the delays of one cookie jar add up: a reply that is late, an
//! older one that is later still and puts the older token back into the jar, a request that takes
//! that token to the server. The model says how late each may be.

use std::collections::BTreeSet;

use super::{
    explore,
    server::{Decision, Numbers, Server},
};

/// How unreliable everything between the jar and the store is.
#[derive(Debug, Clone, Copy)]
struct Network {
    /// Whether a message may get lost, or come twice, and issuers may crash. A client that crashes is
    /// one whose reply is lost.
    losses: bool,
    /// How many ticks a request may take until it is answered, and how many its answer.
    latest: i64,
    /// How many messages may be under way at once.
    most: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Request {
    generation: u64,
    /// Ticks since it was sent.
    age: i64,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Wire,
    /// At an issuer, so many ticks ago; one that lost a race reads again.
    Arrived {
        ago: i64,
        raced: bool,
    },
    /// The issuer has read the session, which may have moved since.
    Read {
        ago: i64,
        raced: bool,
        stale: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Reply {
    generation: u64,
    age: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    server: Server,
    /// What the browser's one cookie jar holds.
    jar: u64,
    requests: BTreeSet<Request>,
    replies: BTreeSet<Reply>,
    /// A replica that lags behind, until it has taken over.
    replica: Option<Server>,
    logged_out: bool,
}

impl State {
    fn new(server: Server, replica: Option<Server>) -> Self {
        Self {
            server,
            jar: 1,
            requests: BTreeSet::new(),
            replies: BTreeSet::new(),
            replica,
            logged_out: false,
        }
    }

    /// All that can happen next.
    fn next(&self, network: Network) -> Vec<Self> {
        let mut next = Vec::new();
        if self.requests.len() + self.replies.len() < network.most {
            next.push(self.with(|state| {
                let (generation, age, place) = (state.jar, 0, Place::Wire);
                state.requests.insert(Request {
                    generation,
                    age,
                    place,
                });
            }));
        }
        for request in &self.requests {
            next.extend(self.moved_on(*request, network));
        }
        for reply in &self.replies {
            next.push(self.with(|state| {
                state.jar = reply.generation;
                state.replies.remove(reply);
            }));
        }
        // The access token is used, and a gateway says so.
        next.push(self.with(|state| state.store(state.server.sight(state.jar))));
        if let Some(replica) = self.replica {
            // It catches up, or takes over.
            next.push(self.with(|state| state.replica = Some(state.server)));
            next.push(self.with(|state| {
                state.store(replica);
                state.replica = None;
            }));
        }
        next.extend(self.a_tick_later(network));
        next.into_iter().map(Self::renumbered).collect()
    }

    /// What can become of one request next.
    fn moved_on(&self, request: Request, network: Network) -> Vec<Self> {
        let gone = self.with(|state| {
            state.requests.remove(&request);
        });
        let at = |place| {
            let mut state = gone.clone();
            state.requests.insert(Request { place, ..request });
            state
        };
        let mut next = Vec::new();
        match request.place {
            Place::Wire => {
                let arrived = at(Place::Arrived {
                    ago: 0,
                    raced: false,
                });
                // …or it arrives once more later.
                let doubled = arrived.requests.len() + arrived.replies.len() < network.most;
                if network.losses && doubled {
                    next.push(arrived.with(|state| {
                        state.requests.insert(request);
                    }));
                }
                next.push(arrived);
            }
            Place::Arrived { ago, raced } => {
                match self.server.decide(request.generation, ago, raced) {
                    Decision::Answer(generation) => next.push(gone.answering(generation)),
                    Decision::Write(_) | Decision::Theft => next.push(at(Place::Read {
                        ago,
                        raced,
                        stale: false,
                    })),
                }
            }
            Place::Read {
                ago, stale: true, ..
            } => next.push(at(Place::Arrived { ago, raced: true })),
            Place::Read {
                ago,
                raced,
                stale: false,
            } => {
                match self.server.decide(request.generation, ago, raced) {
                    Decision::Answer(generation) => next.push(gone.answering(generation)),
                    Decision::Write(server) => {
                        let written = gone.with(|state| state.store(server));
                        next.push(written.answering(server.newest));
                        // A crash after the commit and before the answer.
                        next.extend(network.losses.then_some(written));
                    }
                    Decision::Theft => next.push(gone.with(|state| state.logged_out = true)),
                }
            }
        }
        // It is lost on the way, or its issuer crashes.
        next.extend(network.losses.then_some(gone));
        next
    }

    fn answering(&self, generation: u64) -> Self {
        self.with(|state| {
            state.replies.insert(Reply { generation, age: 0 });
        })
    }

    /// A commit: whoever has read before must read again.
    fn store(&mut self, server: Server) {
        if server == self.server {
            return;
        }
        self.server = server;
        let requests = std::mem::take(&mut self.requests).into_iter();
        self.requests = requests
            .map(|request| match request.place {
                Place::Read { ago, raced, .. } => Request {
                    place: Place::Read {
                        ago,
                        raced,
                        stale: true,
                    },
                    ..request
                },
                _ => request,
            })
            .collect();
    }

    /// `None` if something must arrive first; where messages may get lost, what is overdue does.
    fn a_tick_later(&self, network: Network) -> Option<Self> {
        let in_time = |age: i64| age < network.latest;
        let overdue = self.requests.iter().any(|request| !in_time(request.age))
            || self.replies.iter().any(|reply| !in_time(reply.age));
        if overdue && !network.losses {
            return None;
        }
        let requests = self.requests.iter().filter(|request| in_time(request.age));
        let replies = self.replies.iter().filter(|reply| in_time(reply.age));
        Some(Self {
            server: self.server.later(),
            requests: requests.map(|request| request.a_tick_later()).collect(),
            replies: replies
                .map(|reply| Reply {
                    age: reply.age + 1,
                    ..*reply
                })
                .collect(),
            replica: self.replica.map(Server::later),
            ..self.clone()
        })
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn renumbered(self) -> Self {
        let servers = [Some(self.server), self.replica].into_iter().flatten();
        let stored = servers.flat_map(|server| [server.newest, server.settled]);
        let requested = self.requests.iter().map(|request| request.generation);
        let replied = self.replies.iter().map(|reply| reply.generation);
        let held = requested.chain(replied).chain([self.jar]);
        let numbers = Numbers::new(stored.chain(held));
        Self {
            server: self.server.renumbered(&numbers),
            jar: numbers.of(self.jar),
            requests: (self.requests.into_iter())
                .map(|request| Request {
                    generation: numbers.of(request.generation),
                    ..request
                })
                .collect(),
            replies: (self.replies.into_iter())
                .map(|reply| Reply {
                    generation: numbers.of(reply.generation),
                    ..reply
                })
                .collect(),
            replica: self.replica.map(|replica| replica.renumbered(&numbers)),
            logged_out: self.logged_out,
        }
    }
}

impl Request {
    fn a_tick_later(self) -> Self {
        let place = match self.place {
            Place::Wire => Place::Wire,
            Place::Arrived { ago, raced } => Place::Arrived {
                ago: ago + 1,
                raced,
            },
            Place::Read { ago, raced, stale } => Place::Read {
                ago: ago + 1,
                raced,
                stale,
            },
        };
        Self {
            age: self.age + 1,
            place,
            ..self
        }
    }
}

#[test]
fn an_honest_user_is_never_logged_out_by_the_network_or_by_crashes() {
    let network = Network {
        losses: true,
        latest: 2,
        most: 3,
    };
    let next = |state: &State| state.next(network);
    let first = State::new(Server::new(9), None);
    let (states, depth) = explore(first, next, |state| state.logged_out);
    assert!(
        states > 100_000 && depth > 50,
        "{states} states, depth {depth}"
    );
}

#[test]
fn an_honest_user_is_not_logged_out_by_a_failover() {
    // A store that forgets and a message that is lost or late at once may log somebody out.
    let network = Network {
        losses: false,
        latest: 0,
        most: 3,
    };
    let next = |state: &State| state.next(network);
    let server = Server::new(9);
    let first = State::new(server, Some(server));
    let (states, depth) = explore(first, next, |state| state.logged_out);
    assert!(
        states > 3000 && depth > 60,
        "{states} states, depth {depth}"
    );
}
