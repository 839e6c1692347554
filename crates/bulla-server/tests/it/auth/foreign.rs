//! A token of an issuer that is trusted, for a subject and a session that are called like ours: a stranger here.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::app::{PASSWORD, TestApp, foreign};

const NEW: &str = "eight sealed tablets";

#[tokio::test]
async fn it_opens_nobodys_account() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let stranger = foreign::token(&ada.id, &ada.session, app.issuer.unix_time());
    let verifier = app.issuer.verifier();
    let verified = verifier.verify(&stranger, app.issuer.unix_time()).unwrap();
    assert_eq!(verified.subject, ada.id, "it holds, elsewhere");

    let session = format!("/auth/sessions/{}", ada.session);
    let password = json!({"current_password": PASSWORD, "new_password": NEW});
    let calls = [
        app.get("/auth/me"),
        app.call(Method::PATCH, "/auth/me")
            .json(json!({"name": "Eve"})),
        app.get("/auth/sessions"),
        app.call(Method::DELETE, "/auth/sessions"),
        app.call(Method::DELETE, &session),
        app.post("/auth/password", password),
        app.post("/auth/logout", json!({})),
    ];
    for call in calls {
        let call = call.bearer(&stranger);
        call.await_refusal(401, "token_issuer_mismatch").await;
    }
    // Nothing has happened, and who it is about may do all of it.
    app.assert_accepted(&ada.access).await;
    let me = app.get("/auth/me").bearer(&ada.access);
    let me = me.await_status(StatusCode::OK).await.json();
    assert!(me["name"].is_null(), "{me}");
    app.login("ada").await;
    let logout = app.post("/auth/logout", json!({})).bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
}

#[tokio::test]
async fn the_end_of_our_session_is_not_the_end_of_theirs() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let now = app.issuer.unix_time();
    let stranger = foreign::token(&ada.id, &ada.session, now);
    let logout = app.post("/auth/logout", json!({})).bearer(&ada.access);
    logout.await_status(StatusCode::NO_CONTENT).await;
    app.assert_refused(&ada.access, "token_revoked").await;
    assert!(app.issuer.verifier().verify(&stranger, now).is_ok());
}
