//! Limits of addresses.

use serde_json::json;

use super::{ADDRESS, Limited, address_limit, anonymous_token, token_with};
use crate::support::{claims, tampered_token, token};

#[tokio::test]
async fn an_address_is_told_when_it_has_made_too_many_requests_and_when_to_come_back() {
    let limited = Limited::start(address_limit("3/s", 6)).await;
    assert_eq!(limited.passed(9, "/free/a", ADDRESS, None).await, 6);
    let over = limited.get("/free/a", ADDRESS, None).await;
    assert_eq!(
        over.header("ratelimit-policy"),
        Some("\"address\";q=3;w=1;bulla-burst=6")
    );
    assert_eq!(over.header("ratelimit"), Some("\"address\";r=0;t=1"));
    assert_eq!(over.header("retry-after"), Some("1"));
    let problem = over.problem();
    assert_eq!(
        problem["limit"],
        json!({ "key": "address", "address": "192.0.2.1/32", "rate": "3/s", "burst": 6 })
    );
    assert_eq!(
        problem["detail"],
        "192.0.2.1/32 may make 3/s requests, 6 at once; one more passes in less than a second"
    );
    // What is not over says nothing of it, where no plan counts.
    let other = limited.get("/free/a", "192.0.2.2", None).await;
    assert_eq!((other.status, other.header("ratelimit")), (200, None));
    limited.clock.advance(334);
    assert_eq!(limited.passed(2, "/free/a", ADDRESS, None).await, 1);
    let line = r#"bulla_gateway_limited_total{route="/free/{*rest}",plan="",key="address"} 5"#;
    let metrics = limited.gateway.metrics();
    assert!(metrics.lines().any(|found| found == line), "{metrics}");
}

#[tokio::test]
async fn forged_tokens_cost_no_more_than_the_address_may_make() {
    let limited = Limited::start(address_limit("3/s", 6)).await;
    let forged = tampered_token();
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(limited.get("/a", ADDRESS, Some(&forged)).await.code());
    }
    assert_eq!(codes[..6], ["token_signature_invalid"; 6]);
    assert_eq!(codes[6..], ["rate_limited"; 2]);
    // On a public route a bad token is none: it does not hide that there is too much.
    assert_eq!(
        limited.get("/free/a", ADDRESS, Some(&forged)).await.code(),
        "rate_limited"
    );
}

#[tokio::test]
async fn a_session_that_was_here_before_is_not_cut_off_with_its_address() {
    let limited = Limited::start(address_limit("3/s", 6)).await;
    let known = token(&claims());
    assert_eq!(limited.passed(1, "/a", "192.0.2.1", Some(&known)).await, 1);
    assert_eq!(limited.passed(9, "/free/a", "192.0.2.1", None).await, 5);
    let unknown = token_with(&[("sid", "ses_2".into())]);
    // It pays for itself, wherever it is: its own share, and no more.
    assert_eq!(limited.passed(3, "/a", "192.0.2.1", Some(&known)).await, 3);
    assert_eq!(limited.passed(9, "/a", "192.0.2.2", Some(&known)).await, 3);
    let over = limited.get("/a", "192.0.2.3", Some(&known)).await;
    assert_eq!(
        over.problem()["limit"],
        json!({ "key": "session", "rate": "3/s", "burst": 6 })
    );
    // The control: one that nobody has seen, whose signature would have to be checked.
    assert_eq!(
        limited.get("/a", "192.0.2.1", Some(&unknown)).await.code(),
        "rate_limited"
    );
    assert_eq!(
        limited.get("/a", "192.0.2.9", Some(&unknown)).await.status,
        200
    );
    assert_eq!(
        limited.get("/a", "192.0.2.1", Some(&unknown)).await.status,
        200
    );
}

#[tokio::test]
async fn a_refusal_of_a_known_session_is_charged_to_it_too() {
    let limited = Limited::start(address_limit("3/s", 6)).await;
    let known = token(&claims());
    assert_eq!(limited.passed(1, "/a", ADDRESS, Some(&known)).await, 1);
    assert_eq!(limited.passed(9, "/free/a", ADDRESS, None).await, 5);
    assert_eq!(
        limited.get("/admin", ADDRESS, Some(&known)).await.code(),
        "role_required"
    );
}

#[tokio::test]
async fn anonymous_visitors_are_always_charged_to_their_address() {
    let limited = Limited::start(address_limit("3/s", 6)).await;
    let visitor = anonymous_token("proof", "anon_1", "anonymous");
    assert_eq!(
        limited.passed(9, "/visit/a", ADDRESS, Some(&visitor)).await,
        6
    );
    assert_eq!(
        limited
            .passed(1, "/visit/a", "192.0.2.2", Some(&visitor))
            .await,
        1
    );
}

#[tokio::test]
async fn who_is_exempt_and_a_listed_proxy_itself_are_never_throttled() {
    let exempt = ["192.0.2.1", "2001:db8:1::/48"];
    let limited = Limited::start_sparing(address_limit("1/s", 2), &exempt).await;
    for exempt in ["192.0.2.1", "2001:db8:1:2::3", "127.0.0.1"] {
        assert_eq!(
            limited.passed(9, "/free/a", exempt, None).await,
            9,
            "{exempt}"
        );
    }
    for other in ["192.0.2.2", "2001:db8:2::3"] {
        assert_eq!(
            limited.passed(9, "/free/a", other, None).await,
            2,
            "{other}"
        );
    }
}

#[tokio::test]
async fn who_walks_through_a_48_is_bounded() {
    let limited = Limited::start(address_limit("1/s", 2)).await;
    let mut passed = 0;
    for network in 0..50 {
        let address = format!("2001:db8:1:{network:02x}00::1");
        passed += limited.passed(1, "/free/a", &address, None).await;
    }
    assert_eq!(passed, 32);
    assert_eq!(limited.passed(9, "/free/a", "2001:db8:2::1", None).await, 2);
}
