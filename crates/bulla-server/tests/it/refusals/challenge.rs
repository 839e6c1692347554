//! Solutions that are none.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_core::{ports::Clock as _, time::Timestamp};
use bulla_guard::abuse::Offence;
use bulla_jose::base64url;
use serde_json::{Value, json};

use crate::app::{Answer, Solved, TestApp};

/// That it is refused as a challenge, for this reason, and that a new one is offered.
async fn refused(app: &TestApp, solved: &Solved, reason: &str) {
    let answer = app
        .redeem(solved)
        .await_refusal(401, "challenge_invalid")
        .await;
    answer.assert_says(reason);
    assert_eq!(answer.json()["challenge"], "/auth/challenge");
}

async fn accepted(app: &TestApp, solved: &Solved) -> Answer {
    app.redeem(solved).await_status(StatusCode::OK).await
}

fn changed(solved: &Solved, change: impl FnOnce(&mut Solved)) -> Solved {
    let mut changed = solved.clone();
    change(&mut changed);
    changed
}

#[tokio::test]
async fn a_solution_that_is_cut_or_drawn_out() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    for count in [0, 1, 15] {
        let cut = changed(&solved, |solved| solved.nonces.truncate(count));
        refused(&app, &cut, &format!("there are {count} nonces")).await;
    }
    let longer = changed(&solved, |longer| longer.nonces.push(solved.nonces[0]));
    refused(&app, &longer, "there are 17 nonces").await;
    accepted(&app, &solved).await;
}

#[tokio::test]
async fn one_number_for_all_puzzles() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    let first = solved.nonces[0];
    let repeated = changed(&solved, |solved| solved.nonces.fill(first));
    refused(&app, &repeated, "does not solve its puzzle").await;
    let turned = changed(&solved, |solved| solved.nonces.reverse());
    refused(&app, &turned, "does not solve its puzzle").await;
    accepted(&app, &solved).await;
}

#[tokio::test]
async fn the_solution_of_another_challenge() {
    let app = TestApp::start().await;
    let (one, other) = (app.solved().await, app.solved().await);
    let crossed = changed(&one, |solved| solved.nonces.clone_from(&other.nonces));
    refused(&app, &crossed, "does not solve its puzzle").await;
    accepted(&app, &one).await;
}

#[tokio::test]
async fn a_solution_that_comes_too_late() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    app.clock.advance(Duration::from_millis(59_999));
    accepted(&app, &solved).await;
    app.clock.advance(Duration::from_millis(1));
    refused(&app, &solved, "has expired").await;
}

#[tokio::test]
async fn a_solution_from_another_address() {
    let app = TestApp::start().await;
    let check = async |from: &str, redeemed_from: &str, passes: bool| {
        let challenge = app.get("/auth/challenge").at_address(from).send().await;
        let call = app
            .redeem(&Solved::of(&challenge))
            .at_address(redeemed_from);
        if passes {
            call.await_status(StatusCode::OK).await;
        } else {
            let refused = call.await_refusal(401, "challenge_invalid").await;
            refused.assert_says("another address");
        }
    };
    check("203.0.113.7", "203.0.113.7", true).await;
    check("203.0.113.7", "::ffff:203.0.113.7", true).await;
    check("203.0.113.7", "203.0.113.8", false).await;
    check("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", true).await;
    check("2001:db8:1:2::3", "2001:db8:1:3::3", false).await;
}

#[tokio::test]
async fn a_forged_difficulty() {
    let app = TestApp::start().await;
    let challenge = app.get("/auth/challenge?level=1").send().await;
    let text = challenge.json()["challenge"].as_str().unwrap().to_owned();
    let mut bytes = base64url::decode(text.as_bytes()).unwrap();
    // The one field of one byte that holds it.
    let at = bytes
        .windows(3)
        .position(|field| field == [0, 1, 12])
        .unwrap()
        + 2;
    for bits in [0, 1] {
        bytes[at] = bits;
        let easy = json!({"challenge": base64url::encode(&bytes), "difficulty": bits, "puzzles": 16 * bits});
        let answer = Answer {
            text: easy.to_string(),
            ..app.get("/auth/challenge").send().await
        };
        refused(&app, &Solved::of(&answer), "was changed").await;
    }
    accepted(&app, &Solved::of(&challenge)).await;
}

#[tokio::test]
async fn a_solution_that_is_easier_than_what_was_asked() {
    let app = TestApp::start().await;
    let hard = app.get("/auth/challenge").wary(1).send().await;
    let mut easier = hard.json();
    easier["difficulty"] = 1.into();
    let easier = Answer {
        text: easier.to_string(),
        ..app.get("/auth/challenge").send().await
    };
    refused(&app, &Solved::of(&easier), "does not solve its puzzle").await;
    accepted(&app, &Solved::of(&hard)).await;
}

