//! A theft ends the session.
//!
//! Two hold a copy of one refresh token. They come in any order, at any time: busy, slow, or in lock step;
//! requests and answers get lost or are late; access tokens are used at a gateway, or only at third parties.

use std::collections::BTreeSet;

use super::{
    explore,
    server::{Numbers, Server},
};

/// In ticks.
const SPAN: u8 = 9;

/// What is between the two and the store.
#[derive(Debug, Clone, Copy)]
struct Network {
    /// How many ticks a request and an answer may take, each.
    latest: i64,
    /// How many of them may be under way at once.
    most: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Theft {
    server: Server,
    holds: [u64; 2],
    under_way: BTreeSet<Message>,
    /// Who got a newer token: in turns, since both held the same one.
    turns: Vec<usize>,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Message {
    who: usize,
    generation: u64,
    /// Ticks since it was sent.
    age: i64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Request,
    Answer,
}

impl Theft {
    fn new() -> Self {
        Self {
            server: Server::new(SPAN),
            holds: [1, 1],
            under_way: BTreeSet::new(),
            turns: Vec::new(),
            ended: false,
        }
    }

    fn next(&self, network: Network) -> Vec<Self> {
        if self.ended {
            return Vec::new();
        }
        let mut next = vec![self.a_tick_later(network)];
        for who in [0, 1] {
            if self.under_way.len() < network.most {
                next.push(self.with(|state| {
                    state.under_way.insert(Message {
                        who,
                        generation: state.holds[who],
                        age: 0,
                        kind: Kind::Request,
                    });
                }));
            }
            next.push(self.with(|state| state.server = state.server.sight(state.holds[who])));
        }
        for message in &self.under_way {
            let gone = self.with(|state| {
                state.under_way.remove(message);
            });
            next.push(gone.arriving(*message));
            next.push(gone);
        }
        next.into_iter().map(Self::renumbered).collect()
    }

    fn arriving(&self, message: Message) -> Self {
        let Message {
            who, generation, ..
        } = message;
        match message.kind {
            Kind::Request => match self.server.refresh(generation) {
                None => self.with(|state| state.ended = true),
                Some((server, handed_out)) => self.with(|state| {
                    state.server = server;
                    state.under_way.insert(Message {
                        who,
                        generation: handed_out,
                        age: 0,
                        kind: Kind::Answer,
                    });
                }),
            },
            Kind::Answer => self.with(|state| {
                let is_newer = generation > state.holds[who];
                state.holds[who] = generation;
                if state.holds[0] == state.holds[1] {
                    // Lock step: he gets what the other got just before, like a second tab.
                    state.turns.clear();
                } else if is_newer && state.turns.last() != Some(&who) {
                    state.turns.push(who);
                }
            }),
        }
    }

    /// What is overdue is lost.
    fn a_tick_later(&self, network: Network) -> Self {
        let in_time = |message: &&Message| message.age < network.latest;
        let later = |message: &Message| Message {
            age: message.age + 1,
            ..*message
        };
        Self {
            server: self.server.later(),
            under_way: self.under_way.iter().filter(in_time).map(later).collect(),
            ..self.clone()
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn renumbered(self) -> Self {
        let sent = self.under_way.iter().map(|message| message.generation);
        let stored = [self.server.newest, self.server.settled];
        let numbers = Numbers::new(self.holds.into_iter().chain(stored).chain(sent));
        Self {
            server: self.server.renumbered(&numbers),
            holds: self.holds.map(|held| numbers.of(held)),
            under_way: (self.under_way.iter())
                .map(|message| Message {
                    generation: numbers.of(message.generation),
                    ..*message
                })
                .collect(),
            ..self
        }
    }

    /// Whether one got on, then the other, then the one again, and both are still in.
    fn goes_unnoticed(&self) -> bool {
        self.turns.len() > 2 && !self.ended
    }
}

#[test]
fn a_theft_ends_the_session_before_one_and_the_other_and_the_one_again_get_a_newer_token() {
    let network = Network { latest: 3, most: 2 };
    let next = |state: &Theft| state.next(network);
    let visited = explore(Theft::new(), next, Theft::goes_unnoticed);
    // All there are, and how far the last one is: another number is another model, or another rule.
    assert_eq!(visited, (90_419, 83));
}
