//! Every history of a few clients, a thief and an unreliable network, up to a depth, over the very
//! rule that the server runs. Time goes in ninths of the span.
//!
//! What is late arrives at last, but the delays of one cookie jar add up: a reply that is late, an
//! older one that is later still and puts the older token back into the jar, a request that takes
//! that token to the server. The model says how late each may be.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Debug,
    hash::Hash,
    time::Duration,
};

use bulla_core::{
    ids::SessionId,
    session::{
        Generations, Sighting,
        rotation::{Verdict, decide},
    },
    time::Timestamp,
};

/// The span in ticks of a millisecond.
const SPAN: i64 = 9;
const SETTLE: Duration = Duration::from_millis(9);

/// How unreliable the network is.
#[derive(Debug, Clone, Copy)]
struct Network {
    /// Whether a message may get lost, or come twice. A client that crashes is one whose reply is
    /// lost.
    losses: bool,
    /// How many ticks late a message may be.
    latest: i64,
}

/// A message under way: the generation that it carries, and how many ticks ago it was sent.
type Message = (u64, i64);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    server: Server,
    /// What the browser's one cookie jar holds.
    jar: u64,
    requests: BTreeSet<Message>,
    replies: BTreeSet<Message>,
    /// A replica that lags behind, until it has taken over.
    replica: Option<Server>,
    logged_out: bool,
}

