//! How much may come. Clients are told apart by what a listed proxy, this machine, says of them.

mod address;
mod connections;
mod forward_auth;
mod plan;
mod visitors;

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bulla_gateway::{
    AddressLimit, Limits, Rules,
    clock::Clock,
    route::{Route, RouteLimit},
};
use bulla_guard::{
    abuse::{AbuseLedger, Spared},
    access::Access,
    limit::{Counted, Plan, Plans, Quota},
};
use serde_json::Value;

use crate::support::{
    Answer, NOW, TestGateway, TestUpstream, claims, route, rules, token, upstream,
};

/// A clock that goes on when it is told to.
struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn milliseconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl SetClock {
    fn advance(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    fn set_back(&self, milliseconds: u64) {
        self.0.fetch_sub(milliseconds, Ordering::SeqCst);
    }
}

/// A gateway with limits, and its clock.
struct Limited {
    gateway: TestGateway,
    clock: Arc<SetClock>,
    server: TestUpstream,
}

impl Limited {
    /// `/public/…`, `/visit/…` for anonymous visitors too, and the rest for signed-in users, all by the token's plan; and
    /// `/free/…` for anybody, without a limit.
    async fn start(limits: Limits) -> Self {
        Self::start_sparing(limits, &[]).await
    }

    /// These are exempt.
    async fn start_sparing(limits: Limits, exempt: &[&str]) -> Self {
        let server = TestUpstream::start().await;
        let clock = Arc::new(SetClock(AtomicU64::new(NOW * 1000)));
        let handed_in = Arc::clone(&clock);
        let rules = Self::rules(&server, limits);
        let spared = Spared {
            scoring: false,
            exempt: exempt.iter().map(|range| range.parse().unwrap()).collect(),
            proxies: rules.trusted_proxies.clone(),
        };
        let gateway = TestGateway::start_by(rules, |settings| {
            settings.clock = handed_in;
            settings.abuse = Arc::new(AbuseLedger::new(spared));
        })
        .await;
        Self {
            gateway,
            clock,
            server,
        }
    }

    fn rules(server: &TestUpstream, limits: Limits) -> Rules {
        let own_plan = |path, access| Route {
            limit: RouteLimit::OwnPlan,
            ..route(path, access, upstream(server.address))
        };
        let mut admin = own_plan("/admin", Access::Authenticated);
        admin.policy.roles = vec!["admin".to_owned()];
        Rules {
            limits,
            trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
            ..rules(vec![
                own_plan("/public/{*rest}", Access::Public),
                own_plan("/visit/{*rest}", Access::Anonymous),
                route("/free/{*rest}", Access::Public, upstream(server.address)),
                admin,
                own_plan("/{*rest}", Access::Authenticated),
            ])
        }
    }

    /// Asks from this address, with this token.
    async fn get(&self, path: &str, address: &str, token: Option<&str>) -> Answer {
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let headers = format!(
            "X-Forwarded-For: {address}\r\n{}",
            bearer.unwrap_or_default()
        );
        self.gateway.get(path, &headers).await
    }

    /// How many of so many requests pass; each of the others is one too many.
    async fn passed(&self, count: u32, path: &str, address: &str, token: Option<&str>) -> u32 {
        let mut passed = 0;
        for _ in 0..count {
            let answer = self.get(path, address, token).await;
            match answer.status {
                429 => assert_eq!(answer.code(), "rate_limited"),
                status => {
                    assert_eq!(status, 200, "{answer:?}");
                    passed += 1;
                }
            }
        }
        passed
    }
}

const ADDRESS: &str = "192.0.2.1";

fn quota(rate: &str, burst: u32) -> Quota {
    Quota::new(rate.parse().unwrap(), NonZeroU32::new(burst).unwrap()).unwrap()
}

/// Plans that count in this way.
fn plans(plans: &[(&str, &str, u32, &str)]) -> Limits {
    let plan = |(name, rate, burst, counted): &(&str, &str, u32, &str)| {
        let counted: Counted = counted.parse().unwrap();
        Plan::new(name, quota(rate, *burst), counted)
    };
    Limits {
        plans: Plans::new(plans.iter().map(plan)),
        ..Limits::default()
    }
}

/// A limit of addresses, and plans that are in nobody's way.
fn address_limit(rate: &str, burst: u32) -> Limits {
    let free = ["free", "anonymous", "anonymous_minimal"];
    let free = free.map(|name| Plan::new(name, quota("1000/s", 100_000), Counted::Subject));
    Limits {
        plans: Plans::new(free),
        address: Some(AddressLimit::new(quota(rate, burst))),
        ..Limits::default()
    }
}

/// A good token that says this too.
fn token_with(more: &[(&str, Value)]) -> String {
    let mut claims = claims();
    for (name, value) in more {
        claims[*name] = value.clone();
    }
    token(&claims)
}

/// An anonymous visitor's token.
fn anonymous_token(id: &str, subject: &str, plan: &str) -> String {
    token_with(&[
        ("anon", true.into()),
        ("jti", id.into()),
        ("sub", subject.into()),
        ("sid", Value::Null),
        ("plan", plan.into()),
    ])
}
