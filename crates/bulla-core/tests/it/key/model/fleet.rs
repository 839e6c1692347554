//! Issuers of one store, and gateways that fetch their keys.

use std::{sync::Arc, time::Duration};

use bulla_core::{
    key::ring::KeyView,
    store::{RevocationStore, SigningKeyStore},
    time::Timestamp,
};
use bulla_test::MemoryStore;
use futures_executor::block_on;

use super::{
    Act, ISSUERS, LIFETIME, Order, PATIENCE, SKEW,
    history::History,
    invariants,
    issuer::{Issuer, NumberedKeys, Shared},
};

pub(super) struct Fleet {
    /// The true time.
    now: Timestamp,
    shared: Shared,
    answers: bool,
    issuers: Vec<Issuer>,
    gateways: Vec<Gateway>,
    history: History,
}

/// A verifier apart from the issuers.
pub(super) struct Gateway {
    pub(super) view: Arc<KeyView>,
    /// What time it takes it to be.
    pub(super) now: Timestamp,
}

impl Fleet {
    /// Three issuers, one whose clock is right, one that is behind and one that is ahead, and as many gateways that are
    /// behind and ahead.
    pub(super) fn start() -> Self {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let shared = Shared {
            store: Arc::new(MemoryStore::default()),
            maker: Arc::new(NumberedKeys::default()),
        };
        block_on(shared.store.note_access_lifetime(LIFETIME)).unwrap();
        let skew = i64::try_from(SKEW.as_millis()).unwrap();
        let issuers = [0, -skew, skew].map(|skew| Issuer::start(&shared, now, skew));
        let gateways = [now.before(SKEW), now.after(SKEW)].map(|now| Gateway {
            view: issuers[0].view(),
            now,
        });
        let stored = block_on(shared.store.signing_keys()).unwrap().unwrap();
        Self {
            now,
            shared,
            answers: true,
            issuers: issuers.into(),
            gateways: gateways.into(),
            history: History::new(stored, now),
        }
    }

    pub(super) fn act(&mut self, act: &Act) {
        match *act {
            Act::Pass(span) => self.pass(span),
            Act::Quiet(minutes) => self.quiet(minutes),
            Act::Skew { issuer, by } => {
                let lost_before = self.lost_before();
                self.issuers[issuer].set_time(self.now, by, lost_before);
            }
            Act::Begin { issuer, order } => self.issuers[issuer].begin(order, self.now),
            Act::Step { issuer, nth } => self.step(issuer, nth),
            Act::Finish { issuer, nth } => self.finish(issuer, nth),
            Act::Crash { issuer } => self.crash(issuer),
            Act::Store { answers } => {
                self.answers = answers;
                self.shared.store.set_unavailable(!answers);
            }
            Act::Fetch { gateway, issuer } => {
                self.gateways[gateway].view = self.issuers[issuer].view();
            }
        }
        self.check();
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
        let lost_before = self.lost_before();
        for issuer in &mut self.issuers {
            issuer.set_time(self.now, issuer.skew(), lost_before);
        }
        for gateway in &mut self.gateways {
            gateway.now = gateway.now.after(span);
        }
    }

    fn quiet(&mut self, minutes: u32) {
        const TICK: Duration = Duration::from_secs(10);
        self.act(&Act::Store { answers: true });
        for _ in 0..6 * minutes {
            self.pass(TICK);
            for issuer in 0..ISSUERS {
                self.issuers[issuer].begin(Order::Keep, self.now);
                while self.issuers[issuer].running() > 0 {
                    self.step(issuer, 0);
                }
            }
            for gateway in &mut self.gateways {
                gateway.view = self.issuers[0].view();
            }
            self.check();
        }
    }

    fn step(&mut self, issuer: usize, nth: usize) {
        if let Some(order) = self.issuers[issuer].step(nth) {
            self.look(Some((issuer, order)));
        }
    }

    fn finish(&mut self, issuer: usize, nth: usize) {
        let others = self.issuers[issuer].running().saturating_sub(1);
        while self.issuers[issuer].running() > others {
            self.step(issuer, nth);
        }
    }

    /// While the store is away it does not start again: it stays as it was.
    fn crash(&mut self, issuer: usize) {
        if self.answers {
            let skew = self.issuers[issuer].skew();
            self.issuers[issuer] = Issuer::start(&self.shared, self.now, skew);
        }
    }

    /// Whether the keys have changed by what an issuer did.
    fn look(&mut self, by: Option<(usize, Order)>) {
        if !self.answers {
            return;
        }
        let stored = block_on(self.shared.store.signing_keys()).unwrap().unwrap();
        if self.history.note(stored, self.now) {
            let (issuer, order) = by.expect("who changes the keys was asked to");
            invariants::of_a_change(&self.history, order, self.issuers[issuer].now());
        }
    }

    fn check(&mut self) {
        for issuer in &mut self.issuers {
            assert!(issuer.learns(), "an issuer goes back to old news");
            if let Some(key) = issuer.signs_with() {
                let knows = (issuer.view(), issuer.verifying());
                invariants::of_a_signature(
                    &self.history,
                    &key,
                    &knows.0,
                    &knows.1,
                    (issuer.now(), self.now),
                );
                self.history.signed(key, issuer.now().after(LIFETIME));
            }
        }
        for issuer in &self.issuers {
            let revision = issuer.view().keys().revision;
            let verifying = issuer.verifying();
            invariants::of_a_verifier(
                &self.history,
                &verifying,
                revision,
                (issuer.now(), self.now),
            );
        }
        for gateway in &self.gateways {
            let (revision, keys) = (gateway.view.keys().revision, gateway.view.verifying_keys());
            invariants::of_a_verifier(&self.history, keys, revision, (gateway.now, self.now));
        }
        let revoked = block_on(self.shared.store.revocations(0, Timestamp::from_millis(0)));
        if let Ok(revoked) = revoked {
            invariants::of_revocations(&self.history, &revoked);
        }
    }

    fn lost_before(&self) -> Timestamp {
        self.now.before(PATIENCE)
    }
}
