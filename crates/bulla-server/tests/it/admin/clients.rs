//! `/admin/clients`

use std::time::Duration;

use axum::http::{Method, StatusCode};
use bulla_jose::jwa::Algorithm;
use bulla_server::admin::{AdminClient, AdminClients, AuditEvents};
use serde_json::{Value, json};

use crate::app::{Answer, Call, Door, TestApp, public_keys};

fn call<'a>(app: &'a TestApp, method: Method, path: &str) -> Call<'a> {
    app.call_at(Door::Local, method, &format!("/admin/clients{path}"))
}

async fn add(app: &TestApp, body: Value) -> Answer {
    call(app, Method::POST, "").json(body).send().await
}

async fn change(app: &TestApp, who: &str, body: Value) -> Answer {
    call(app, Method::PATCH, &format!("/{who}"))
        .json(body)
        .send()
        .await
}

async fn names(app: &TestApp, query: &str) -> (Vec<String>, Option<String>) {
    let answer = call(app, Method::GET, query).await_status(StatusCode::OK);
    let list: AdminClients = serde_json::from_str(&answer.await.text).unwrap();
    let names = list.clients.into_iter().map(|client| client.name);
    (names.collect(), list.next)
}

#[tokio::test]
async fn a_client_is_made_shown_changed_and_removed() {
    let app = TestApp::start().await;
    let wanted = json!({"name": "Billing service", "scopes": ["b", "a", "a"], "audiences": ["ledger", "api"],
        "access_lifetime": 300});
    let made = add(&app, wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let secret = made["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("bcs_") && secret.len() == 47, "{secret}");
    let id = made["client"]["client_id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("cli_") && id.len() == 26, "{id}");
    let expected = json!({"client_id": id, "name": "Billing service", "authentication": "client_secret",
        "older_secret_ends_at": null, "public_keys": null, "scopes": ["a", "b"], "audiences": ["ledger", "api"],
        "access_lifetime": 300, "disabled": false, "created_at": "2026-01-01T00:00:00.000Z"});
    assert_eq!(made["client"], expected);
    for who in [id.as_str(), "Billing%20service"] {
        let shown = call(&app, Method::GET, &format!("/{who}"));
        let shown = shown.await_status(StatusCode::OK).await;
        assert_eq!(shown.json(), expected);
        assert!(!shown.text.contains(secret), "{}", shown.text);
    }
    let edit = json!({"name": "b", "scopes": ["c"], "audiences": [], "access_lifetime": null, "disabled": true});
    let changed = change(&app, &id, edit.clone()).await;
    let mut expected = expected;
    for (member, value) in edit.as_object().unwrap() {
        expected[member] = value.clone();
    }
    assert_eq!(changed.json(), expected);
    let unchanged = change(&app, "b", json!({})).await;
    assert_eq!(unchanged.json(), expected);
    let remove = call(&app, Method::DELETE, "/b");
    remove.await_status(StatusCode::NO_CONTENT).await;
    for method in [Method::GET, Method::DELETE] {
        let gone = call(&app, method, &format!("/{id}"));
        gone.await_refusal(404, "not_found").await;
    }
    let gone = change(&app, &id, json!({})).await;
    gone.assert_problem(404, "not_found");
}

#[tokio::test]
async fn clients_are_listed_part_by_part() {
    let app = TestApp::start().await;
    assert_eq!(names(&app, "").await, (vec![], None));
    for name in ["a", "b", "c"] {
        app.client(name, &[]).await;
    }
    let (mut all, none) = names(&app, "").await;
    assert_eq!(none, None);
    let (first, next) = names(&app, "?limit=2").await;
    let (rest, end) = names(&app, &format!("?limit=2&after={}", next.unwrap())).await;
    assert_eq!([first, rest].concat(), all);
    assert_eq!(end, None);
    all.sort();
    assert_eq!(all, ["a", "b", "c"]);
    for query in ["?limit=0", "?limit=1001", "?after=", "?after=a%20b"] {
        let refused = call(&app, Method::GET, query);
        refused.await_refusal(422, "field_invalid").await;
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    app.client("taken", &["a"]).await;
    let many: Vec<String> = (0..33).map(|number| format!("s{number}")).collect();
    let long = "x".repeat(201);
    for (member, value) in [
        ("name", json!("")),
        ("name", json!(long)),
        ("name", json!("\u{1b}[31m")),
        ("name", json!("taken")),
        ("name", json!(7)),
        ("scopes", json!(["a b"])),
        ("scopes", json!([""])),
        ("scopes", json!(["\""])),
        ("scopes", json!(many)),
        ("scopes", json!("a")),
        ("audiences", json!([""])),
        ("audiences", json!(["a b"])),
        ("audiences", json!(many)),
        ("access_lifetime", json!(0)),
        ("access_lifetime", json!(86_401)),
        ("access_lifetime", json!("1h")),
        ("public_keys", json!({})),
        ("public_keys", json!({"keys": []})),
        (
            "public_keys",
            json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}),
        ),
        ("public_keys", json!([])),
    ] {
        let mut body = json!({"name": "new"});
        body[member] = value.clone();
        let refused = add(&app, body).await;
        refused.assert_problem(422, "field_invalid");
        assert_eq!(refused.json()["field"], member, "{}", refused.text);
        if value != "taken" {
            let mut edit = json!({});
            edit[member] = value;
            let refused = change(&app, "taken", edit).await;
            refused.assert_problem(422, "field_invalid");
        }
    }
    for body in [
        json!({"name": "new", "roles": ["admin"]}),
        json!({"name": "new", "client_secret": "of my own"}),
    ] {
        add(&app, body).await.assert_problem(422, "field_unknown");
    }
    add(&app, json!({}))
        .await
        .assert_problem(422, "field_invalid");
    assert_eq!(names(&app, "").await.0, ["taken"]);
    app.client("new", &[]).await;
    let renamed = change(&app, "new", json!({"name": "taken"})).await;
    renamed.assert_problem(422, "field_invalid");
    let shown = call(&app, Method::GET, "/taken").send().await;
    let shown: AdminClient = serde_json::from_str(&shown.text).unwrap();
    assert_eq!(shown.scopes, ["a"]);
}

#[tokio::test]
async fn what_is_done_to_a_client_is_in_the_audit_log() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    let client = app.client("billing", &["a"]).await;
    let path = format!("/admin/clients/{}", client.id);
    let by_admin = |method| {
        app.call_at(Door::Admin, method, &path)
            .bearer(&admin.access)
    };
    for edit in [
        json!({"scopes": ["b"], "audiences": ["api"], "name": "b", "access_lifetime": 60}),
        json!({"disabled": true}),
        json!({"disabled": true}),
        json!({"disabled": false}),
    ] {
        let edit = by_admin(Method::PATCH).json(edit);
        edit.await_status(StatusCode::OK).await;
    }
    let remove = by_admin(Method::DELETE);
    remove.await_status(StatusCode::NO_CONTENT).await;
    let log = format!("/admin/audit?client={}", client.id);
    let log = app.call_at(Door::Local, Method::GET, &log).send().await;
    let log: AuditEvents = serde_json::from_str(&log.text).unwrap();
    let told = log.events.iter().map(|event| {
        assert_eq!(
            (event.client.as_deref(), &event.account),
            (Some(&*client.id), &None)
        );
        let by = event.actor_id.as_deref().unwrap_or(&event.actor);
        (
            event.kind.as_str(),
            by,
            event.detail.as_deref().unwrap_or_default(),
        )
    });
    let by = admin.id.as_str();
    let expected = [
        ("client_removed", by, ""),
        ("client_changed", by, "enabled"),
        ("client_changed", by, "disabled, tokens revoked"),
        (
            "client_changed",
            by,
            "scope b granted, scope a removed, audience api, lifetime 60 seconds, name changed, tokens revoked",
        ),
        (
            "client_created",
            "command_line",
            "scope a granted, secret made",
        ),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_secret_is_replaced_at_once_or_after_a_while() {
    let app = TestApp::start().await;
    let mut client = app.client("billing", &[]).await;
    let before = app.client_token(&client).await;
    let rotate = async |body: Value| {
        let call = call(&app, Method::POST, "/billing/secret").json(body);
        call.await_status(StatusCode::OK).await.json()
    };
    let mut older = Vec::new();
    for (body, ends_at) in [
        (json!({}), json!(null)),
        (json!({"keep_older": 60}), json!("2026-01-01T00:01:00.000Z")),
    ] {
        older.push(client.secret);
        let rotated = rotate(body).await;
        client.secret = rotated["client_secret"].as_str().unwrap().to_owned();
        assert_eq!(rotated["client"]["older_secret_ends_at"], ends_at);
    }
    let is_good = async |secret: &str| {
        let form = [("grant_type", "client_credentials")];
        let call = app.form("/oauth2/token", &form).basic(&client.id, secret);
        call.send().await.status == StatusCode::OK
    };
    let good = [
        is_good(&older[0]).await,
        is_good(&older[1]).await,
        is_good(&client.secret).await,
    ];
    assert_eq!(good, [false, true, true]);
    app.clock.advance(Duration::from_secs(60));
    assert!(!is_good(&older[1]).await && is_good(&client.secret).await);
    let shown = call(&app, Method::GET, "/billing").send().await.json();
    assert_eq!(shown["older_secret_ends_at"], json!(null));
    // Older tokens end only if that is asked for.
    assert!(app.verify(&before).is_ok());
    client.secret = rotate(json!({"revoke_tokens": true})).await["client_secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(app.verify(&before).is_err());
    assert!(app.verify(&app.client_token(&client).await).is_ok());
}

#[tokio::test]
async fn what_cannot_be_rotated_is_refused() {
    let app = TestApp::start().await;
    let client = app.client("billing", &[]).await;
    app.keyed_client("keyed", Algorithm::Es256).await;
    let rotate = |who: &str| call(&app, Method::POST, &format!("/{who}/secret"));
    for body in [
        json!({"keep_older": 0}),
        json!({"keep_older": 40_000_000}),
        json!({"keep_older": "1h"}),
    ] {
        let refused = rotate("billing").json(body);
        refused.await_refusal(422, "field_invalid").await;
    }
    let unknown = rotate("billing").json(json!({"secret": "of my own"}));
    unknown.await_refusal(422, "field_unknown").await;
    let keyed = rotate("keyed");
    keyed.await_refusal(422, "field_invalid").await;
    let nobody = rotate("nobody");
    nobody.await_refusal(404, "not_found").await;
    app.client_token(&client).await;
    rotate("billing").await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn a_client_with_keys_is_shown_with_them_and_may_get_others() {
    let app = TestApp::start().await;
    let client = app.keyed_client("keyed", Algorithm::Es256).await;
    let shown = call(&app, Method::GET, "/keyed").send().await.json();
    assert_eq!(shown["authentication"], "private_key_jwt");
    assert_eq!(shown["public_keys"], public_keys(&[client.key()]));
    let by_secret = app.client("b", &[]).await;
    let token = app.client_token(&by_secret).await;
    let keys = json!({"public_keys": public_keys(&[client.key()])});
    let changed = change(&app, "b", keys).await.json();
    assert_eq!(changed["authentication"], "private_key_jwt");
    assert!(app.verify(&token).is_ok());
    change(&app, "b", json!({"revoke_tokens": true})).await;
    assert!(app.verify(&token).is_err());
    let log = format!("/admin/audit?client={}&kind=client_changed", by_secret.id);
    let log = app.call_at(Door::Local, Method::GET, &log).send().await;
    let log: AuditEvents = serde_json::from_str(&log.text).unwrap();
    let details: Vec<_> = log
        .events
        .iter()
        .filter_map(|one| one.detail.as_deref())
        .collect();
    assert_eq!(details, ["tokens revoked", "keys replaced"]);
}
