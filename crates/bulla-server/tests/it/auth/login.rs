//! `POST /auth/login`

use std::{future::pending, sync::Arc};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use bulla_core::{
    account::{Password, PasswordHash},
    ports::{HasherOverloaded, PasswordHasher},
};
use bulla_server::routes;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedSender};
use tower::ServiceExt;

use crate::app::{Door, PASSWORD, TestApp};

async fn app_with_ada() -> TestApp {
    let app = TestApp::start().await;
    let ada = json!({"email": "ada@example.com", "username": "ada", "password": PASSWORD});
    app.post("/auth/register", ada)
        .await_status(StatusCode::CREATED)
        .await;
    app
}

#[tokio::test]
async fn either_name_signs_in_however_it_is_written() {
    let app = app_with_ada().await;
    for (field, name) in [
        ("email", "ada@example.com"),
        ("email", "ADA@EXAMPLE.COM"),
        ("username", "ada"),
        ("username", "Ada"),
    ] {
        let body = json!({field: name, "password": PASSWORD});
        let answer = app
            .post("/auth/login", body)
            .await_status(StatusCode::OK)
            .await;
        assert_eq!(answer.json()["user"]["username"], "ada");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_cannot_be_told_apart() {
    let app = app_with_ada().await;
    let mut problems: Vec<Value> = Vec::new();
    for (email, password) in [
        ("ada@example.com", "seven sealed tables"),
        ("eve@example.com", PASSWORD),
    ] {
        let body = json!({"email": email, "password": password});
        let answer = app
            .post("/auth/login", body)
            .await_refusal(401, "credentials_invalid")
            .await;
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"bulla\"");
        problems.push(answer.json());
    }
    assert_eq!(problems[0], problems[1]);
    assert_eq!(app.hasher.verified(), 2);
}

#[tokio::test]
async fn exactly_one_name_is_needed() {
    let app = app_with_ada().await;
    let both = json!({"email": "ada@example.com", "username": "ada", "password": PASSWORD});
    app.post("/auth/login", both)
        .await_refusal(422, "field_invalid")
        .await;
    let none = json!({"password": PASSWORD});
    app.post("/auth/login", none)
        .await_refusal(422, "field_invalid")
        .await;
}

#[tokio::test]
async fn a_disabled_account_is_as_unknown_as_none() {
    let app = app_with_ada().await;
    let path = "/admin/users/ada";
    let disable = app.call_at(Door::Local, Method::POST, &format!("{path}/disable"));
    disable.await_status(StatusCode::OK).await;
    let body = json!({"username": "ada", "password": PASSWORD});
    app.post("/auth/login", body.clone())
        .await_refusal(401, "credentials_invalid")
        .await;
    let enable = app.call_at(Door::Local, Method::POST, &format!("{path}/enable"));
    enable.await_status(StatusCode::OK).await;
    app.post("/auth/login", body)
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn expires_in_shortens_and_never_lengthens() {
    let app = app_with_ada().await;
    for (asked, granted) in [(json!(60), 60), (json!(100_000), 900), (Value::Null, 900)] {
        let body = json!({"username": "ada", "password": PASSWORD, "expires_in": asked});
        let answer = app
            .post("/auth/login", body)
            .await_status(StatusCode::OK)
            .await;
        assert_eq!(answer.json()["expires_in"], granted);
    }
}

#[tokio::test]
async fn too_many_hashes_at_once_are_503() {
    let app = app_with_ada().await;
    app.hasher.set_overloaded(true);
    let body = json!({"username": "ada", "password": PASSWORD});
    app.post("/auth/login", body.clone())
        .await_refusal(503, "overloaded")
        .await;
    app.hasher.set_overloaded(false);
    app.post("/auth/login", body)
        .await_status(StatusCode::OK)
        .await;
}

/// Never comes to an end; says when somebody begins to wait for it, and when nobody waits any more.
struct Endless(UnboundedSender<&'static str>);

struct Waiting(UnboundedSender<&'static str>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.send("nobody waits").unwrap();
    }
}

#[async_trait::async_trait]
impl PasswordHasher for Endless {
    async fn hash(&self, _password: Password) -> Result<PasswordHash, HasherOverloaded> {
        Err(HasherOverloaded)
    }

    async fn verify(
        &self,
        _password: Password,
        _hash: Option<PasswordHash>,
    ) -> Result<bool, HasherOverloaded> {
        let _waiting = Waiting(self.0.clone());
        self.0.send("somebody waits").unwrap();
        pending().await
    }
}

/// The hashing pool skips what nobody waits for; here it gets to know.
#[tokio::test]
async fn nobody_waits_for_the_hash_of_a_client_that_hung_up() {
    let app = app_with_ada().await;
    let (says, mut said) = mpsc::unbounded_channel();
    let issuer = app.issuer_with(Arc::new(Endless(says))).await;
    let body = json!({"username": "ada", "password": PASSWORD}).to_string();
    let request = Request::post("/auth/login")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    let login = routes::router(issuer).oneshot(request);
    tokio::select! {
        answer = login => panic!("answered {}", answer.unwrap().status()),
        news = said.recv() => assert_eq!(news, Some("somebody waits")),
    }
    assert_eq!(said.try_recv(), Ok("nobody waits"));
}
