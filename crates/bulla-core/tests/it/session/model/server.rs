//! A session in the store, and what issuers make of a refresh token.

use std::{collections::BTreeSet, time::Duration};

use bulla_core::{
    ids::SessionId,
    session::{
        Generations, Sighting,
        rotation::{Verdict, decide},
    },
    time::Timestamp,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Server {
    pub(super) newest: u64,
    pub(super) settled: u64,
    /// Ticks since the newest was handed out; no more than the span is told apart.
    pub(super) age: i64,
    /// How many ticks of a millisecond the span has.
    pub(super) span: u8,
}

/// What an issuer makes of a refresh token.
pub(super) enum Decision {
    /// This generation is handed out; nothing is written.
    Answer(u64),
    /// The newest generation is handed out once this is stored.
    Write(Server),
    /// The session ends once that is stored.
    Theft,
}

impl Server {
    pub(super) const fn new(span: u8) -> Self {
        let Generations {
            newest, settled, ..
        } = Generations::first(Timestamp::from_millis(0));
        Self {
            newest,
            settled,
            age: 0,
            span,
        }
    }

    /// What a request comes to that arrived `ago` ticks ago. One that lost a race hands out now.
    pub(super) fn decide(self, presented: u64, ago: i64, raced: bool) -> Decision {
        let (generations, now) = self.generations();
        let arrived = Timestamp::from_millis(now.as_millis() - ago);
        let next = match decide(generations, presented, arrived, self.settle()) {
            Verdict::Repeat { next: None } => return Decision::Answer(self.newest),
            Verdict::Repeat { next: Some(next) } if raced => next.handed_out_again(now),
            Verdict::Repeat { next: Some(next) } | Verdict::Rotate { next, .. } => next,
            Verdict::Theft => return Decision::Theft,
        };
        Decision::Write(self.at(next, now.as_millis()))
    }

    /// The same in one step, now: what it is then, and what is handed out; `None` if it is a theft.
    pub(super) fn refresh(self, presented: u64) -> Option<(Self, u64)> {
        match self.decide(presented, 0, false) {
            Decision::Answer(generation) => Some((self, generation)),
            Decision::Write(next) => Some((next, next.newest)),
            Decision::Theft => None,
        }
    }

    /// A gateway sees an access token of this generation now.
    pub(super) fn sight(self, generation: u64) -> Self {
        let (generations, now) = self.generations();
        let sighting = Sighting {
            session: SessionId::from_bytes([0; 16]),
            generation,
            seen_at: now,
        };
        let next = generations.sighted(&sighting, self.settle());
        self.at(next.unwrap_or(generations), now.as_millis())
    }

    pub(super) fn later(self) -> Self {
        let age = (self.age + 1).min(self.span.into());
        Self { age, ..self }
    }

    pub(super) fn renumbered(self, numbers: &Numbers) -> Self {
        Self {
            newest: numbers.of(self.newest),
            settled: numbers.of(self.settled),
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

    fn at(self, generations: Generations, now: i64) -> Self {
        Self {
            newest: generations.newest,
            settled: generations.settled,
            age: now - generations.handed_out_at.as_millis(),
            ..self
        }
    }

    fn settle(self) -> Duration {
        Duration::from_millis(self.span.into())
    }
}

/// Generations matter only by their order, and by which is next to which: histories that differ in
/// nothing else are one.
pub(super) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    pub(super) fn new(known: impl IntoIterator<Item = u64>) -> Self {
        let known: BTreeSet<u64> = known.into_iter().collect();
        let mut small = 0;
        let mut before: Option<u64> = None;
        let numbered = known.into_iter().map(|number| {
            small += before.map_or(0, |before| (number - before).min(2));
            before = Some(number);
            (number, small)
        });
        Self(numbered.collect())
    }

    /// # Panics
    /// If it is not one of them.
    pub(super) fn of(&self, number: u64) -> u64 {
        let at = self.0.binary_search_by_key(&number, |(known, _)| *known);
        self.0[at.unwrap()].1
    }
}
