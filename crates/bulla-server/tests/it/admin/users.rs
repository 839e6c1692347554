//! `/admin/users/…`

use axum::http::{Method, StatusCode};
use bulla_server::admin::{
    AdminUser, AdminUsers, CreateUserRequest, CreatedUser, EditUserRequest, ListUsersQuery,
    SecretText,
};
use serde_json::{Value, json};

use crate::app::{Call, Door, PASSWORD, TestApp};

fn local<'a>(app: &'a TestApp, method: Method, path: &str) -> Call<'a> {
    app.call_at(Door::Local, method, path)
}

fn edit<'a>(app: &'a TestApp, who: &str, body: Value) -> Call<'a> {
    local(app, Method::PATCH, &format!("/admin/users/{who}")).json(body)
}

#[tokio::test]
async fn an_account_is_made_with_all_it_can_have() {
    let app = TestApp::start().await;
    let request = CreateUserRequest {
        email: Some("ada@example.com".into()),
        username: Some("ada".into()),
        password: Some(SecretText::new(PASSWORD.into())),
        name: Some("Ada".into()),
        roles: vec!["editor".into(), "admin".into()],
        plan: Some("pro".into()),
        claims: json!({"team_id": 7}).as_object().unwrap().clone(),
    };
    let body = serde_json::to_value(&request).unwrap();
    let call = local(&app, Method::POST, "/admin/users").json(body);
    let answer = call.await_status(StatusCode::CREATED).await;
    let created: CreatedUser = serde_json::from_str(&answer.text).unwrap();
    assert!(created.generated_password.is_none());
    assert_eq!(created.user.roles, ["admin", "editor"]);
    assert_eq!(created.user.plan, "pro");
    assert_eq!(created.user.claims["team_id"], 7);
    assert_eq!(created.user.created_at, "2026-01-01T00:00:00.000Z");
    for who in [created.user.id.as_str(), "ada%40example.com", "ada", "ADA"] {
        let shown = local(&app, Method::GET, &format!("/admin/users/{who}"));
        let shown = shown.await_status(StatusCode::OK).await;
        assert_eq!(
            serde_json::from_str::<AdminUser>(&shown.text).unwrap(),
            created.user
        );
    }
    app.login("ada").await;
}

