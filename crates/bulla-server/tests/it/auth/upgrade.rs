//! `POST /auth/upgrade`

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_core::{ports::Clock as _, time::Timestamp};
use serde_json::json;

use crate::app::{ACCESS, Call, PASSWORD, SignedIn, TestApp, Visitor, claims};

fn upgrade<'a>(app: &'a TestApp, visitor: &Visitor, name: &str) -> Call<'a> {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    app.post("/auth/upgrade", body).bearer(&visitor.access)
}

/// A code of the verifier's, or none.
fn verdict(app: &TestApp, token: &str) -> &'static str {
    app.verify(token)
        .map_or_else(|refusal| refusal.code.as_str(), |_| "")
}

#[tokio::test]
async fn the_visitor_becomes_a_user_under_the_same_identity() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let answer = upgrade(&app, &visitor, "ada")
        .await_status(StatusCode::CREATED)
        .await;
    let user = SignedIn::from(&answer);
    assert_eq!(user.id, visitor.id);
    let expected = json!({
        "id": visitor.id, "email": "ada@example.com", "username": null, "name": null, "roles": [], "plan": "free",
    });
    assert_eq!(answer.json()["user"], expected);
    app.assert_accepted(&user.access).await;
    assert_eq!(claims(&user.access).get("anon"), None);
    let refreshed = app.refresh(&user.refresh).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text);
    let login = app.login("ada").await;
    assert_eq!(login.id, visitor.id);
    app.assert_accepted(&login.access).await;
}

#[tokio::test]
async fn all_anonymous_tokens_of_the_visitor_end_and_nobody_elses() {
    let app = TestApp::start().await;
    let other = app.visitor().await;
    let visitor = app.visitor().await;
    let solved = app.solved().await;
    let renewal = app.redeem(&solved).bearer(&visitor.access).send().await;
    let renewed = Visitor::from(&renewal);
    assert_eq!(verdict(&app, &renewed.access), "");
    upgrade(&app, &renewed, "ada")
        .await_status(StatusCode::CREATED)
        .await;
    assert_eq!(verdict(&app, &visitor.access), "token_revoked");
    assert_eq!(verdict(&app, &renewed.access), "token_revoked");
    assert_eq!(verdict(&app, &other.access), "");
    // They stay dead over a restart.
    let app = app.restart().await;
    assert_eq!(verdict(&app, &renewed.access), "token_revoked");
    assert_eq!(verdict(&app, &other.access), "");
}

#[tokio::test]
async fn it_happens_once() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let first = upgrade(&app, &visitor, "ada")
        .await_status(StatusCode::CREATED)
        .await;
    let second = upgrade(&app, &visitor, "bob");
    second.await_refusal(401, "token_revoked").await;
    let with_the_users_token = Visitor {
        access: SignedIn::from(&first).access,
        ..visitor
    };
    let third = upgrade(&app, &with_the_users_token, "bob");
    third.await_refusal(409, "already_upgraded").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_exactly_one_wins() {
    let app = std::sync::Arc::new(TestApp::start().await);
    let visitor = app.visitor().await;
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let (app, visitor) = (std::sync::Arc::clone(&app), visitor.clone());
            // Every second one is a double click: the same names again.
            let name = format!("user{}", number / 2);
            tokio::spawn(async move { upgrade(&app, &visitor, &name).send().await })
        })
        .collect();
    let mut won = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        match answer.status {
            StatusCode::CREATED => won.push(SignedIn::from(&answer)),
            StatusCode::CONFLICT => answer.assert_problem(409, "already_upgraded"),
            _ => answer.assert_problem(401, "token_revoked"),
        }
    }
    assert_eq!(won.len(), 1);
    app.assert_accepted(&won[0].access).await;
    let database = app.database();
    let accounts = "SELECT count(*) FROM accounts";
    let accounts: i64 = database.query_row(accounts, [], |row| row.get(0)).unwrap();
    assert_eq!(accounts, 1);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let visitor = app.visitor().await;
    let taken = upgrade(&app, &visitor, "ada");
    taken.await_refusal(409, "email_taken").await;
    for (body, code) in [
        (
            json!({"email": "bob@example.com", "password": "password"}),
            "password_refused",
        ),
        (json!({"password": PASSWORD}), "field_invalid"),
        (
            json!({"username": "bob", "password": PASSWORD, "role": "admin"}),
            "field_unknown",
        ),
    ] {
        let call = app.post("/auth/upgrade", body).bearer(&visitor.access);
        call.await_refusal(422, code).await;
    }
    assert_eq!(verdict(&app, &visitor.access), "");
    upgrade(&app, &visitor, "bob")
        .await_status(StatusCode::CREATED)
        .await;
}

#[tokio::test]
async fn without_a_visitors_token_it_is_said_where_to_get_one() {
    let app = TestApp::start().await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let answer = app
        .post("/auth/upgrade", body.clone())
        .await_refusal(401, "token_missing")
        .await;
    assert_eq!(answer.json()["challenge"], "/auth/challenge");
    let visitor = app.visitor().await;
    app.clock.advance(ACCESS);
    let expired = app.post("/auth/upgrade", body).bearer(&visitor.access);
    expired.await_refusal(401, "token_expired").await;
}

#[tokio::test]
async fn a_challenge_of_a_visitor_who_became_a_user_gives_no_token() {
    let app = TestApp::start().await;
    let solved = app.solved().await;
    let visitor = Visitor::from(&app.redeem(&solved).send().await);
    upgrade(&app, &visitor, "ada")
        .await_status(StatusCode::CREATED)
        .await;
    let refused = app
        .redeem(&solved)
        .await_refusal(401, "challenge_invalid")
        .await;
    refused.assert_says("has become a user");
    // Whoever comes with another challenge and the old token is a new visitor.
    let another = app.solved().await;
    let new = Visitor::from(&app.redeem(&another).bearer(&visitor.access).send().await);
    assert_ne!(new.id, visitor.id);
    assert_eq!(verdict(&app, &new.access), "");
}

#[tokio::test]
async fn a_clock_that_goes_back_brings_no_anonymous_token_back() {
    let app = TestApp::start().await;
    let ahead = app.clock.now();
    let visitor = app.visitor().await;
    app.clock
        .set(Timestamp::from_millis(ahead.as_millis() - 3_600_000));
    upgrade(&app, &visitor, "ada")
        .await_status(StatusCode::CREATED)
        .await;
    // Put right again: the token would have lived until then.
    app.clock.set(ahead.after(ACCESS - Duration::from_secs(1)));
    app.issuer.tidy().await.unwrap();
    assert_eq!(verdict(&app, &visitor.access), "token_revoked");
    let app = app.restart().await;
    assert_eq!(verdict(&app, &visitor.access), "token_revoked");
    let control = app.call(Method::GET, "/auth/challenge");
    control.await_status(StatusCode::OK).await;
}
