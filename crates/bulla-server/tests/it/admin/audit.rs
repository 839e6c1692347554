//! `GET /admin/audit`

use axum::http::{Method, StatusCode};
use bulla_server::admin::AuditEvents;
use serde_json::json;

use crate::app::{Call, Door, SignedIn, TestApp};

fn audit<'a>(app: &'a TestApp, admin: &SignedIn, query: &str) -> Call<'a> {
    let path = format!("/admin/audit{query}");
    app.call_at(Door::Admin, Method::GET, &path)
        .bearer(&admin.access)
}

async fn events(app: &TestApp, admin: &SignedIn, query: &str) -> AuditEvents {
    let call = audit(app, admin, query).await_status(StatusCode::OK);
    serde_json::from_str(&call.await.text).unwrap()
}

#[tokio::test]
async fn who_did_what_from_where_is_told_the_newest_first() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    let ada = app.register("ada").await;
    let path = format!("/admin/users/{}", ada.id);
    let edit = app.call_at(Door::Admin, Method::PATCH, &path);
    edit.bearer(&admin.access)
        .json(json!({"roles": ["staff"]}))
        .await_status(StatusCode::OK)
        .await;
    let path = format!("/admin/sessions/{}", ada.session);
    let end = app.call_at(Door::Local, Method::DELETE, &path);
    end.await_status(StatusCode::NO_CONTENT).await;

    let found = events(&app, &admin, &format!("?account={}", ada.id)).await;
    let told: Vec<_> = found
        .events
        .iter()
        .map(|event| {
            let by = (event.actor.as_str(), event.actor_id.as_deref());
            (event.kind.as_str(), by, event.detail.as_deref())
        })
        .collect();
    let (root, owner) = (Some(admin.id.as_str()), Some(ada.id.as_str()));
    let expected = [
        ("session_ended", ("command_line", None), None),
        (
            "account_changed",
            ("administrator", root),
            Some("role staff granted"),
        ),
        ("account_created", ("owner", owner), None),
    ];
    assert_eq!(told, expected);
    let ended = &found.events[0];
    assert_eq!(ended.session.as_ref(), Some(&ada.session));
    assert_eq!(ended.address, "192.0.2.7".parse().ok());
    assert_eq!(ended.at, "2026-01-01T00:00:00.000Z");
    assert_eq!(found.next, None);

    let by_root = events(&app, &admin, &format!("?administrator={}", admin.id)).await;
    assert_eq!(by_root.events, [found.events[1].clone()]);
    let both = format!("?kind=session_ended&account={}", admin.id);
    assert_eq!(events(&app, &admin, &both).await.events, []);
}

#[tokio::test]
async fn what_administrators_do_to_addresses_is_told() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    let ban = app.call_at(Door::Admin, Method::POST, "/admin/bans");
    ban.bearer(&admin.access)
        .json(json!({"prefix": "198.51.100.7", "seconds": 60, "reason": "a secret reason"}))
        .await_status(StatusCode::CREATED)
        .await;
    let lift = app.call_at(Door::Local, Method::DELETE, "/admin/bans/198.51.100.0%2F24");
    lift.await_status(StatusCode::OK).await;
    // There is nothing on it any more, so nothing happens to it.
    let again = app.call_at(Door::Local, Method::DELETE, "/admin/bans/198.51.100.7");
    again.await_refusal(404, "not_found").await;

    let told = |found: AuditEvents| {
        let told = found.events.into_iter().map(|event| {
            (
                event.kind,
                event.actor,
                event.actor_id,
                event.addresses,
                event.account,
                event.detail,
            )
        });
        told.collect::<Vec<_>>()
    };
    let text = |text: &str| Some(text.to_owned());
    let added = (
        "ban_added".to_owned(),
        "administrator".to_owned(),
        text(&admin.id),
        text("198.51.100.7/32"),
        None,
        text("for 60 s"),
    );
    let removed = (
        "ban_removed".to_owned(),
        "command_line".to_owned(),
        None,
        text("198.51.100.0/24"),
        None,
        text("1 banned, 0 challenged"),
    );
    let by_range = |range: &str| format!("?addresses={}", range.replace('/', "%2F"));
    let found = events(&app, &admin, &by_range("198.51.100.7/32")).await;
    assert_eq!(told(found), [added]);
    let found = events(&app, &admin, &by_range("198.51.100.0/24")).await;
    assert_eq!(told(found), [removed]);
}

