//! Limits of who has no account.

use std::sync::Arc;

use bulla_gateway::{
    Rules,
    route::{Route, RouteLimit, RouteTable},
};
use bulla_guard::access::Access;
use serde_json::json;

use super::{ADDRESS, Limited, anonymous_token, plans};
use crate::support::{claims, route, token, upstream};

#[tokio::test]
async fn who_comes_without_a_token_is_counted_by_address() {
    let limited = Limited::start(plans(&[("anonymous", "60/m", 2, "subject")])).await;
    assert_eq!(limited.passed(3, "/public/a", "192.0.2.1", None).await, 2);
    assert_eq!(limited.passed(3, "/public/a", "192.0.2.2", None).await, 2);
    let over = limited.get("/public/a", "192.0.2.1", None).await;
    assert_eq!(
        over.problem()["limit"],
        json!({
            "plan": "anonymous", "key": "address", "address": "192.0.2.1/32", "rate": "60/m", "burst": 2,
        })
    );
    // A bad token is none, where none is needed.
    let bad = limited.get("/public/a", "192.0.2.1", Some("a.b.c")).await;
    assert_eq!(bad.status, 429);
    assert_eq!(
        limited
            .passed(1, "/public/a", "192.0.2.1", Some(&token(&claims())))
            .await,
        1
    );
}

#[tokio::test]
async fn one_proof_of_work_has_one_bucket_however_often_it_is_handed_in() {
    let limited = Limited::start(plans(&[("anonymous", "60/m", 2, "subject")])).await;
    let token = |id, subject| anonymous_token(id, subject, "anonymous");
    let (first, replayed) = (token("proof_1", "anon_1"), token("proof_1", "anon_2"));
    assert_eq!(
        limited
            .passed(3, "/visit/a", "192.0.2.1", Some(&first))
            .await,
        2
    );
    assert_eq!(
        limited
            .passed(3, "/visit/a", "192.0.2.2", Some(&replayed))
            .await,
        0
    );
    let another = token("proof_2", "anon_1");
    assert_eq!(
        limited
            .passed(3, "/visit/a", "192.0.2.2", Some(&another))
            .await,
        2
    );
}

#[tokio::test]
async fn all_visitors_of_an_address_together_have_ten_times_as_much() {
    let limited = Limited::start(plans(&[("anonymous", "60/m", 2, "subject")])).await;
    let mut passed = 0;
    for number in 0..15 {
        let token = anonymous_token(&format!("proof_{number}"), "anon_1", "anonymous");
        passed += limited.passed(3, "/visit/a", ADDRESS, Some(&token)).await;
    }
    assert_eq!(passed, 20);
    let token = anonymous_token("proof_99", "anon_1", "anonymous");
    let over = limited.get("/visit/a", ADDRESS, Some(&token)).await;
    assert_eq!(
        over.problem()["limit"],
        json!({
            "plan": "anonymous", "key": "address", "address": "192.0.2.1/32", "rate": "600/m", "burst": 20,
        })
    );
    let other = anonymous_token("proof_98", "anon_1", "anonymous");
    assert_eq!(
        limited
            .passed(3, "/visit/a", "192.0.2.2", Some(&other))
            .await,
        2
    );
    let user = super::token_with(&[]);
    assert_eq!(limited.passed(3, "/visit/a", ADDRESS, Some(&user)).await, 3);
}

#[tokio::test]
async fn who_did_no_work_shares_little_with_all_of_the_address() {
    let limited = Limited::start(plans(&[])).await;
    let token = |id| anonymous_token(id, id, "anonymous_minimal");
    assert_eq!(
        limited
            .passed(3, "/visit/a", ADDRESS, Some(&token("one")))
            .await,
        3
    );
    assert_eq!(
        limited
            .passed(3, "/visit/a", ADDRESS, Some(&token("two")))
            .await,
        0
    );
    assert_eq!(
        limited
            .passed(3, "/visit/a", "192.0.2.2", Some(&token("two")))
            .await,
        3
    );
}

#[tokio::test]
async fn who_did_no_work_has_no_bucket_for_each_token_whatever_counts() {
    let limits = plans(&[
        ("anonymous", "60/m", 2, "subject"),
        ("anonymous_minimal", "60/m", 2, "subject"),
        ("pro", "60/m", 2, "subject"),
    ]);
    let pro = RouteLimit::Plan(Arc::clone(limits.plans.named("pro").unwrap()));
    let limited = Limited::start(limits.clone()).await;
    let rules = Limited::rules(&limited.server, limits);
    let visit = |path, limit| Route {
        limit,
        ..route(path, Access::Anonymous, upstream(limited.server.address))
    };
    let routes = vec![visit("/visit", RouteLimit::OwnPlan), visit("/pro", pro)];
    let routes = RouteTable::build(routes).unwrap();
    limited
        .gateway
        .gateway
        .replace_rules(Rules { routes, ..rules })
        .unwrap();
    for path in ["/visit", "/pro"] {
        let (mut minimal, mut proven) = (0, 0);
        for number in 0..5 {
            let token = |plan| anonymous_token(&format!("{plan}_{number}"), "anon_1", plan);
            minimal += limited
                .passed(1, path, ADDRESS, Some(&token("anonymous_minimal")))
                .await;
            proven += limited
                .passed(1, path, ADDRESS, Some(&token("anonymous")))
                .await;
        }
        assert_eq!((minimal, proven), (2, 5), "{path}");
    }
}

#[tokio::test]
async fn who_walks_through_a_48_has_sixteen_times_as_much_as_a_64() {
    let limited = Limited::start(plans(&[("anonymous", "60/m", 2, "subject")])).await;
    let mut passed = 0;
    for network in 0..40 {
        // A /56 after the other, and a /64 after the other in each.
        let address = format!("2001:db8:1:{network:x}00::1");
        passed += limited.passed(1, "/public/a", &address, None).await;
    }
    assert_eq!(passed, 32);
    assert_eq!(
        limited.passed(3, "/public/a", "2001:db8:2::1", None).await,
        2
    );
    let over = limited.get("/public/a", "2001:db8:1:ffff::1", None).await;
    assert_eq!(over.problem()["limit"]["address"], "2001:db8:1::/48");
}

#[tokio::test]
async fn who_walks_through_a_56_has_four_times_as_much_as_a_64() {
    let limited = Limited::start(plans(&[("anonymous", "60/m", 2, "subject")])).await;
    let mut passed = 0;
    for network in 0..20 {
        let address = format!("2001:db8:1:1{network:02x}::1");
        passed += limited.passed(1, "/public/a", &address, None).await;
    }
    assert_eq!(passed, 8);
    assert_eq!(
        limited
            .passed(3, "/public/a", "2001:db8:1:200::1", None)
            .await,
        2
    );
}
