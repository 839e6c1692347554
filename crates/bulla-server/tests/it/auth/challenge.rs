//! `GET /auth/challenge`

use std::time::Duration;

use axum::http::{StatusCode, header};
use bulla_core::ports::Clock as _;
use bulla_jose::base64url;

use crate::app::TestApp;

#[tokio::test]
async fn it_is_the_challenge_of_the_contract() {
    let app = TestApp::start().await;
    let answer = app
        .get("/auth/challenge")
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let body = answer.json();
    assert_eq!(
        (&body["puzzles"], &body["difficulty"]),
        (&16.into(), &12.into())
    );
    assert_eq!(body["expires_at"], "2026-01-01T00:01:00.000Z");
    let challenge = body["challenge"].as_str().unwrap();
    base64url::decode(challenge.as_bytes()).unwrap();
    let again = app.get("/auth/challenge").send().await.json();
    assert_ne!(again["challenge"], challenge);
}

#[tokio::test]
async fn level_0_asks_for_no_work() {
    let app = TestApp::start().await;
    let answer = app.get("/auth/challenge?level=0").send().await.json();
    assert_eq!(
        (&answer["puzzles"], &answer["difficulty"]),
        (&0.into(), &0.into())
    );
    let answer = app.get("/auth/challenge?level=1").send().await.json();
    assert_eq!(
        (&answer["puzzles"], &answer["difficulty"]),
        (&16.into(), &12.into())
    );
}

#[tokio::test]
async fn what_is_no_level_is_refused() {
    let app = TestApp::start().await;
    for (query, code) in [
        ("level=2", "field_invalid"),
        ("level=-1", "field_invalid"),
        ("level=easy", "field_invalid"),
        ("level=", "field_invalid"),
        ("level=0&level=1", "field_invalid"),
        ("difficulty=1", "field_unknown"),
    ] {
        let path = format!("/auth/challenge?{query}");
        app.get(&path).await_refusal(422, code).await;
    }
}

#[tokio::test]
async fn it_is_harder_for_whom_the_gateway_is_wary_of_and_never_above_15() {
    let app = TestApp::start().await;
    for (steps, difficulty) in [(0, 12), (1, 13), (3, 15), (4, 15), (255, 15)] {
        let answer = app.get("/auth/challenge").wary(steps).send().await;
        assert_eq!(answer.json()["difficulty"], difficulty, "{steps}");
    }
}

#[tokio::test]
async fn without_work_there_is_none_for_whom_the_gateway_is_wary_of() {
    let app = TestApp::start().await;
    let unproven = || app.get("/auth/challenge?level=0");
    let refused = unproven()
        .wary(1)
        .await_refusal(401, "challenge_required")
        .await;
    assert_eq!(refused.json()["challenge"], "/auth/challenge");
    unproven().wary(0).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn a_proof_that_is_replayed_makes_nobody_elses_harder() {
    let app = TestApp::start().await;
    let replayed = app.solved().await;
    for _ in 0..300 {
        app.redeem(&replayed).await_status(StatusCode::OK).await;
    }
    let challenge = app.get("/auth/challenge").send().await;
    assert_eq!(challenge.json()["difficulty"], 12);
}

#[tokio::test]
async fn it_is_harder_for_all_while_many_are_redeemed() {
    let app = TestApp::start().await;
    let difficulty = async || app.get("/auth/challenge").send().await.json()["difficulty"].clone();
    let now = app.clock.now();
    // Seconds of the usual demand, without redeeming hundreds: what one hour hence was full is full now.
    app.clock.advance(Duration::from_secs(3600));
    let solved = app.solved().await;
    app.redeem(&solved).await_status(StatusCode::OK).await;
    app.clock.set(now);
    assert_eq!(difficulty().await, 15);
    let solved = app.solved().await;
    app.redeem(&solved).await_status(StatusCode::OK).await;
    app.clock.advance(Duration::from_secs(6));
    assert_eq!(difficulty().await, 12);
}

#[tokio::test]
async fn where_visitors_are_not_welcome_there_is_none() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    let visitor = app.visitor().await;
    let app = app.restart_with_visitors(false).await;
    app.get("/auth/challenge")
        .await_refusal(404, "not_found")
        .await;
    app.redeem(&solved).await_refusal(404, "not_found").await;
    let body = serde_json::json!({"username": "ada", "password": crate::app::PASSWORD});
    let upgrade = app.post("/auth/upgrade", body).bearer(&visitor.access);
    upgrade.await_refusal(404, "not_found").await;
}