#[tokio::test]
async fn a_ban_that_cannot_be_recorded_is_in_force_and_says_so() {
    let app = TestApp::start().await;
    app.store.close();
    let ban = app.call_at(Door::Local, Method::POST, "/admin/bans");
    let ban = ban.json(json!({"prefix": "198.51.100.7"}));
    let refused = ban.await_refusal(503, "store_unavailable").await;
    assert!(refused.text.contains("in force"), "{}", refused.text);
    let list = app.call_at(Door::Local, Method::GET, "/admin/bans");
    assert!(list.send().await.text.contains("198.51.100.7/32"));
}

#[tokio::test]
async fn wrong_passwords_are_told_without_who_said_them() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    let ada = app.register("ada").await;
    for _ in 0..2 {
        let body = json!({"email": "ada@example.com", "password": "another password"});
        app.post("/auth/login", body)
            .await_refusal(401, "credentials_invalid")
            .await;
    }
    app.issuer.flush_wrong_passwords().await;
    let found = events(&app, &admin, "?kind=password_wrong").await;
    let [event] = found.events.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(event.account.as_ref(), Some(&ada.id));
    assert_eq!((event.actor.as_str(), &event.actor_id), ("unknown", &None));
    assert_eq!(event.detail.as_deref(), Some("2 times"));
    assert_eq!(event.address, "192.0.2.7".parse().ok());
}

#[tokio::test]
async fn the_log_outlives_the_account() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    let ada = app.register("ada").await;
    let path = format!("/admin/users/{}", ada.id);
    let delete = app.call_at(Door::Admin, Method::DELETE, &path);
    delete
        .bearer(&admin.access)
        .await_status(StatusCode::NO_CONTENT)
        .await;
    let found = events(&app, &admin, &format!("?account={}", ada.id)).await;
    let kinds: Vec<_> = found.events.iter().map(|event| &event.kind).collect();
    assert_eq!(kinds, ["account_deleted", "account_created"]);
    assert!(!audit(&app, &admin, "").send().await.text.contains("ada@"));
}

#[tokio::test]
async fn it_is_read_part_by_part_to_its_end() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    for name in ["ada", "bob", "carol", "dan"] {
        app.register(name).await;
    }
    let whole = events(&app, &admin, "").await.events;
    let (mut read, mut next) = (Vec::new(), None);
    loop {
        let after = next.map_or(String::new(), |next: String| format!("&after={next}"));
        let part = events(&app, &admin, &format!("?limit=2{after}")).await;
        // What is recorded meanwhile is no part of it.
        app.login("ada").await;
        read.extend(part.events);
        match part.next {
            Some(last) => next = Some(last),
            None => break,
        }
    }
    assert_eq!(read, whole);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let app = TestApp::start().await;
    let admin = app.user_with_roles("root", &["admin"]).await;
    for (query, code) in [
        ("?limit=0", "field_invalid"),
        ("?limit=1001", "field_invalid"),
        ("?after=-1", "field_invalid"),
        ("?after=abc", "field_invalid"),
        ("?after=9223372036854775808", "field_invalid"),
        ("?kind=everything", "field_invalid"),
        ("?account=a%20b", "field_invalid"),
        ("?administrator=", "field_invalid"),
        ("?client=", "field_invalid"),
        ("?addresses=198.51.100.7", "field_invalid"),
        ("?account=usr_ada&client=cli_x", "field_invalid"),
        ("?offset=3", "field_unknown"),
    ] {
        audit(&app, &admin, query).await_refusal(422, code).await;
    }
    for query in [
        "?limit=1000&after=9223372036854775807",
        "?account=nobody",
        "?client=nobody",
        "?signing_key=none",
    ] {
        audit(&app, &admin, query)
            .await_status(StatusCode::OK)
            .await;
    }
}
