//! `POST /oauth2/revoke`

use axum::http::{Method, StatusCode};
use bulla_server::admin::AuditEvents;

use crate::app::{ACCESS, Answer, Client, Door, TestApp, foreign, tampered};

/// The client ends the token.
async fn end(app: &TestApp, client: &Client, token: &str) -> Answer {
    let call = app.form("/oauth2/revoke", &[("token", token)]);
    call.basic(&client.id, &client.secret).send().await
}

/// Whoever holds a session's token ends it.
async fn end_session(app: &TestApp, token: &str) -> Answer {
    let pairs = [("token", token), ("client_id", "bulla")];
    app.form("/oauth2/revoke", &pairs).send().await
}

fn holds(app: &TestApp, token: &str) -> bool {
    app.verify(token).is_ok()
}

#[tokio::test]
async fn a_clients_token_ends_alone_and_stays_ended() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let (one, other) = (
        app.client_token(&client).await,
        app.client_token(&client).await,
    );
    for _ in 0..2 {
        let answer = end(&app, &client, &one).await;
        assert_eq!((answer.status, &*answer.text), (StatusCode::OK, ""));
    }
    assert!(!holds(&app, &one) && holds(&app, &other));
    let log = format!(
        "/admin/audit?client={}&kind=client_token_revoked",
        client.id
    );
    let log = app.call_at(Door::Local, Method::GET, &log).send().await;
    let log: AuditEvents = serde_json::from_str(&log.text).unwrap();
    let by: Vec<_> = log.events.iter().map(|event| &*event.actor).collect();
    assert_eq!(by, ["owner"], "the second time there was nothing to end");
    let app = app.restart().await;
    assert!(!holds(&app, &one) && holds(&app, &other));
}

#[tokio::test]
async fn a_token_of_a_session_ends_the_session() {
    let app = TestApp::start().await;
    for by_refresh in [true, false] {
        let name = if by_refresh { "ada" } else { "bob" };
        let (ended, other) = (app.register(name).await, app.login(name).await);
        let token = match by_refresh {
            true => &ended.refresh,
            false => &ended.access,
        };
        assert_eq!(end_session(&app, token).await.status, StatusCode::OK);
        app.assert_refused(&ended.access, "token_revoked").await;
        let refused = app.refresh(&ended.refresh).await;
        refused.assert_problem(401, "session_revoked");
        app.assert_accepted(&other.access).await;
    }
}

#[tokio::test]
async fn an_expired_access_token_ends_its_session_too() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    app.clock.advance(ACCESS);
    assert_eq!(end_session(&app, &ada.access).await.status, StatusCode::OK);
    let refused = app.refresh(&ada.refresh).await;
    refused.assert_problem(401, "session_revoked");
}

#[tokio::test]
async fn what_is_no_token_or_is_over_is_answered_alike() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let ada = app.register("ada").await;
    let over = app.client_token(&client).await;
    app.clock.advance(ACCESS);
    let foreign = foreign::token(&ada.id, &ada.session, app.issuer.unix_time());
    let fresh = app.login("ada").await;
    for token in [
        "x",
        "a.b.c",
        "brt_x",
        &tampered(&fresh.access),
        &format!("{}A", ada.refresh),
        &foreign,
    ] {
        for answer in [
            end(&app, &client, token).await,
            end_session(&app, token).await,
        ] {
            assert_eq!(
                (answer.status, &*answer.text),
                (StatusCode::OK, ""),
                "{token}"
            );
            assert_eq!(answer.offence, None);
        }
    }
    assert_eq!(end(&app, &client, &over).await.status, StatusCode::OK);
    app.assert_accepted(&fresh.access).await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_ends_another_clients_token() {
    let app = TestApp::start().await;
    let (client, other) = (app.client("a", &[]).await, app.client("b", &[]).await);
    let ada = app.register("ada").await;
    let token = app.client_token(&client).await;
    for (by, token) in [
        (Some(&other), &token),
        (Some(&client), &ada.access),
        (Some(&client), &ada.refresh),
        (None, &token),
    ] {
        let answer = match by {
            Some(client) => end(&app, client, token).await,
            None => end_session(&app, token).await,
        };
        answer.assert_oauth(400, "unauthorized_client");
    }
    assert!(holds(&app, &token));
    app.assert_accepted(&ada.access).await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_visitors_token_has_nothing_that_could_end() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let answer = end_session(&app, &visitor.access).await;
    answer.assert_oauth(400, "unsupported_token_type");
    assert!(holds(&app, &visitor.access));
}

#[tokio::test]
async fn whoever_ends_a_token_must_say_who_it_is() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    let token = app.client_token(&client).await;
    let pair = ("token", token.as_str());
    let id = ("client_id", client.id.as_str());
    for pairs in [&[pair][..], &[pair, id]] {
        let answer = app.form("/oauth2/revoke", pairs).send().await;
        answer.assert_oauth(401, "invalid_client");
    }
    let wrong = [pair, id, ("client_secret", "bcs_wrong")];
    let wrong = app.form("/oauth2/revoke", &wrong).send().await;
    wrong.assert_unproven_in_form();
    let nothing = app.form("/oauth2/revoke", &[("client_id", "bulla")]);
    nothing.send().await.assert_oauth(400, "invalid_request");
    assert!(holds(&app, &token));
}
