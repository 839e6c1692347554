//! Tabs of honest users at two issuers over one database: their history reads as if one request had
//! been answered after another, and nobody is logged out.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bulla_core::authentication::RefreshError;
use bulla_test::{SeededEntropy, seeds};
use tokio::task::JoinSet;

use super::desk::{Desk, Engine};
use crate::app::SETTLE;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Makes a test for each engine.
macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    super::$name(super::Engine::Sqlite).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    super::$name(super::Engine::Postgres).await;
                }
            )+
        }
    };
}

on_every_engine!(
    a_hundred_parallel_refreshes_of_one_token_have_one_successor,
    honest_tabs_with_lost_replies_are_never_logged_out,
    a_thief_among_busy_tabs_is_found
);

async fn a_hundred_parallel_refreshes_of_one_token_have_one_successor(engine: Engine) {
    let desk = Desk::on(engine).await;
    let mut token = desk.first.clone();
    for round in 1..=5 {
        desk.clock.advance(SETTLE);
        let mut tasks = JoinSet::new();
        for number in 0..100 {
            let (desk, token) = (Arc::clone(&desk), token.clone());
            tasks.spawn(async move { desk.refresh(number, &token).await.unwrap() });
        }
        let mut answers = tasks.join_all().await;
        answers.sort();
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        token = answers.remove(0);
        assert_eq!(desk.newest().await, round + 1);
    }
    desk.history.check(6);
}

/// A user with tabs that share one cookie jar.
#[derive(Clone)]
struct Tab {
    desk: Arc<Desk>,
    jar: Arc<Mutex<String>>,
    seed: u64,
}

impl Tab {
    /// Refreshes a few times; some replies are lost, and some requests sent twice.
    async fn browse(self) {
        let lots = SeededEntropy::new(self.seed);
        for _ in 0..4 {
            let token = self.jar.lock().unwrap().clone();
            let issuer = lots.below(2);
            if lots.below(4) == 0 {
                // A double click.
                self.desk.refresh(issuer + 1, &token).await.unwrap();
            }
            let refreshed = self.desk.refresh(issuer, &token).await.unwrap();
            if lots.below(3) > 0 {
                *self.jar.lock().unwrap() = refreshed;
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn honest_tabs_with_lost_replies_are_never_logged_out(engine: Engine) {
    for seed in seeds(6) {
        let desk = Desk::on(engine).await;
        let jar = Arc::new(Mutex::new(desk.first.clone()));
        let lots = SeededEntropy::new(seed);
        for round in 0..12 {
            // Between what the tabs do at once, any time passes.
            desk.clock
                .advance([Duration::ZERO, SETTLE / 3, SETTLE, DAY][lots.below(4)]);
            let mut tasks = JoinSet::new();
            for tab in 0..4 {
                let tab = Tab {
                    desk: Arc::clone(&desk),
                    jar: Arc::clone(&jar),
                    seed: seed * 1000 + round * 10 + tab,
                };
                tasks.spawn(tab.browse());
            }
            // …and some while they do.
            for _ in 0..4 {
                desk.clock.advance(SETTLE / 40);
                tokio::task::yield_now().await;
            }
            tasks.join_all().await;
        }
        desk.history.check(desk.newest().await);
    }
}

async fn a_thief_among_busy_tabs_is_found(engine: Engine) {
    for seed in seeds(6) {
        let desk = Desk::on(engine).await;
        let mut held = [desk.first.clone(), desk.first.clone()];
        let lots = SeededEntropy::new(seed);
        let mut turns = 0;
        'theft: loop {
            turns += 1;
            assert!(turns <= 3, "{seed}: the theft goes unnoticed");
            desk.clock.advance([SETTLE, DAY][lots.below(2)]);
            // Victim and thief take turns, each with a crowd of tabs.
            let who = (turns + usize::try_from(seed).unwrap()) % 2;
            let mut tasks = JoinSet::new();
            for number in 0..20 {
                let (desk, token) = (Arc::clone(&desk), held[who].clone());
                tasks.spawn(async move { desk.refresh(number, &token).await });
            }
            let answers = tasks.join_all().await;
            if answers
                .iter()
                .any(|answer| matches!(answer, Err(RefreshError::Reused)))
            {
                assert!(answers.iter().all(Result::is_err), "{answers:?}");
                break 'theft;
            }
            held[who] = answers.into_iter().next().unwrap().unwrap();
        }
        for token in [&held[0], &held[1], &desk.first] {
            let refused = desk.refresh(0, token).await;
            assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
        }
    }
}
