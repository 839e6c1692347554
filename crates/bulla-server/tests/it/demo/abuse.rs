//! A pretended address on the ladder.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Call, Door, TestApp};

fn tell<'a>(app: &'a TestApp, events: &Value) -> Call<'a> {
    let call = app.call_at(Door::Demo, Method::POST, "/demo/abuse");
    call.json(json!({"address": "203.0.113.7", "events": events}))
}

/// What each event led to.
async fn course(app: &TestApp, events: Value) -> Vec<Value> {
    let answer = tell(app, &events).await_status(StatusCode::OK).await.json();
    assert_eq!(answer["prefix"], "203.0.113.7/32");
    assert_eq!(
        (&answer["challenged_from"], &answer["banned_from"]),
        (&json!(60), &json!(400))
    );
    answer["course"].as_array().unwrap().clone()
}

fn stand(second: u64, score: u32, rung: Option<&str>, ends_in: Option<u64>, answer: &str) -> Value {
    json!({"second": second, "score": score, "rung": rung, "ends_in": ends_in, "answer": answer})
}

#[tokio::test]
async fn it_climbs_and_comes_down_by_the_gateways_own_rules() {
    let app = TestApp::start().await;
    let forged = |times: u32| json!({"offence": "forged_token", "times": times});
    let wait = |seconds: u64| json!({"wait": seconds});
    let events = json!([
        forged(59),
        forged(1),
        json!({"offence": "failed_login", "times": 114}),
        forged(500),
        wait(60),
        forged(60),
        wait(300),
        wait(30),
        wait(30),
        wait(3600),
    ]);
    assert_eq!(
        course(&app, events).await,
        [
            stand(0, 59, None, None, "as_usual"),
            stand(0, 60, Some("challenge"), None, "challenge_required"),
            stand(0, 400, Some("1m"), Some(60), "address_banned"),
            // A ban ends when it said it would.
            stand(0, 400, Some("1m"), Some(60), "address_banned"),
            stand(60, 340, Some("challenge"), None, "challenge_required"),
            stand(60, 400, Some("5m"), Some(300), "address_banned"),
            stand(360, 100, Some("challenge"), None, "challenge_required"),
            stand(390, 70, Some("challenge"), None, "challenge_required"),
            stand(420, 40, Some("challenge"), None, "challenge_required"),
            stand(4020, 0, None, None, "as_usual"),
        ]
    );
}

#[tokio::test]
async fn the_fourth_ban_is_dropped() {
    let app = TestApp::start().await;
    let flood = || json!({"offence": "malformed_request", "times": 400});
    let events = json!([flood(), {"wait": 60}, flood(), {"wait": 300}, flood(), {"wait": 1800}, flood(), {"wait": 14400}, flood()]);
    let course = course(&app, events).await;
    let bans: Vec<_> = course
        .iter()
        .step_by(2)
        .map(|stand| (&stand["rung"], &stand["answer"]))
        .collect();
    let banned = json!("address_banned");
    let dropped = json!("connection_dropped");
    assert_eq!(
        bans,
        [
            (&json!("1m"), &banned),
            (&json!("5m"), &banned),
            (&json!("30m"), &banned),
            (&json!("4h"), &dropped),
            (&json!("24h"), &dropped),
        ]
    );
}

#[tokio::test]
async fn nothing_happens_to_the_address_itself() {
    let app = TestApp::start().await;
    let flood = json!([{"offence": "forged_token", "times": 400}]);
    let first = course(&app, flood.clone()).await;
    assert_eq!(first, course(&app, flood).await, "nothing is kept");
    assert!(app.issuer.abuse().is_quiet());
}

#[tokio::test]
async fn a_story_has_an_end() {
    let app = TestApp::start().await;
    for good in [
        json!([]),
        json!([{"offence": "over_limit"}]),
        json!([{"offence": "bad_solution", "times": 5000}]),
        json!([{"wait": 172_800}]),
        json!(vec![json!({"wait": 1}); 64]),
    ] {
        tell(&app, &good).await_status(StatusCode::OK).await;
    }
    for bad in [
        json!([{"offence": "theft"}]),
        json!([{"offence": "over_limit", "times": 5001}]),
        json!([{"offence": "over_limit", "times": 5000}, {"offence": "over_limit"}]),
        json!([{"wait": 172_801}]),
        json!([{"offence": "over_limit", "wait": 1}]),
        json!([{"times": 1}]),
        json!([{}]),
        json!(vec![json!({"wait": 1}); 65]),
    ] {
        let refused = tell(&app, &bad).await_refusal(422, "field_invalid");
        assert_eq!(refused.await.json()["field"], "events", "{bad}");
    }
    let call = app.call_at(Door::Demo, Method::POST, "/demo/abuse");
    let nowhere = call.json(json!({"address": "here", "events": []}));
    let nowhere = nowhere.await_refusal(422, "field_invalid").await;
    assert_eq!(nowhere.json()["field"], "address");
}