#[tokio::test]
async fn without_a_password_one_is_made_and_answered_once() {
    let app = TestApp::start().await;
    let body = json!({"email": "ada@example.com"});
    let call = local(&app, Method::POST, "/admin/users").json(body);
    let answer = call.await_status(StatusCode::CREATED).await;
    let created: CreatedUser = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(
        (created.user.roles.len(), created.user.plan.as_str()),
        (0, "free")
    );
    let password = created.generated_password.unwrap();
    assert!(!format!("{password:?}").contains(password.expose()));
    let login = json!({"email": "ada@example.com", "password": password});
    app.post("/auth/login", login)
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_named() {
    let app = TestApp::start().await;
    app.register("ada").await;
    for (body, status, code) in [
        (json!({"email": "ADA@example.com"}), 409, "email_taken"),
        (json!({"email": "eve"}), 422, "field_invalid"),
        (
            json!({"email": "eve@example.com", "password": "short"}),
            422,
            "password_refused",
        ),
        (
            json!({"email": "eve@example.com", "roles": ["a b"]}),
            422,
            "field_invalid",
        ),
        (
            json!({"email": "eve@example.com", "plan": ""}),
            422,
            "field_invalid",
        ),
        (
            json!({"email": "eve@example.com", "claims": {"sub": "x"}}),
            422,
            "field_invalid",
        ),
        (
            json!({"email": "eve@example.com", "role": "admin"}),
            422,
            "field_unknown",
        ),
        (json!({}), 422, "field_invalid"),
    ] {
        let call = local(&app, Method::POST, "/admin/users").json(body);
        call.await_refusal(status, code).await;
    }
    let good = local(&app, Method::POST, "/admin/users").json(json!({"email": "eve@example.com"}));
    good.await_status(StatusCode::CREATED).await;
}

#[tokio::test]
async fn the_list_comes_part_by_part() {
    let app = TestApp::start().await;
    for name in ["ada", "bob", "eve"] {
        app.register(name).await;
    }
    let mut seen = Vec::new();
    let mut query = ListUsersQuery {
        limit: Some(2),
        ..ListUsersQuery::default()
    };
    loop {
        let after = query
            .after
            .as_ref()
            .map_or(String::new(), |after| format!("&after={after}"));
        let path = format!("/admin/users?limit=2{after}");
        let answer = local(&app, Method::GET, &path)
            .await_status(StatusCode::OK)
            .await;
        let part: AdminUsers = serde_json::from_str(&answer.text).unwrap();
        assert!(part.users.len() <= 2);
        seen.extend(part.users.into_iter().map(|user| user.id));
        query.after = part.next;
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.is_sorted());
    for (wrong, code) in [
        ("limit=0", "field_invalid"),
        ("limit=1001", "field_invalid"),
        ("limit=x", "field_invalid"),
        ("limit=1&limit=2", "field_invalid"),
        ("query=", "field_invalid"),
        ("query=a%0Ab", "field_invalid"),
        ("page=2", "field_unknown"),
    ] {
        let call = local(&app, Method::GET, &format!("/admin/users?{wrong}"));
        call.await_refusal(422, code).await;
    }
}

#[tokio::test]
async fn users_are_found_by_how_their_names_begin() {
    let app = TestApp::start().await;
    for name in ["ada", "adam", "bob"] {
        app.register(name).await;
    }
    let found = async |query: &str| -> Vec<_> {
        let path = format!("/admin/users?query={query}");
        let answer = local(&app, Method::GET, &path).await_status(StatusCode::OK);
        let part: AdminUsers = serde_json::from_str(&answer.await.text).unwrap();
        let mut emails: Vec<_> = part
            .users
            .into_iter()
            .filter_map(|user| user.email)
            .collect();
        emails.sort();
        emails
    };
    assert_eq!(found("ADA").await, ["ada@example.com", "adam@example.com"]);
    assert_eq!(found("ada%40").await, ["ada@example.com"]);
    assert_eq!(found("ob").await, [""; 0]);
}

#[tokio::test]
async fn thirty_two_roles_are_the_limit() {
    let app = TestApp::start().await;
    let roles = |count: usize| -> Vec<_> { (0..count).map(|n| format!("role{n}")).collect() };
    let body = |count| json!({"username": "ada", "roles": roles(count)});
    let create = |count| local(&app, Method::POST, "/admin/users").json(body(count));
    create(33).await_refusal(422, "field_invalid").await;
    create(32).await_status(StatusCode::CREATED).await;
    edit(&app, "ada", json!({"roles": roles(33)}))
        .await_refusal(422, "field_invalid")
        .await;
    edit(&app, "ada", json!({"roles": roles(32)}))
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn a_removed_role_ends_older_tokens_and_a_granted_one_does_not() {
    let app = TestApp::start().await;
    let ada = app.user_with_roles("ada", &["editor", "admin"]).await;
    edit(
        &app,
        &ada.id,
        json!({"roles": ["editor", "admin", "more"], "plan": "pro"}),
    )
    .await_status(StatusCode::OK)
    .await;
    app.assert_accepted(&ada.access).await;
    edit(&app, &ada.id, json!({"roles": ["editor"]}))
        .await_status(StatusCode::OK)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    let answer = app.refresh(&ada.refresh).await;
    assert_eq!(answer.json()["user"]["roles"], json!(["editor"]));
    app.assert_accepted(answer.json()["access_token"].as_str().unwrap())
        .await;
}

#[tokio::test]
async fn now_ends_older_tokens_whatever_changed() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let request = EditUserRequest {
        plan: Some("pro".into()),
        now: true,
        ..Default::default()
    };
    let body = serde_json::to_value(&request).unwrap();
    edit(&app, &ada.id, body).await_status(StatusCode::OK).await;
    app.assert_refused(&ada.access, "token_revoked").await;
    assert_eq!(app.refresh(&ada.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    edit(&app, &ada.id, json!({"password": "eight sealed tablets"}))
        .await_status(StatusCode::OK)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    app.refresh(&ada.refresh)
        .await
        .assert_problem(401, "session_revoked");
    let login = |password| json!({"email": "ada@example.com", "password": password});
    app.post("/auth/login", login(PASSWORD))
        .await_refusal(401, "credentials_invalid")
        .await;
    app.post("/auth/login", login("eight sealed tablets"))
        .await_status(StatusCode::OK)
        .await;
}

#[tokio::test]
async fn a_name_is_changed_forgotten_or_left() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    for (body, expected) in [
        (json!({"name": "Ada"}), json!("Ada")),
        (json!({"plan": "pro"}), json!("Ada")),
        (json!({"name": null}), Value::Null),
    ] {
        let answer = edit(&app, &ada.id, body).await_status(StatusCode::OK).await;
        assert_eq!(answer.json()["name"], expected);
    }
}

#[tokio::test]
async fn custom_claims_come_into_the_next_token() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let claims = json!({"claims": {"beta": true}});
    edit(&app, &ada.id, claims)
        .await_status(StatusCode::OK)
        .await;
    let again = app.login("ada").await;
    let principal = app
        .issuer
        .verifier()
        .verify(&again.access, app.issuer.unix_time())
        .unwrap();
    assert_eq!(principal.claims["beta"], true);
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_an_enabled_one_may_come_back() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let path = |verb: &str| format!("/admin/users/{}/{verb}", ada.id);
    let answer = local(&app, Method::POST, &path("disable"))
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.json()["disabled"], true);
    app.assert_refused(&ada.access, "token_revoked").await;
    let answer = local(&app, Method::POST, &path("enable"))
        .await_status(StatusCode::OK)
        .await;
    assert_eq!(answer.json()["disabled"], false);
    app.assert_refused(&ada.access, "token_revoked").await;
    let again = app.login("ada").await;
    app.assert_accepted(&again.access).await;
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_tokens() {
    let app = TestApp::start().await;
    let ada = app.register("ada").await;
    let bob = app.register("bob").await;
    let path = "/admin/users/ada%40example.com";
    local(&app, Method::DELETE, path)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    app.assert_refused(&ada.access, "token_revoked").await;
    assert_eq!(
        app.refresh(&ada.refresh).await.status,
        StatusCode::UNAUTHORIZED
    );
    local(&app, Method::GET, path)
        .await_refusal(404, "not_found")
        .await;
    local(&app, Method::DELETE, path)
        .await_refusal(404, "not_found")
        .await;
    app.assert_accepted(&bob.access).await;
    app.register("ada").await;
}

#[tokio::test]
async fn an_unknown_user_is_404() {
    let app = TestApp::start().await;
    for who in ["usr_nobody", "eve%40example.com", "eve", "%20"] {
        edit(&app, who, json!({}))
            .await_refusal(404, "not_found")
            .await;
        for (method, rest) in [
            (Method::GET, ""),
            (Method::POST, "/disable"),
            (Method::POST, "/enable"),
            (Method::GET, "/sessions"),
            (Method::DELETE, "/sessions"),
        ] {
            let call = local(&app, method, &format!("/admin/users/{who}{rest}"));
            call.await_refusal(404, "not_found").await;
        }
    }
}
