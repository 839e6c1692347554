//! A theft ends the session.
//!
//! Two hold a copy of one refresh token. They come in any order, at any time: busy, slow, or in lock step;
//! answers get lost; access tokens are used at a gateway, or only at third parties.

use super::{
    explore,
    server::{Numbers, Server},
};

/// In ticks.
const SPAN: u8 = 9;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Theft {
    server: Server,
    holds: [u64; 2],
    /// Who came, a span or more after the last hand-out, and heard the answer: in turns, since both held the
    /// same token.
    turns: Vec<usize>,
    ended: bool,
}

impl Theft {
    fn new() -> Self {
        Self {
            server: Server::new(SPAN),
            holds: [1, 1],
            turns: Vec::new(),
            ended: false,
        }
    }

    fn next(&self) -> Vec<Self> {
        if self.ended {
            return Vec::new();
        }
        let mut next = vec![Self {
            server: self.server.later(),
            ..self.clone()
        }];
        for who in [0, 1] {
            next.extend(self.coming(who));
            next.push(Self {
                server: self.server.sight(self.holds[who]),
                ..self.clone()
            });
        }
        next.into_iter().map(Self::renumbered).collect()
    }

    /// One of them presents what he holds; and hears the answer, or does not.
    fn coming(&self, who: usize) -> Vec<Self> {
        let Some((server, handed_out)) = self.server.refresh(self.holds[who]) else {
            return vec![Self {
                ended: true,
                ..self.clone()
            }];
        };
        let unheard = Self {
            server,
            ..self.clone()
        };
        let mut came = unheard.clone();
        came.holds[who] = handed_out;
        if came.turns.last() != Some(&who) {
            if self.server.age >= SPAN.into() {
                came.turns.push(who);
            } else {
                // Lock step: he gets what the other got just before, like a second tab.
                came.turns.clear();
            }
        }
        vec![unheard, came]
    }

    fn renumbered(self) -> Self {
        let [first, second] = self.holds;
        let numbers = Numbers::new([first, second, self.server.newest, self.server.settled]);
        Self {
            server: self.server.renumbered(&numbers),
            holds: self.holds.map(|held| numbers.of(held)),
            ..self
        }
    }

    /// Whether one came, then the other, then the one again, and both are still in.
    fn goes_unnoticed(&self) -> bool {
        self.turns.len() > 2 && !self.ended
    }
}

#[test]
fn a_theft_ends_the_session_once_both_came_and_the_first_again() {
    let visited = explore(Theft::new(), Theft::next, Theft::goes_unnoticed);
    // All there are, and how far the last one is: another number is another model, or another rule.
    assert_eq!(visited, (1545, 60));
}
