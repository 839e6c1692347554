//! Tabs of honest users at two issuers over one database: their history reads as if one request had
//! been answered after another, and nobody is logged out.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bulla_core::{
    authentication::{RefreshError, SessionRequest},
    ids::SessionId,
    session::Device,
    store::SessionStore,
};
use bulla_server::issuer::Issuer;
use bulla_test::{SeededEntropy, seeds};
use tokio::task::JoinSet;

use crate::app::{SETTLE, SignedIn, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// One answered request: when it began and ended by a counter that all share, and what it got.
#[derive(Debug, Clone, Copy)]
struct Answered {
    began: u64,
    ended: u64,
    generation: u64,
}

/// What all tasks of one test share.
struct Desk {
    issuers: [Arc<Issuer>; 2],
    ticks: AtomicU64,
    history: Mutex<Vec<Answered>>,
}

impl Desk {
    async fn of(app: &TestApp) -> Arc<Self> {
        let second = app.issuer_with(app.hasher.clone()).await;
        Arc::new(Self {
            issuers: [Arc::clone(&app.issuer), second],
            ticks: AtomicU64::new(0),
            history: Mutex::default(),
        })
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// Refreshes at one of the issuers, and records what came of it.
    async fn refresh(&self, issuer: usize, token: &str) -> Result<String, RefreshError> {
        let issuer = &self.issuers[issuer % 2];
        // As the process does every second.
        issuer.keys().keep().await.unwrap();
        let began = self.tick();
        let service = issuer.authentication();
        let request = SessionRequest::default();
        let issued = service.refresh(token, Device::default(), request).await?;
        let answered = Answered {
            began,
            ended: self.tick(),
            generation: generation(&issued.refresh_token),
        };
        self.history.lock().unwrap().push(answered);
        Ok(issued.refresh_token.to_string())
    }

    /// The newest generation only grows. So a history of it reads as one after another exactly if no
    /// answer that began after another had ended has an older one; each has one that was made.
    fn check(&self, newest: u64) {
        let mut history = self.history.lock().unwrap().clone();
        history.sort_by_key(|answered| answered.began);
        let mut ended: Vec<Answered> = history.clone();
        ended.sort_by_key(|answered| answered.ended);
        let (mut before, mut handed_out) = (ended.iter().peekable(), 0);
        for answered in history {
            while let Some(earlier) = before.next_if(|earlier| earlier.ended < answered.began) {
                handed_out = handed_out.max(earlier.generation);
            }
            assert!(
                (handed_out..=newest).contains(&answered.generation),
                "{answered:?} after {handed_out}, newest {newest}"
            );
        }
    }
}

/// Read from the token itself: key version, session, generation.
fn generation(refresh_token: &str) -> u64 {
    let encoded = refresh_token.strip_prefix("brt_").unwrap();
    let bytes = bulla_jose::base64url::decode(encoded.as_bytes()).unwrap();
    u64::from_be_bytes(bytes[20..28].try_into().unwrap())
}

async fn newest(app: &TestApp, user: &SignedIn) -> u64 {
    let id = SessionId::parse(&user.session).unwrap();
    let (session, _) = app.store.session(id).await.unwrap().unwrap();
    assert_eq!(session.ended, None);
    session.generations.newest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_parallel_refreshes_of_one_token_have_one_successor() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let desk = Desk::of(&app).await;
    let mut token = ada.refresh.clone();
    for round in 1..=5 {
        app.clock.advance(SETTLE);
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
        assert_eq!(newest(&app, &ada).await, round + 1);
    }
    desk.check(6);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn honest_tabs_with_lost_replies_are_never_logged_out() {
    for seed in seeds(6) {
        let app = TestApp::start().await;
        let ada = app.register("ada").await;
        let desk = Desk::of(&app).await;
        let jar = Arc::new(Mutex::new(ada.refresh.clone()));
        let lots = SeededEntropy::new(seed);
        for round in 0..12 {
            // Between what the tabs do at once, any time passes.
            app.clock
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
                app.clock.advance(SETTLE / 40);
                tokio::task::yield_now().await;
            }
            tasks.join_all().await;
        }
        desk.check(newest(&app, &ada).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thief_among_busy_tabs_is_found() {
    for seed in seeds(6) {
        let app = TestApp::start().await;
        let ada = app.register("ada").await;
        let desk = Desk::of(&app).await;
        let mut held = [ada.refresh.clone(), ada.refresh.clone()];
        let lots = SeededEntropy::new(seed);
        let mut turns = 0;
        'theft: loop {
            turns += 1;
            assert!(turns <= 3, "{seed}: the theft goes unnoticed");
            app.clock.advance([SETTLE, DAY][lots.below(2)]);
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
        for token in [&held[0], &held[1], &ada.refresh] {
            let refused = desk.refresh(0, token).await;
            assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
        }
    }
}