#[tokio::test]
async fn a_challenge_that_asks_for_work_as_one_that_asks_for_none() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    let lazy = changed(&solved, |solved| solved.nonces.clear());
    refused(&app, &lazy, "16 puzzles, and there are 0 nonces").await;
    let unproven = Solved::of(&app.get("/auth/challenge?level=0").send().await);
    let answered = changed(&unproven, |unproven| {
        unproven.nonces.clone_from(&solved.nonces);
    });
    refused(&app, &answered, "0 puzzles, and there are 16 nonces").await;
    accepted(&app, &unproven).await;
}

#[tokio::test]
async fn a_challenge_of_nobody() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    for text in [
        "",
        "x",
        "AAAA",
        &"A".repeat(20_000),
        &solved.challenge[1..],
        "\u{e9}",
    ] {
        let forged = changed(&solved, |solved| text.clone_into(&mut solved.challenge));
        refused(&app, &forged, "was not made here").await;
    }
    accepted(&app, &solved).await;
}

#[tokio::test]
async fn a_challenge_for_another_audience() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    accepted(&app, &solved).await;
    let app = app.restart_with_audience("other").await;
    refused(&app, &solved, "another audience").await;
}

#[tokio::test]
async fn numbers_that_are_none() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    let first = |value: &str| {
        let mut rest: Vec<String> = solved.nonces.iter().map(u64::to_string).collect();
        value.clone_into(&mut rest[0]);
        let body = format!(
            r#"{{"challenge":"{}","nonces":[{}]}}"#,
            solved.challenge,
            rest.join(",")
        );
        app.call(Method::POST, "/auth/anonymous")
            .raw("application/json", body)
    };
    let own = solved.nonces[0];
    for value in [
        "-1",
        "0.5",
        "-0",
        "1e3",
        &format!("{own}.0"),
        &format!("\"{own}\""),
        "null",
        "true",
        "[]",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "1e400",
    ] {
        let answer = first(value).send().await;
        // What is beyond all numbers is no JSON here.
        let code = if answer.status == StatusCode::BAD_REQUEST {
            (400, "request_malformed")
        } else {
            (422, "field_invalid")
        };
        answer.assert_problem(code.0, code.1);
    }
    for value in ["0", "9007199254740992"] {
        let wrong = first(value).await_refusal(401, "challenge_invalid").await;
        wrong.assert_says("nonce 0 does not solve its puzzle");
    }
    for nonces in [json!(null), json!(0), json!({"0": 1}), json!("[]")] {
        let body = json!({"challenge": solved.challenge, "nonces": nonces});
        app.post("/auth/anonymous", body)
            .await_refusal(422, "field_invalid")
            .await;
    }
    first(&own.to_string()).await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_does_not_belong_into_the_request() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    for (name, value) in [
        ("difficulty", json!(1)),
        ("sub", json!("anon_x")),
        ("expires_in", json!(9)),
    ] {
        let mut body = solved.body();
        body[name] = value;
        app.post("/auth/anonymous", body)
            .await_refusal(422, "field_unknown")
            .await;
    }
    for missing in ["challenge", "nonces"] {
        let mut body = solved.body();
        body.as_object_mut().unwrap().remove(missing);
        app.post("/auth/anonymous", Value::clone(&body))
            .await_refusal(422, "field_invalid")
            .await;
    }
    accepted(&app, &solved).await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_draw_out_the_life_of_a_challenge() {
    let app = TestApp::start().await;
    let issued = app.clock.now();
    let solved = app.solved().await;
    let back = |seconds: i64| {
        app.clock
            .set(Timestamp::from_millis(issued.as_millis() - seconds * 1000));
    };
    back(60);
    accepted(&app, &solved).await;
    back(61);
    refused(&app, &solved, "from the future").await;
    // A new one is good at once.
    let new = app.solved().await;
    accepted(&app, &new).await;
}

#[tokio::test]
async fn only_what_no_honest_client_sends_counts_against_the_address() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    let offence = async |solved: &Solved, from| {
        let answer = app.redeem(solved).at_address(from).send().await;
        answer.assert_problem(401, "challenge_invalid");
        answer.offence
    };
    let forged = changed(&solved, |forged| forged.challenge.push('A'));
    let cut = changed(&solved, |cut| cut.nonces.truncate(15));
    for bad in [&forged, &cut] {
        assert_eq!(offence(bad, "192.0.2.7").await, Some(Offence::BadSolution));
    }
    // Whoever moves, or is slow.
    assert_eq!(offence(&solved, "192.0.2.8").await, None);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(offence(&solved, "192.0.2.7").await, None);
}
