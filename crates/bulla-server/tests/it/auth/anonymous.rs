//! `POST /auth/anonymous`

use std::time::Duration;

use axum::http::{StatusCode, header};
use bulla_core::anonymous;
use bulla_guard::limit::Plans;
use serde_json::json;

use crate::app::{ACCESS, Solved, TestApp, Visitor, claims, foreign, tampered};

#[tokio::test]
async fn it_answers_the_session_of_the_contract_without_a_refresh_token() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    app.clock.advance(Duration::from_secs(2));
    let answer = app.redeem(&solved).await_status(StatusCode::OK).await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let body = answer.json();
    let id = body["user"]["id"].as_str().unwrap();
    assert!(id.starts_with("anon_"), "{id}");
    let expected = json!({
        "token_type": "Bearer", "access_token": body["access_token"], "expires_in": 898, "session": null,
        "user": {"id": id, "email": null, "username": null, "name": null, "roles": [], "plan": "anonymous"},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_token_says_anonymous_and_belongs_to_no_session() {
    let app = TestApp::start().await;
    let now = app.clock_seconds();
    let visitor = app.visitor().await;
    let said = claims(&visitor.access);
    let expected = json!({
        "iss": "https://api.example.com", "sub": visitor.id, "aud": "api", "client_id": "bulla",
        "iat": now, "exp": now + 900, "jti": said["jti"], "anon": true, "epoch": 0, "scope": "",
        "roles": [], "plan": "anonymous",
    });
    assert_eq!(said, expected);
    assert_eq!(said["jti"].as_str().unwrap().len(), 22);
    let principal = app.verify(&visitor.access).unwrap();
    assert!(principal.anonymous && principal.session.is_none());
}

#[tokio::test]
async fn one_challenge_is_one_token_however_often_and_wherever_it_is_redeemed() {
    let app = TestApp::start().await;
    // Another database and other signing keys: only the master key is the same.
    let other = TestApp::start().await;
    let solved = app.solved().await;
    let first = Visitor::from(&app.redeem(&solved).send().await);
    for issuer in [&app, &app, &other, &other] {
        app.clock.advance(Duration::from_secs(3));
        other.clock.advance(Duration::from_secs(3));
        let again = Visitor::from(&issuer.redeem(&solved).await_status(StatusCode::OK).await);
        assert_eq!(claims(&again.access), claims(&first.access));
    }
    let another = app.visitor().await;
    assert_ne!(claims(&another.access)["jti"], claims(&first.access)["jti"]);
    assert_ne!(another.id, first.id);
}

#[tokio::test]
async fn with_an_anonymous_token_that_holds_the_visitor_stays_the_same() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    app.clock.advance(ACCESS - Duration::from_secs(1));
    let solved = app.solved().await;
    let renew = || app.redeem(&solved).bearer(&visitor.access);
    let renewed = Visitor::from(&renew().await_status(StatusCode::OK).await);
    assert_eq!(renewed.id, visitor.id);
    let (before, after) = (claims(&visitor.access), claims(&renewed.access));
    assert_ne!(before["jti"], after["jti"]);
    assert_eq!(after["sub"], before["sub"]);
    assert_eq!(after["iat"], app.clock_seconds());
    // One proof, many renewals: one `jti`, whoever asks.
    let again = Visitor::from(&renew().await_status(StatusCode::OK).await);
    assert_eq!(claims(&again.access), after);
    let somebody_else = Visitor::from(&app.redeem(&solved).send().await);
    assert_ne!(somebody_else.id, visitor.id);
    assert_eq!(claims(&somebody_else.access)["jti"], after["jti"]);
}

#[tokio::test]
async fn a_bearer_that_is_no_visitors_counts_as_none() {
    let app = TestApp::start().await;
    let expired = app.visitor().await;
    app.clock.advance(ACCESS);
    let user = app.register("ada").await;
    let visitor = app.visitor().await;
    for bearer in [
        &expired.access,
        &user.access,
        &tampered(&visitor.access),
        &foreign::token(&visitor.id, "s", app.issuer.unix_time()),
        "garbage",
    ] {
        let solved = app.solved().await;
        let call = app.redeem(&solved).bearer(bearer);
        let new = Visitor::from(&call.await_status(StatusCode::OK).await);
        assert!(![&expired.id, &user.id, &visitor.id].contains(&&new.id));
    }
}

#[test]
fn the_plans_are_those_that_the_gateway_knows_of_itself() {
    for plan in [anonymous::PLAN, anonymous::MINIMAL_PLAN] {
        assert!(Plans::default().named(plan).is_some(), "{plan}");
    }
}

#[tokio::test]
async fn level_0_is_redeemed_without_work_and_says_so_in_its_plan() {
    let app = TestApp::start().await;
    let challenge = app.get("/auth/challenge?level=0");
    let unproven = Solved::of(&challenge.await_status(StatusCode::OK).await);
    assert!(unproven.nonces.is_empty());
    let answer = app.redeem(&unproven).await_status(StatusCode::OK).await;
    assert_eq!(answer.json()["user"]["plan"], "anonymous_minimal");
    let visitor = Visitor::from(&answer);
    assert_eq!(claims(&visitor.access)["plan"], "anonymous_minimal");
    // With a proof it is the same visitor on the better plan.
    let solved = app.solved().await;
    let renewed = app.redeem(&solved).bearer(&visitor.access).send().await;
    assert_eq!(Visitor::from(&renewed).id, visitor.id);
    assert_eq!(renewed.json()["user"]["plan"], "anonymous");
}

#[tokio::test]
async fn a_visitor_has_no_account_and_no_session() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    for path in ["/auth/me", "/auth/sessions"] {
        let call = app.get(path).bearer(&visitor.access);
        call.await_refusal(403, "sign_in_required").await;
    }
    let logout = app.call(axum::http::Method::POST, "/auth/logout");
    let refused = logout
        .bearer(&visitor.access)
        .await_refusal(403, "sign_in_required");
    refused.await.assert_says("belongs to no session");
    app.verify(&visitor.access).unwrap();
}

#[tokio::test]
async fn nothing_is_stored() {
    let app = TestApp::start().await;
    let rows = || -> Vec<i64> {
        let database = app.database();
        ["accounts", "sessions", "revocations", "audit_events"]
            .iter()
            .map(|table| {
                let count = format!("SELECT count(*) FROM {table}");
                database.query_row(&count, [], |row| row.get(0)).unwrap()
            })
            .collect()
    };
    let visitor = app.visitor().await;
    let solved = app.solved().await;
    let renewal = app.redeem(&solved).bearer(&visitor.access);
    renewal.await_status(StatusCode::OK).await;
    assert_eq!(rows(), [0; 4]);
    app.register("ada").await;
    assert_eq!(rows(), [1, 1, 0, 1]);
}

#[tokio::test]
async fn a_token_does_not_outlive_the_configured_lifetime() {
    let app = TestApp::start().await;
    let app = app.restart_with_lifetime(Duration::from_secs(10)).await;
    let answer = app.get("/auth/challenge").send().await;
    assert_eq!(answer.json()["expires_at"], "2026-01-01T00:00:10.000Z");
    let solved = Solved::of(&answer);
    app.clock.advance(Duration::from_secs(9));
    let visitor = Visitor::from(&app.redeem(&solved).await_status(StatusCode::OK).await);
    app.verify(&visitor.access).unwrap();
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(
        app.verify(&visitor.access).unwrap_err().code.as_str(),
        "token_expired"
    );
}
