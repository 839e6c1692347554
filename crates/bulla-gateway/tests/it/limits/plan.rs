//! Limits by plan.

use std::sync::Arc;

use bulla_gateway::{
    Limits,
    route::{Route, RouteLimit},
};
use bulla_guard::{
    access::Access,
    limit::{Counted, Plan},
};
use serde_json::{Value, json};

use super::{ADDRESS, Limited, plans, quota, token_with};
use crate::support::{TestGateway, TestUpstream, claims, route, rules, token, upstream};

fn fields(answer: &crate::support::Answer) -> [Option<&str>; 3] {
    ["ratelimit-policy", "ratelimit", "retry-after"].map(|name| answer.header(name))
}

const POLICY: &str = "\"free\";q=60;w=60;bulla-burst=2";

#[tokio::test]
async fn a_burst_passes_and_what_is_over_it_is_told_what_was_counted_and_when_to_come_back() {
    let limited = Limited::start(plans(&[("free", "60/m", 2, "subject")])).await;
    let token = token(&claims());
    let get = || limited.get("/a", ADDRESS, Some(&token));
    let first = get().await;
    assert_eq!(
        (first.status, fields(&first)),
        (200, [Some(POLICY), Some("\"free\";r=1;t=1"), None])
    );
    let second = get().await;
    assert_eq!(second.header("ratelimit"), Some("\"free\";r=0;t=1"));
    let over = get().await;
    assert_eq!(over.status, 429);
    assert_eq!(
        fields(&over),
        [Some(POLICY), Some("\"free\";r=0;t=1"), Some("1")]
    );
    let problem = over.problem();
    assert_eq!(problem["code"], "rate_limited");
    assert_eq!(
        problem["detail"],
        "the plan free gives each subject 60/m requests, 2 at once; one more passes in 1 s"
    );
    assert_eq!(
        problem["limit"],
        json!({ "plan": "free", "key": "subject", "rate": "60/m", "burst": 2 })
    );
    assert_eq!(problem["retry_after"], 1);
    limited.clock.advance(999);
    assert_eq!(get().await.status, 429);
    limited.clock.advance(1);
    assert_eq!(get().await.status, 200);
    assert_eq!(get().await.status, 429);
    let line = r#"bulla_gateway_limited_total{route="/{*rest}",plan="free",key="subject"} 3"#;
    let metrics = limited.gateway.metrics();
    assert!(metrics.lines().any(|found| found == line), "{metrics}");
    assert_eq!(limited.server.received().len(), 3);
}

#[tokio::test]
async fn a_request_that_is_refused_before_it_counts_is_told_what_is_left_and_costs_nothing() {
    let limited = Limited::start(plans(&[("free", "60/m", 2, "subject")])).await;
    let bearer = token(&claims());
    for _ in 0..3 {
        let nobody = limited.get("/a", ADDRESS, None).await;
        assert_eq!(nobody.code(), "token_missing");
        assert_eq!(nobody.header("ratelimit"), Some("\"anonymous\";r=10"));
        let denied = limited.get("/admin", ADDRESS, Some(&bearer)).await;
        assert_eq!(denied.code(), "role_required");
        assert_eq!(fields(&denied), [Some(POLICY), Some("\"free\";r=2"), None]);
    }
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&bearer)).await, 2);
}

#[tokio::test]
async fn a_route_without_a_limit_counts_nothing_and_says_nothing() {
    let limited = Limited::start(plans(&[("free", "60/m", 2, "subject")])).await;
    let token = token(&claims());
    for _ in 0..5 {
        let answer = limited.get("/free/a", ADDRESS, Some(&token)).await;
        assert_eq!((answer.status, fields(&answer)), (200, [None; 3]));
    }
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&token)).await, 2);
}

#[tokio::test]
async fn what_the_target_says_of_limits_of_its_own_stays() {
    let server = TestUpstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nRateLimit: \"theirs\";r=3\r\n\r\n",
    )
    .await;
    let target = upstream(server.address);
    let limited = Route {
        limit: RouteLimit::OwnPlan,
        ..route("/a", Access::Public, target)
    };
    let gateway = TestGateway::start(vec![limited]).await;
    let answer = gateway.get("/a", "").await;
    let mut lines = answer
        .head
        .lines()
        .filter_map(|line| line.strip_prefix("ratelimit: "));
    assert_eq!(lines.next(), Some("\"theirs\";r=3"));
    assert_eq!(lines.next(), Some("\"anonymous\";r=9;t=2"));
}

#[tokio::test]
async fn of_many_requests_at_once_exactly_the_burst_passes() {
    let limited = Limited::start(plans(&[("free", "60/m", 7, "subject")])).await;
    let token = token(&claims());
    let ask = || limited.passed(10, "/a", ADDRESS, Some(&token));
    let (first, second, third, fourth) = tokio::join!(ask(), ask(), ask(), ask());
    assert_eq!(first + second + third + fourth, 7);
}

/// How many of three requests each of two tokens gets through where two may be at once.
async fn by(counted: &str, other: &[(&str, Value)]) -> [u32; 2] {
    let limited = Limited::start(plans(&[("free", "60/m", 2, counted)])).await;
    let one = token(&claims());
    let other = token_with(other);
    [
        limited.passed(3, "/a", "192.0.2.1", Some(&one)).await,
        limited.passed(3, "/a", "192.0.2.2", Some(&other)).await,
    ]
}

