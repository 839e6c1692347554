//! One issuer of the fleet: its clock, its keys, and what it is at.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use bulla_core::{
    key::{
        ring::{IssueError, KeyView},
        service::{ImportKeyError, KeyPorts, KeyService, KeysError, RevokeKeyError, RotateError},
        wrap::MasterKey,
    },
    ports::{Clock, KeyMaker},
    time::Timestamp,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, KeyError, KeyId, SigningKey},
};
use bulla_test::{MemoryStore, MockClock, RecordedKeys, SeededEntropy, tasks::step_aside};
use futures_executor::block_on;
use serde_json::json;
use zeroize::Zeroizing;

use super::{LIFETIME, Order, SCHEDULE};
use crate::{key::issuer::signer, world::COMMAND_LINE};

/// What all issuers have in common.
pub(super) struct Shared {
    pub(super) store: Arc<MemoryStore>,
    pub(super) maker: Arc<NumberedKeys>,
}

pub(super) struct Issuer {
    clock: Arc<MockClock>,
    /// In milliseconds after the true time.
    skew: i64,
    keys: KeyService,
    verifying: Arc<RecordedKeys>,
    running: Vec<Running>,
    /// The latest revision that it went by.
    latest: u64,
}

struct Running {
    order: Order,
    began_at: Timestamp,
    task: Pin<Box<dyn Future<Output = ()>>>,
}

impl Issuer {
    pub(super) fn start(shared: &Shared, now: Timestamp, skew: i64) -> Self {
        let clock = Arc::new(MockClock::new(now));
        let ports = KeyPorts {
            store: Arc::clone(&shared.store) as _,
            maker: Arc::clone(&shared.maker) as _,
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(SeededEntropy::default()),
            master_key: MasterKey::from_bytes(Zeroizing::new([1; 32])),
        };
        let verifying = Arc::new(RecordedKeys::default());
        let sink = Arc::clone(&verifying) as _;
        clock.set(Timestamp::from_millis(now.as_millis() + skew));
        let opened = KeyService::open(ports, SCHEDULE, Algorithm::Hs256, sink);
        Self {
            keys: block_on(opened).unwrap(),
            clock,
            skew,
            verifying,
            running: Vec::new(),
            latest: 0,
        }
    }

    pub(super) fn skew(&self) -> i64 {
        self.skew
    }

    /// What time it takes it to be.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// By its clock, which is so far from the true time. What has waited since `lost_before` is given up.
    pub(super) fn set_time(&mut self, now: Timestamp, skew: i64, lost_before: Timestamp) {
        self.skew = skew;
        self.clock
            .set(Timestamp::from_millis(now.as_millis() + skew));
        self.running
            .retain(|running| running.began_at > lost_before);
    }

    /// The key that it signs with now; `None`: it signs nothing.
    pub(super) fn signs_with(&self) -> Option<KeyId> {
        let ends_at = self.now().after(LIFETIME).as_seconds();
        match self.keys.ring().sign("at+jwt", &json!({ "exp": ends_at })) {
            Ok(token) => Some(signer(&token)),
            Err(IssueError::KeysOutdated) => None,
            Err(failed) => unreachable!("{failed}"),
        }
    }

    /// Whether what it goes by is not older than what it went by before.
    pub(super) fn learns(&mut self) -> bool {
        let before = self.latest;
        self.latest = self.view().keys().revision;
        self.latest >= before
    }

    /// What it goes by.
    pub(super) fn view(&self) -> Arc<KeyView> {
        self.keys.ring().view()
    }

    /// What the verifier beside it goes by.
    pub(super) fn verifying(&self) -> JwkSet {
        self.verifying.keys()
    }

    pub(super) fn begin(&mut self, order: Order, began_at: Timestamp) {
        let keys = self.keys.clone();
        self.running.push(Running {
            order,
            began_at,
            task: Box::pin(carry_out(keys, order)),
        });
    }

    /// How many orders it is at.
    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    /// Goes on with one of its orders, to where it waits again: which it was.
    pub(super) fn step(&mut self, nth: usize) -> Option<Order> {
        let nth = nth.checked_rem(self.running.len())?;
        let running = &mut self.running[nth];
        let order = running.order;
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(()) = running.task.as_mut().poll(&mut context) {
            drop(self.running.remove(nth));
        }
        Some(order)
    }
}

/// What is refused, or cannot be done now, is not done.
async fn carry_out(keys: KeyService, order: Order) {
    match order {
        Order::Read => store_failed(keys.read().await.map(drop)),
        Order::Keep => store_failed(keys.keep().await),
        Order::Want(algorithm) => store_failed(keys.want(algorithm).await),
        Order::Rotate { at_once } => match keys.rotate(at_once, &COMMAND_LINE).await {
            Ok(()) | Err(RotateError::Refused(_)) => {}
            Err(RotateError::Keys(error)) => store_failed(Err(error)),
        },
        Order::Revoke { nth } => {
            let all = keys.ring().view();
            let mut live = all.keys().all().iter().filter(|key| key.is_live()).cycle();
            let key = live.nth(nth).map(|key| key.key_id.clone()).unwrap();
            match keys.revoke(&key, &COMMAND_LINE).await {
                Ok(()) => {}
                Err(RevokeKeyError::NotFound) => unreachable!("no key is forgotten"),
                Err(RevokeKeyError::Keys(error)) => store_failed(Err(error)),
            }
        }
        Order::Import { nth, at_once } => {
            let key = key(Algorithm::Hs256, &format!("foreign-{nth}")).unwrap();
            match keys.import(&key, at_once, &COMMAND_LINE).await {
                Ok(()) | Err(ImportKeyError::Known(_) | ImportKeyError::Refused(_)) => {}
                Err(ImportKeyError::Unkeepable(error)) => unreachable!("{error}"),
                Err(ImportKeyError::Keys(error)) => store_failed(Err(error)),
            }
        }
    }
}

fn store_failed(outcome: Result<(), KeysError>) {
    if let Err(error) = outcome {
        assert!(matches!(error, KeysError::Store(_)), "{error}");
    }
}

/// Makes keys that are named in the order in which they are made.
#[derive(Default)]
pub(super) struct NumberedKeys(AtomicU8);

#[async_trait]
impl KeyMaker for NumberedKeys {
    async fn make(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        step_aside().await;
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        key(algorithm, &format!("key-{number}"))
    }
}

fn key(algorithm: Algorithm, id: &str) -> Result<SigningKey, KeyError> {
    let secret: Vec<u8> = id.bytes().cycle().take(64).collect();
    SigningKey::from_private_bytes(algorithm, KeyId::new(id).unwrap(), &secret)
}
