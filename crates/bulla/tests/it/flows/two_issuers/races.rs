//! The same refresh token at both at once: one successor, one history, and nobody is logged out.

use std::{
    sync::{Barrier, Mutex},
    thread,
    time::Duration,
};

use bulla_test::{RefreshHistory, SeededEntropy, generation};

use crate::{
    flows::refresh::pass,
    harness::{Http, Issuers, Session},
};

/// For what must happen within the span, however busy the machine is.
const SETTLE: Duration = Duration::from_secs(1);

fn issuers() -> Issuers {
    Issuers::new()
        .with("BULLA__SESSION__SETTLE", "1s")
        .with("BULLA__SESSION__MAX_PER_USER", "1000")
}

/// How many sessions there are…
const SESSIONS: usize = 60;
/// …and how often each is refreshed at both at once.
const ROUNDS: u64 = 5;
/// How many do so.
const TABS: usize = 4;

#[test]
fn hundreds_of_refreshes_at_both_at_once_have_one_successor_each() {
    let issuers = issuers();
    let running = issuers.start();
    let servers = running.each_ref().map(|server| server.public);
    Session::register(servers[0], "ada@example.com");
    let mut sessions: Vec<Session> = (0..SESSIONS)
        .map(|number| Session::login(servers[number % 2], "ada@example.com"))
        .collect();
    for round in 1..=ROUNDS {
        // Twice as long: their clocks differ by as little as they can.
        pass(2 * SETTLE);
        for session in &mut sessions {
            let answers = at_both_at_once(servers, session);
            for answer in &answers {
                assert_eq!(answer.refresh_token, answers[0].refresh_token);
                assert_eq!(answer.id, session.id);
            }
            *session = answers[0].clone();
            assert_eq!(generation(&session.refresh_token), round + 1);
        }
    }
    for session in &sessions {
        for server in servers {
            session.contact(server).expect(200);
        }
    }
}

fn at_both_at_once(servers: [Http; 2], session: &Session) -> Vec<Session> {
    let ready = Barrier::new(TABS);
    thread::scope(|scope| {
        let tabs = (0..TABS).map(|number| {
            let (ready, server) = (&ready, servers[number % 2]);
            scope.spawn(move || {
                ready.wait();
                session.refreshed(server)
            })
        });
        let tabs: Vec<_> = tabs.collect();
        tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
    })
}

/// Somebody with tabs that share one cookie jar.
struct Browser {
    servers: [Http; 2],
    jar: Mutex<Session>,
    history: RefreshHistory,
}

impl Browser {
    /// What a tab does: some replies are lost, and some requests sent twice.
    fn tab(&self, seed: u64) {
        let lots = SeededEntropy::new(seed);
        for _ in 0..4 {
            let held = self.jar.lock().unwrap().clone();
            let server = lots.below(2);
            if lots.below(4) == 0 {
                // A double click.
                self.refresh(1 - server, &held);
            }
            let refreshed = self.refresh(server, &held);
            if lots.below(3) > 0 {
                *self.jar.lock().unwrap() = refreshed;
            }
        }
    }

    fn refresh(&self, server: usize, held: &Session) -> Session {
        let began = self.history.now();
        let refreshed = held.refreshed(self.servers[server]);
        self.history.answered(began, &refreshed.refresh_token);
        refreshed
    }
}

#[test]
fn the_history_of_honest_tabs_at_both_reads_as_one_after_another() {
    let issuers = issuers();
    let running = issuers.start();
    let servers = running.each_ref().map(|server| server.public);
    let browsers: Vec<_> = (0..4)
        .map(|number| Browser {
            servers,
            jar: Mutex::new(Session::register(
                servers[number % 2],
                &format!("user{number}@example.com"),
            )),
            history: RefreshHistory::default(),
        })
        .collect();
    let lots = SeededEntropy::new(7);
    for round in 0..12 {
        pass([Duration::ZERO, SETTLE / 3, SETTLE][lots.below(3)]);
        thread::scope(|scope| {
            for (number, browser) in (0..).zip(&browsers) {
                for tab in 0..3 {
                    scope.spawn(move || browser.tab(round * 100 + number * 10 + tab));
                }
            }
        });
    }
    for browser in &browsers {
        let last = browser.jar.lock().unwrap().refreshed(servers[0]);
        let newest = generation(&last.refresh_token);
        assert!(newest > 2, "nothing was ever rotated");
        browser.history.check(newest);
        last.contact(servers[1]).expect(200);
    }
}