#[tokio::test]
async fn who_shares_a_bucket_is_the_plans_to_say() {
    let (session, subject) = (("sid", json!("ses_2")), ("sub", json!("usr_2")));
    let client = ("client_id", json!("app"));
    let shared = [2, 0];
    let apart = [2, 2];
    assert_eq!(by("subject", std::slice::from_ref(&session)).await, shared);
    assert_eq!(by("subject", std::slice::from_ref(&subject)).await, apart);
    assert_eq!(by("session", std::slice::from_ref(&subject)).await, shared);
    assert_eq!(by("session", &[session]).await, apart);
    assert_eq!(by("client", std::slice::from_ref(&subject)).await, shared);
    assert_eq!(by("client", &[client]).await, apart);
    assert_eq!(by("address", &[]).await, apart);
    let team = |team: &str| ("team_id", json!(team));
    assert_eq!(
        by("claim:plan", std::slice::from_ref(&subject)).await,
        shared
    );
    assert_eq!(
        by("claim:team_id", &[subject.clone(), team("t1")]).await,
        apart
    );
    // Who lacks the claim is counted by subject.
    assert_eq!(
        by("claim:team_id", &[("jti", json!("tok_2"))]).await,
        shared
    );
    assert_eq!(by("claim:team_id", &[subject]).await, apart);
}

#[tokio::test]
async fn a_plan_that_nobody_configured_is_free_and_no_way_around_limits() {
    let limits = plans(&[
        ("free", "60/m", 2, "subject"),
        ("pro", "600/m", 4, "subject"),
    ]);
    let limited = Limited::start(limits).await;
    let of = |plan: Value| token_with(&[("plan", plan)]);
    let (pro, made_up) = (of(json!("pro")), of(json!("enterprise")));
    assert_eq!(limited.passed(5, "/a", ADDRESS, Some(&pro)).await, 4);
    assert_eq!(limited.passed(5, "/a", ADDRESS, Some(&made_up)).await, 2);
    // It is the very bucket of the plan `free`.
    assert_eq!(
        limited
            .passed(5, "/a", ADDRESS, Some(&of(Value::Null)))
            .await,
        0
    );
}

#[tokio::test]
async fn a_route_may_name_the_plan_for_whoever_comes() {
    let server = TestUpstream::start().await;
    let plan = Arc::new(Plan::new("search", quota("10/m", 2), Counted::Address));
    let limited = |path| Route {
        limit: RouteLimit::Plan(Arc::clone(&plan)),
        ..route(path, Access::Public, upstream(server.address))
    };
    let gateway = TestGateway::start(vec![limited("/search"), limited("/find")]).await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    assert_eq!(gateway.get("/search", &bearer).await.status, 200);
    // One bucket, whatever the route.
    assert_eq!(gateway.get("/find", "").await.status, 200);
    let over = gateway.get("/search", "").await;
    assert_eq!((over.status, over.header("retry-after")), (429, Some("6")));
    assert_eq!(
        over.problem()["limit"],
        json!({
            "plan": "search", "key": "address", "address": "127.0.0.1/32", "rate": "10/m", "burst": 2,
        })
    );
}

#[tokio::test]
async fn other_rules_find_what_was_counted_under_the_old_ones() {
    let limited = Limited::start(plans(&[("free", "60/m", 2, "subject")])).await;
    let token = token(&claims());
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&token)).await, 2);
    let replace = |limits: Limits| {
        let rules = Limited::rules(&limited.server, limits);
        limited.gateway.gateway.replace_rules(rules).unwrap();
    };
    replace(plans(&[("free", "60/m", 2, "subject")]));
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&token)).await, 0);
    // Two seconds are counted; there is room for five now.
    replace(plans(&[("free", "60/m", 5, "subject")]));
    assert_eq!(limited.passed(5, "/a", ADDRESS, Some(&token)).await, 3);
}

#[tokio::test]
async fn a_clock_that_is_set_back_frees_nobody_and_blocks_nobody_for_long() {
    let limited = Limited::start(plans(&[("free", "60/m", 2, "subject")])).await;
    let token = token_with(&[("iat", json!(0)), ("exp", json!(4_000_000_000_u64))]);
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&token)).await, 2);
    limited.clock.set_back(24 * 60 * 60 * 1_000);
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&token)).await, 0);
    limited.clock.advance(1_000);
    assert_eq!(limited.passed(3, "/a", ADDRESS, Some(&token)).await, 1);
}

#[tokio::test]
async fn subjects_of_two_issuers_with_one_name_do_not_share() {
    let server = TestUpstream::start().await;
    let limited = Route {
        limit: RouteLimit::OwnPlan,
        ..route("/a", Access::Authenticated, upstream(server.address))
    };
    let rules = bulla_gateway::Rules {
        verifier: crate::support::trusting_verifier(),
        limits: plans(&[("free", "60/m", 1, "subject")]),
        ..rules(vec![limited])
    };
    let gateway = TestGateway::start_by(rules, |_| {}).await;
    let foreign = crate::support::foreign_token(&crate::support::foreign_claims());
    for (token, status) in [
        (token(&claims()), 200),
        (foreign, 200),
        (token(&claims()), 429),
    ] {
        let answer = gateway
            .get("/a", &format!("Authorization: Bearer {token}\r\n"))
            .await;
        assert_eq!(answer.status, status);
    }
}
