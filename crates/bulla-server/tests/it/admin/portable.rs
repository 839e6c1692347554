//! `/admin/import` and `/admin/export`

use axum::http::{Method, StatusCode};
use bulla_core::account::PasswordHash;
use bulla_server::admin::{
    ImportOutcome, ImportRequest, ImportResult, ImportResults, PortableUser, PortableUsers,
    SkipReason,
};
use serde_json::{Map, Value, json};

use crate::app::{ACCESS, Answer, Call, Door, PASSWORD, TestApp};

/// What Python's `hashlib` makes of `correct horse`.
const FOREIGN: &str = "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key4";
const FOREIGN_PASSWORD: &str = "correct horse";

fn import(app: &TestApp, body: Value) -> Call<'_> {
    app.call_at(Door::Local, Method::POST, "/admin/import")
        .json(body)
}

async fn results(app: &TestApp, users: &[Value]) -> Vec<ImportResult> {
    let call = import(app, json!({ "users": users }));
    let answer = call.await_status(StatusCode::OK).await;
    read::<ImportResults>(&answer).results
}

async fn exported(app: &TestApp) -> Vec<PortableUser> {
    let call = app.call_at(Door::Local, Method::GET, "/admin/export");
    let answer = call.await_status(StatusCode::OK).await;
    read::<PortableUsers>(&answer).users
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    serde_json::from_str(&answer.text).unwrap()
}

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    app.post("/auth/login", body).send().await
}

