//! The life of keys at several issuers of one store, drawn by lot: reads, rotations, revocations and imports meet in every
//! order of their steps, issuers crash, the store goes away, clocks differ and are put right, and what verifies lags behind.
//! It is the very service that issuers run.
//!
//! What must hold is in [`invariants`]. A history that breaks it is told as short as one can be, and is the same in every run.

mod fleet;
mod history;
mod invariants;
mod issuer;

use std::time::Duration;

use bulla_core::key::life::{KeySchedule, VIEW_AGE};
use bulla_jose::jwa::Algorithm;
use proptest::{collection::vec, prelude::*};

use self::fleet::Fleet;

const ISSUERS: usize = 3;

/// No clock is further from the true time than this, either way.
const SKEW: Duration = Duration::from_secs(10);

/// Who waits for the store so long has lost it: what was decided is committed within this time, or never.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a token lives.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// So short that a history sees several rotations.
const SCHEDULE: KeySchedule = KeySchedule {
    rotate_every: Some(Duration::from_secs(20 * 60)),
    publish_ahead: Duration::from_secs(8 * 60),
    spread: VIEW_AGE,
};

/// What happens next.
#[derive(Debug, Clone)]
enum Act {
    /// Time passes.
    Pass(Duration),
    /// All is well for so many minutes: everybody keeps the keys, and what verifies fetches them.
    Quiet(u32),
    /// The clock of an issuer is so many milliseconds after the true time.
    Skew { issuer: usize, by: i64 },
    /// An issuer begins to carry out an order, beside what it is at already.
    Begin { issuer: usize, order: Order },
    /// One of its orders goes on to where it waits for the store again.
    Step { issuer: usize, nth: usize },
    /// One of its orders is carried out.
    Finish { issuer: usize, nth: usize },
    /// It forgets all but what is stored, and starts again.
    Crash { issuer: usize },
    /// The store goes away, or comes back.
    Store { answers: bool },
    /// A gateway apart takes over the keys that an issuer publishes.
    Fetch { gateway: usize, issuer: usize },
}

/// What an issuer is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Read,
    Keep,
    Rotate {
        at_once: bool,
    },
    /// The nth of the keys that are in use.
    Revoke {
        nth: usize,
    },
    /// The nth of those that are known elsewhere.
    Import {
        nth: usize,
        at_once: bool,
    },
    Want(Algorithm),
}

fn any_order() -> impl Strategy<Value = Order> {
    prop_oneof![
        2 => Just(Order::Read),
        6 => Just(Order::Keep),
        4 => any::<bool>().prop_map(|at_once| Order::Rotate { at_once }),
        2 => (0..8_usize).prop_map(|nth| Order::Revoke { nth }),
        3 => (0..2_usize, any::<bool>()).prop_map(|(nth, at_once)| Order::Import { nth, at_once }),
        1 => prop::sample::select(&[Algorithm::Hs256, Algorithm::Hs384]).prop_map(Order::Want),
    ]
}

fn any_act() -> impl Strategy<Value = Act> {
    let issuer = 0..ISSUERS;
    let skew = i64::try_from(SKEW.as_millis()).unwrap_or(0);
    prop_oneof![
        6 => (1..30_000_u64).prop_map(|span| Act::Pass(Duration::from_millis(span))),
        2 => (1..10_u32).prop_map(Act::Quiet),
        1 => (issuer.clone(), -skew..=skew).prop_map(|(issuer, by)| Act::Skew { issuer, by }),
        8 => (issuer.clone(), any_order()).prop_map(|(issuer, order)| Act::Begin { issuer, order }),
        8 => (issuer.clone(), 0..4_usize).prop_map(|(issuer, nth)| Act::Step { issuer, nth }),
        4 => (issuer.clone(), 0..4_usize).prop_map(|(issuer, nth)| Act::Finish { issuer, nth }),
        1 => issuer.clone().prop_map(|issuer| Act::Crash { issuer }),
        1 => any::<bool>().prop_map(|answers| Act::Store { answers }),
        2 => (0..2_usize, issuer).prop_map(|(gateway, issuer)| Act::Fetch { gateway, issuer }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        // A history is long.
        cases: ProptestConfig::default().cases.min(5000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_history_breaks_what_must_hold(acts in vec(any_act(), 1..100)) {
        let mut fleet = Fleet::start();
        for act in &acts {
            fleet.act(act);
        }
    }
}