impl State {
    /// Generations matter only relative to each other: histories that differ in nothing else are
    /// one.
    fn with_small_numbers(self) -> Self {
        let under_way = self.requests.iter().chain(&self.replies);
        let oldest = under_way
            .map(|message| message.0)
            .chain([self.jar, self.server.settled])
            .chain(self.replica.map(|replica| replica.settled))
            .min();
        let by = oldest.unwrap_or(0);
        let smaller = |messages: BTreeSet<Message>| {
            let messages = messages.into_iter();
            messages.map(|(number, age)| (number - by, age)).collect()
        };
        Self {
            server: self.server.with_smaller_numbers(by),
            jar: self.jar - by,
            requests: smaller(self.requests),
            replies: smaller(self.replies),
            replica: self.replica.map(|replica| replica.with_smaller_numbers(by)),
            logged_out: self.logged_out,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Server {
    newest: u64,
    settled: u64,
    /// Ticks since the newest was handed out; no more than the span is told apart.
    age: i64,
}

impl Server {
    fn new() -> Self {
        let first = Generations::first(Timestamp::from_millis(0));
        Self::from_generations(first, 0)
    }

    /// Answers a refresh token with a generation; `None` if it is taken for stolen.
    fn refresh(self, presented: u64) -> Option<(Self, u64)> {
        let (generations, now) = self.generations();
        let next = match decide(generations, presented, now, SETTLE) {
            Verdict::Repeat { next } => next.unwrap_or(generations),
            Verdict::Rotate { next, .. } => next,
            Verdict::Theft => return None,
        };
        let next = Self::from_generations(next, now.as_millis());
        Some((next, next.newest))
    }

    fn sight(self, generation: u64) -> Self {
        let (generations, now) = self.generations();
        let sighting = Sighting {
            session: SessionId::from_bytes([0; 16]),
            generation,
            seen_at: now,
        };
        let next = generations
            .sighted(&sighting, SETTLE)
            .unwrap_or(generations);
        Self::from_generations(next, now.as_millis())
    }

    fn later(self) -> Self {
        let age = (self.age + 1).min(SPAN);
        Self { age, ..self }
    }

    fn with_smaller_numbers(self, by: u64) -> Self {
        Self {
            newest: self.newest - by,
            settled: self.settled - by,
            ..self
        }
    }

    fn generations(self) -> (Generations, Timestamp) {
        let generations = Generations {
            newest: self.newest,
            handed_out_at: Timestamp::from_millis(0),
            settled: self.settled,
        };
        (generations, Timestamp::from_millis(self.age))
    }

    fn from_generations(generations: Generations, now: i64) -> Self {
        Self {
            newest: generations.newest,
            settled: generations.settled,
            age: now - generations.handed_out_at.as_millis(),
        }
    }
}

/// Visits every state that can be reached in `depth` steps; the number of them.
///
/// # Panics
/// With the history, if one of them must not be.
fn explore<S: Clone + Eq + Hash + Debug>(
    first: S,
    depth: usize,
    successors: impl Fn(&S) -> Vec<S>,
    must_not_be: impl Fn(&S) -> bool,
) -> usize {
    let mut came_from = HashMap::from([(first.clone(), None)]);
    let mut frontier = vec![first];
    for _ in 0..depth {
        let mut next = Vec::new();
        for state in frontier {
            for successor in successors(&state) {
                if came_from.contains_key(&successor) {
                    continue;
                }
                came_from.insert(successor.clone(), Some(state.clone()));
                assert!(
                    !must_not_be(&successor),
                    "{:#?}",
                    history(&came_from, &successor)
                );
                next.push(successor);
            }
        }
        frontier = next;
    }
    came_from.len()
}

/// What led to a state, a line each.
fn history<S: Eq + Hash + Debug>(came_from: &HashMap<S, Option<S>>, last: &S) -> Vec<String> {
    let steps = std::iter::successors(Some(last), |state| came_from[*state].as_ref());
    let mut lines: Vec<String> = steps.map(|state| format!("{state:?}")).collect();
    lines.reverse();
    lines
}

fn honest(replica: Option<Server>) -> State {
    State {
        server: Server::new(),
        jar: 1,
        requests: BTreeSet::new(),
        replies: BTreeSet::new(),
        replica,
        logged_out: false,
    }
}

/// All that can happen next to an honest user with three tabs.
fn honest_steps(state: &State, network: Network) -> Vec<State> {
    let mut next = Vec::new();
    let busy = state.requests.len() + state.replies.len();
    // A tab asks.
    if busy < 3 {
        let mut asked = state.clone();
        asked.requests.insert((state.jar, 0));
        next.push(asked);
    }
    // A request arrives.
    for request in &state.requests {
        let mut answered = state.clone();
        let Some((server, handed_out)) = state.server.refresh(request.0) else {
            answered.logged_out = true;
            next.push(answered);
            continue;
        };
        answered.server = server;
        if network.losses {
            // …and its answer gets lost; or it arrives once more later.
            let mut lost = answered.clone();
            lost.requests.remove(request);
            next.push(lost);
            answered.replies.insert((handed_out, 0));
            next.push(answered.clone());
        }
        answered.replies.insert((handed_out, 0));
        answered.requests.remove(request);
        next.push(answered);
    }
    // An answer arrives.
    for reply in &state.replies {
        let mut stored = state.clone();
        stored.jar = reply.0;
        stored.replies.remove(reply);
        next.push(stored);
    }
    // The access token is used, and a gateway says so.
    let mut sighted = state.clone();
    sighted.server = state.server.sight(state.jar);
    next.push(sighted);
    if let Some(replica) = state.replica {
        // It catches up, or takes over.
        let mut caught_up = state.clone();
        caught_up.replica = Some(state.server);
        next.push(caught_up);
        let mut failed_over = state.clone();
        failed_over.server = replica;
        failed_over.replica = None;
        next.push(failed_over);
    }
    let overdue = |message: &Message| message.1 == network.latest;
    let mut under_way = state.requests.iter().chain(&state.replies);
    if network.losses || !under_way.any(overdue) {
        next.push(a_tick_later(state, network.latest));
    }
    next.into_iter().map(State::with_small_numbers).collect()
}

fn a_tick_later(state: &State, latest: i64) -> State {
    let older = |messages: &BTreeSet<Message>| {
        let older = messages
            .iter()
            .map(|(generation, age)| (*generation, age + 1));
        older.filter(|(_, age)| *age <= latest).collect()
    };
    State {
        server: state.server.later(),
        jar: state.jar,
        requests: older(&state.requests),
        replies: older(&state.replies),
        replica: state.replica.map(Server::later),
        logged_out: state.logged_out,
    }
}

#[test]
fn an_honest_user_is_never_logged_out_by_the_network() {
    let network = Network {
        losses: true,
        latest: 2,
    };
    let steps = |state: &State| honest_steps(state, network);
    let states = explore(honest(None), 80, steps, |state| state.logged_out);
    assert!(states > 5000, "only {states} states");
}

#[test]
fn an_honest_user_is_not_logged_out_by_a_failover() {
    // A store that forgets and a message that is lost or late at once may log somebody out.
    let network = Network {
        losses: false,
        latest: 0,
    };
    let steps = |state: &State| honest_steps(state, network);
    let first = honest(Some(Server::new()));
    let states = explore(first, 80, steps, |state| state.logged_out);
    assert!(states > 500, "only {states} states");
}

/// Two who hold a copy of one token, and come at least a span apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Theft {
    server: Server,
    holds: [u64; 2],
    /// Who came, in order.
    comings: Vec<usize>,
    ended: bool,
}

fn theft_steps(state: &Theft) -> Vec<Theft> {
    if state.ended {
        return Vec::new();
    }
    let mut next = Vec::new();
    for who in [0, 1] {
        let mut came = state.clone();
        came.comings.push(who);
        match state.server.refresh(state.holds[who]) {
            Some((server, handed_out)) => {
                // The span passes before anybody comes again.
                came.server = Server {
                    age: SPAN,
                    ..server
                };
                // Who never hears the answer has not come.
                next.push(Theft {
                    comings: state.comings.clone(),
                    ..came.clone()
                });
                came.holds[who] = handed_out;
                // Whoever got it uses it at a gateway, or only at third parties.
                let mut used = came.clone();
                used.server = used.server.sight(handed_out);
                next.push(used);
            }
            None => came.ended = true,
        }
        next.push(came);
    }
    next
}

/// Whether one came, then the other, then the one again, and both are still in.
fn goes_unnoticed(state: &Theft) -> bool {
    let mut turns = state.comings.clone();
    turns.dedup();
    turns.len() > 2 && !state.ended
}

#[test]
fn a_theft_ends_the_session_once_both_came_and_the_first_again() {
    let stolen = Theft {
        server: Server {
            age: SPAN,
            ..Server::new()
        },
        holds: [1, 1],
        comings: Vec::new(),
        ended: false,
    };
    let states = explore(stolen, 10, theft_steps, goes_unnoticed);
    assert!(states > 100, "only {states} states");
}