#[tokio::test]
async fn who_comes_from_elsewhere_signs_in_with_the_old_password_and_keeps_everything() {
    let app = TestApp::start().await;
    let ada = json!({
        "id": "auth0|5dea9f9c82dd7c0e76e4ec93", "email": "Ada@example.com", "username": "ada", "name": "Ada",
        "password_hash": FOREIGN, "roles": ["editor"], "plan": "pro", "claims": {"team_id": 7},
        "created_at": "2019-12-06T19:36:12.412+01:00",
    });
    let created = results(&app, &[ada]).await;
    assert_eq!(created[0].outcome, ImportOutcome::Created);
    assert_eq!(
        created[0].id.as_deref(),
        Some("auth0|5dea9f9c82dd7c0e76e4ec93")
    );

    let refused = login(&app, "ada@example.com", "correct horsf").await;
    refused.assert_problem(401, "credentials_invalid");
    let answer = login(&app, "ada@example.com", FOREIGN_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let user = &answer.json()["user"];
    assert_eq!(user["id"], "auth0|5dea9f9c82dd7c0e76e4ec93");
    assert_eq!(
        (&user["plan"], &user["roles"]),
        (&json!("pro"), &json!(["editor"]))
    );

    let kept = &exported(&app).await[0];
    assert_eq!(kept.claims["team_id"], 7);
    assert_eq!(kept.created_at.as_deref(), Some("2019-12-06T18:36:12.412Z"));
    let hash = PasswordHash::parse(kept.password_hash.as_ref().unwrap().expose()).unwrap();
    assert!(hash.is_own());
    let again = login(&app, "ada@example.com", FOREIGN_PASSWORD).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test]
async fn sent_again_nothing_changes() {
    let app = TestApp::start().await;
    let users = [
        json!({"id": "kept", "email": "a@example.com"}),
        json!({"source": "keycloak:1", "email": "b@example.com"}),
        json!({"email": "C@example.com", "username": "carol"}),
    ];
    let first = results(&app, &users).await;
    let ids = |results: &[ImportResult]| -> Vec<_> {
        results.iter().map(|r| r.id.clone().unwrap()).collect()
    };
    assert!(
        first
            .iter()
            .all(|result| result.outcome == ImportOutcome::Created)
    );
    assert!(
        ids(&first)[1..]
            .iter()
            .all(|id| id.starts_with("usr_") && id.len() == 26)
    );
    let before = exported(&app).await;
    let changed = [
        json!({"id": "kept", "email": "A@example.com", "username": "anna", "roles": ["admin"]}),
        json!({"source": "keycloak:1", "email": "b@example.com", "disabled": true}),
        json!({"email": "c@EXAMPLE.com", "username": "Carol", "plan": "pro"}),
    ];
    for again in [&users, &changed] {
        let second = results(&app, again).await;
        assert!(
            second
                .iter()
                .all(|result| result.outcome == ImportOutcome::Present)
        );
        assert_eq!(ids(&second), ids(&first));
        assert_eq!(exported(&app).await, before);
    }
    // Whoever has none of the names is somebody else, or not to be told from one.
    let others = [
        json!({"id": "kept", "email": "other@example.com", "password_hash": FOREIGN}),
        json!({"source": "keycloak:1", "username": "bob"}),
    ];
    for result in results(&app, &others).await {
        assert_eq!(result.reason, Some(SkipReason::IdentityTaken));
    }
    assert_eq!(exported(&app).await, before);
}

#[tokio::test]
async fn who_cannot_be_made_is_skipped_and_nobody_else_is() {
    let app = TestApp::start().await;
    let taken = json!({"email": "taken@example.com", "username": "taken"});
    results(&app, &[taken]).await;
    let too_costly = FOREIGN.replace("i=1000", "i=4000000000");
    let many_roles: Vec<String> = (0..33).map(|number| format!("r{number}")).collect();
    let long = "x".repeat(300);
    let cases = [
        (json!({"id": "a b"}), SkipReason::IdInvalid),
        (json!({"id": "cli_a"}), SkipReason::IdInvalid),
        (json!({"id": "a", "source": "b"}), SkipReason::IdInvalid),
        (json!({"source": "a\nb"}), SkipReason::IdInvalid),
        (json!({"email": null}), SkipReason::NameMissing),
        (json!({"email": "nobody"}), SkipReason::EmailInvalid),
        (json!({"username": "a@b"}), SkipReason::UsernameInvalid),
        (json!({"name": long}), SkipReason::NameInvalid),
        (json!({"roles": many_roles}), SkipReason::RolesInvalid),
        (json!({"plan": "a b"}), SkipReason::PlanInvalid),
        (json!({"claims": {"sub": "x"}}), SkipReason::ClaimsInvalid),
        (
            json!({"created_at": "yesterday"}),
            SkipReason::CreatedAtInvalid,
        ),
        (
            json!({"password_hash": "5f4dcc3b5aa765d61d8327deb882cf99"}),
            SkipReason::PasswordHashUnknown,
        ),
        (
            json!({"password_hash": "$2b$10$x"}),
            SkipReason::PasswordHashMalformed,
        ),
        (
            json!({"password_hash": too_costly}),
            SkipReason::PasswordHashTooCostly,
        ),
        (
            json!({"email": "Taken@example.com"}),
            SkipReason::EmailTaken,
        ),
        (
            json!({"email": "t\u{430}ken@example.com"}),
            SkipReason::EmailTaken,
        ),
        (json!({"username": "TAKEN"}), SkipReason::UsernameTaken),
    ];
    let valid = |number: usize| json!({"email": format!("user{number}@example.com")});
    let mut users = Vec::new();
    for (number, (wrong, _)) in cases.iter().enumerate() {
        let mut user = valid(number);
        let members = user.as_object_mut().unwrap();
        members.extend(wrong.as_object().unwrap().clone());
        users.extend([user, valid(100 + number)]);
    }
    let results = results(&app, &users).await;
    for (pair, (wrong, reason)) in results.chunks(2).zip(&cases) {
        assert_eq!(pair[0].outcome, ImportOutcome::Skipped, "{wrong}");
        assert_eq!(pair[0].reason, Some(*reason), "{wrong}");
        assert!(pair[0].detail.is_some() && pair[0].id.is_none());
        assert_eq!(pair[1].outcome, ImportOutcome::Created, "beside {wrong}");
    }
    assert_eq!(exported(&app).await.len(), 1 + cases.len());
}

#[tokio::test]
async fn a_rehearsal_says_what_would_become_of_them() {
    let app = TestApp::start().await;
    app.register("taken").await;
    let users = json!([
        {"email": "a@example.com"}, {"email": "taken@example.com"}, {"email": "A@example.com", "username": "abc"}, {"plan": ""},
    ]);
    let body = json!({"users": users, "rehearsal": true});
    let answer = import(&app, body).await_status(StatusCode::OK).await;
    let rehearsed = read::<ImportResults>(&answer).results;
    let reasons: Vec<_> = rehearsed.iter().map(|result| result.reason).collect();
    let taken = Some(SkipReason::EmailTaken);
    assert_eq!(reasons, [None, taken, taken, Some(SkipReason::NameMissing)]);
    assert_eq!(exported(&app).await.len(), 1);
    assert_eq!(results(&app, users.as_array().unwrap()).await, rehearsed);
}

#[tokio::test]
async fn who_has_no_password_gets_the_one_that_comes_later() {
    let app = TestApp::start().await;
    let user =
        |hash: Value| json!({"source": "1", "email": "ada@example.com", "password_hash": hash});
    results(&app, &[user(json!(null))]).await;
    let added = &results(&app, &[user(json!(FOREIGN))]).await[0];
    assert_eq!(added.outcome, ImportOutcome::PasswordAdded);
    let answer = login(&app, "ada@example.com", FOREIGN_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK);
    let other = FOREIGN.replace("i=1000", "i=999");
    let present = &results(&app, &[user(json!(other))]).await[0];
    assert_eq!(present.outcome, ImportOutcome::Present);
    let answer = login(&app, "ada@example.com", FOREIGN_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn an_identity_that_was_deleted_comes_back_when_its_tokens_have_ended() {
    let app = TestApp::start().await;
    let user = [json!({"id": "old", "email": "old@example.com"})];
    assert_eq!(
        results(&app, &user).await[0].outcome,
        ImportOutcome::Created
    );
    let delete = app.call_at(Door::Local, Method::DELETE, "/admin/users/old");
    delete.await_status(StatusCode::NO_CONTENT).await;
    let skipped = &results(&app, &user).await[0];
    assert_eq!(skipped.reason, Some(SkipReason::IdentityDeleted));
    app.clock.advance(2 * ACCESS);
    assert_eq!(
        results(&app, &user).await[0].outcome,
        ImportOutcome::Created
    );
}

#[tokio::test]
async fn what_is_exported_is_the_same_in_another_bulla() {
    let app = TestApp::start().await;
    app.register("ada").await;
    let mut claims = Map::new();
    claims.insert("team_id".into(), json!(7));
    let users = [
        json!({"id": "old|1", "username": "bob", "roles": ["admin", "editor"], "plan": "pro", "claims": claims, "disabled": true}),
        json!({"id": "anon_visitor", "email": "eve@example.com", "name": "Eve", "password_hash": FOREIGN}),
    ];
    results(&app, &users).await;
    let here = exported(&app).await;
    assert_eq!(here.len(), 3);
    let other = TestApp::start().await;
    let moved: Vec<Value> = here
        .iter()
        .map(|user| serde_json::to_value(user).unwrap())
        .collect();
    let moved = results(&other, &moved).await;
    assert!(
        moved
            .iter()
            .all(|result| result.outcome == ImportOutcome::Created),
        "{moved:?}"
    );
    assert_eq!(exported(&other).await, here);
    assert_eq!(
        login(&other, "ada@example.com", PASSWORD).await.status,
        StatusCode::OK
    );
    let eve = login(&other, "eve@example.com", FOREIGN_PASSWORD).await;
    assert_eq!(eve.status, StatusCode::OK);
    let bob = json!({"username": "bob", "password": PASSWORD});
    other
        .post("/auth/login", bob)
        .await_refusal(401, "credentials_invalid")
        .await;
}

#[tokio::test]
async fn hashes_leave_by_the_socket_alone_and_it_is_recorded() {
    let app = TestApp::start().await;
    let root = app.user_with_roles("root", &["admin"]).await;
    let over_the_network = app.call_at(Door::Admin, Method::GET, "/admin/export");
    let refused = over_the_network.bearer(&root.access);
    refused.await_refusal(403, "role_required").await;
    let recorded = format!("/admin/audit?account={}&kind=account_exported", root.id);
    let recorded = async || {
        let call = app.call_at(Door::Local, Method::GET, &recorded);
        let answer = call.await_status(StatusCode::OK).await.json();
        answer["events"].as_array().unwrap().clone()
    };
    assert_eq!(recorded().await.len(), 0);
    assert_eq!(exported(&app).await.len(), 1);
    let events = recorded().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"], "command_line");
    assert_eq!(events[0]["detail"], "with the hash of the password");
}

#[tokio::test]
async fn a_request_that_is_none_does_nothing() {
    let app = TestApp::start().await;
    let valid = json!({"email": "a@example.com"});
    for (body, status, code) in [
        (json!({}), 422, "field_invalid"),
        (
            json!({"users": [valid], "role": "admin"}),
            422,
            "field_unknown",
        ),
        (
            json!({"users": [valid, {"email": "b@example.com", "admin": true}]}),
            422,
            "field_invalid",
        ),
        (
            json!({"users": [valid, {"email": 7}]}),
            422,
            "field_invalid",
        ),
        (
            json!({"users": [valid, {"name": "x".repeat(ImportRequest::MAX_BYTES)}]}),
            413,
            "body_too_large",
        ),
    ] {
        import(&app, body).await_refusal(status, code).await;
    }
    assert_eq!(exported(&app).await, []);
    assert_eq!(
        results(&app, &[valid]).await[0].outcome,
        ImportOutcome::Created
    );
}
