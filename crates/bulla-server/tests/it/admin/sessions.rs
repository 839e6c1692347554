//! `/admin/sessions/{id}` and `/admin/users/{who}/sessions`

use axum::http::{Method, StatusCode};
use bulla_server::admin::AdminSessions;

use crate::app::{Door, TestApp};

async fn sessions(app: &TestApp, who: &str) -> AdminSessions {
    let path = format!("/admin/users/{who}/sessions");
    let call = app.call_at(Door::Local, Method::GET, &path);
    serde_json::from_str(&call.await_status(StatusCode::OK).await.text).unwrap()
}

#[tokio::test]
async fn they_are_listed_ended_ones_too() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let second = app.login("ada").await;
    let logout = app.call(Method::POST, "/auth/logout").bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    let list = sessions(&app, &ada.id).await.sessions;
    assert_eq!(list.len(), 2);
    let of = |id: &str| list.iter().find(|session| session.id == id).unwrap();
    let ended = of(&ada.session);
    assert_eq!(ended.ended_reason.as_deref(), Some("logged_out"));
    assert_eq!(ended.ended_at.as_deref(), Some("2026-01-01T00:00:00.000Z"));
    let live = of(&second.session);
    assert_eq!(
        (&live.user_id, &live.ended_at, &live.ended_reason),
        (&ada.id, &None, &None)
    );
    assert_eq!(live.absolute_end, "2026-01-31T00:00:00.000Z");
}

#[tokio::test]
async fn one_is_ended_whosever_it_is() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    let end = |id: &str| {
        app.call_at(
            Door::Local,
            Method::DELETE,
            &format!("/admin/sessions/{id}"),
        )
    };
    end(&ada.session).await_status(StatusCode::NO_CONTENT).await;
    app.assert_refused(&ada.access, "token_revoked").await;
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_revoked");
    end(&ada.session).await_refusal(404, "not_found").await;
    end("nothing").await_refusal(404, "not_found").await;
    app.assert_accepted(&bob.access).await;
    assert_eq!(
        sessions(&app, &ada.id).await.sessions[0]
            .ended_reason
            .as_deref(),
        Some("revoked")
    );
}

#[tokio::test]
async fn all_of_one_user_are_ended() {
    let app = TestApp::start().await;
    let both = [app.register("ada").await, app.login("ada").await];
    let bob = app.register("bob").await;
    let path = format!("/admin/users/{}/sessions", both[0].id);
    for _ in 0..2 {
        let call = app.call_at(Door::Local, Method::DELETE, &path);
        call.await_status(StatusCode::NO_CONTENT).await;
    }
    for session in &both {
        app.assert_refused(&session.access, "token_revoked").await;
    }
    app.assert_accepted(&bob.access).await;
}
