//! `/admin/bans`

use std::{fs, net::IpAddr, time::Duration};

use axum::http::{Method, StatusCode};
use bulla_guard::abuse::{Offence, Standing};
use bulla_server::admin::AdminBans;
use serde_json::{Value, json};

use crate::app::{Answer, Door, TestApp, ban_file};

async fn add(app: &TestApp, body: Value) -> Answer {
    let call = app.call_at(Door::Local, Method::POST, "/admin/bans");
    call.json(body).send().await
}

async fn remove(app: &TestApp, prefix: &str) -> Answer {
    let path = format!("/admin/bans/{}", prefix.replace('/', "%2F"));
    app.call_at(Door::Local, Method::DELETE, &path).send().await
}

async fn listed(app: &TestApp) -> Vec<String> {
    let call = app.call_at(Door::Local, Method::GET, "/admin/bans");
    let text = call.await_status(StatusCode::OK).await.text;
    let list: AdminBans = serde_json::from_str(&text).unwrap();
    list.bans.into_iter().map(|ban| ban.prefix).collect()
}

fn is_good(app: &TestApp, address: &str) -> bool {
    standing(app, address) == Standing::Good
}

fn standing(app: &TestApp, address: &str) -> Standing {
    app.issuer
        .abuse()
        .standing(address.parse().unwrap(), now(app))
}

fn now(app: &TestApp) -> u64 {
    app.issuer.now().as_millis().try_into().unwrap()
}

/// So many forged tokens from there.
fn forge(app: &TestApp, count: u32, address: &str) {
    let address: IpAddr = address.parse().unwrap();
    for _ in 0..count {
        let _ = app
            .issuer
            .abuse()
            .offence(address, Offence::ForgedToken, now(app));
    }
}

#[tokio::test]
async fn a_ban_is_in_force_and_listed_at_once_and_ends_in_time() {
    let app = TestApp::start().await;
    let body = json!({"prefix": "198.51.100.0/24", "seconds": 3600, "reason": "spam"});
    let answer = add(&app, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let ban: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(
        ban,
        json!({"prefix": "198.51.100.0/24", "kind": "manual", "rung": null, "offence": null, "reason": "spam",
            "dropped": false, "since": "2026-01-01T00:00:00.000Z", "until": "2026-01-01T01:00:00.000Z"})
    );
    assert!(!is_good(&app, "198.51.100.7") && is_good(&app, "198.51.101.7"));
    assert_eq!(listed(&app).await, ["198.51.100.0/24"]);
    app.clock.advance(Duration::from_secs(3600));
    assert!(is_good(&app, "198.51.100.7"));
    assert!(listed(&app).await.is_empty());
}

#[tokio::test]
async fn a_removed_ban_is_over_at_once_and_takes_the_score_with_it() {
    let app = TestApp::start().await;
    forge(&app, 500, "192.0.2.1");
    assert_eq!(listed(&app).await, ["192.0.2.1/32"]);
    assert_eq!(remove(&app, "192.0.2.1").await.status, StatusCode::OK);
    assert!(is_good(&app, "192.0.2.1"));
    remove(&app, "192.0.2.1")
        .await
        .assert_problem(404, "not_found");
    forge(&app, 59, "192.0.2.1");
    assert!(is_good(&app, "192.0.2.1"), "it begins at nothing");
    forge(&app, 1, "192.0.2.1");
    assert_eq!(standing(&app, "192.0.2.1"), Standing::Challenged);
}

#[tokio::test]
async fn a_removed_prefix_frees_what_is_within_it() {
    let app = TestApp::start().await;
    for prefix in ["198.51.100.1", "198.51.100.0/28", "198.51.101.0/24"] {
        add(&app, json!({ "prefix": prefix })).await;
    }
    assert_eq!(remove(&app, "198.51.100.0/24").await.status, StatusCode::OK);
    assert_eq!(listed(&app).await, ["198.51.101.0/24"]);
}

#[tokio::test]
async fn what_cannot_be_banned_is_refused() {
    let app = TestApp::start().await;
    for prefix in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1/128",
        "10.0.0.1/8",
        "localhost",
        "",
    ] {
        let answer = add(&app, json!({ "prefix": prefix })).await;
        answer.assert_problem(422, "field_invalid");
    }
    for body in [
        json!({"prefix": "192.0.2.1", "seconds": 0}),
        json!({"prefix": "192.0.2.1", "seconds": u64::MAX}),
        json!({"prefix": "192.0.2.1", "reason": "\u{1b}[31m"}),
        json!({"prefix": "192.0.2.1", "reason": "x".repeat(201)}),
    ] {
        add(&app, body).await.assert_problem(422, "field_invalid");
    }
    let unknown = json!({"prefix": "192.0.2.1", "for": "1h"});
    add(&app, unknown)
        .await
        .assert_problem(422, "field_unknown");
    assert!(listed(&app).await.is_empty());
    add(&app, json!({"prefix": "127.0.0.2", "reason": "ü"})).await;
    assert_eq!(listed(&app).await, ["127.0.0.2/32"], "the control");
}

#[tokio::test]
async fn bans_outlive_a_restart() {
    let app = TestApp::start().await;
    add(&app, json!({"prefix": "198.51.100.0/24", "reason": "spam"})).await;
    forge(&app, 500, "192.0.2.1");
    app.bans.save().await.unwrap();
    let app = app.restart().await;
    assert_eq!(listed(&app).await, ["192.0.2.1/32", "198.51.100.0/24"]);
    assert!(!is_good(&app, "192.0.2.1") && !is_good(&app, "198.51.100.7"));
    remove(&app, "198.51.100.0/24").await;
    let app = app.restart().await;
    assert_eq!(listed(&app).await, ["192.0.2.1/32"]);
}

#[tokio::test]
async fn what_an_administrator_did_is_in_the_file_before_it_is_answered() {
    let app = TestApp::start().await;
    add(&app, json!({"prefix": "198.51.100.0/24"})).await;
    let text = fs::read_to_string(ban_file(&app)).unwrap();
    assert!(text.contains("198.51.100.0/24"), "{text}");
    remove(&app, "198.51.100.0/24").await;
    let text = fs::read_to_string(ban_file(&app)).unwrap();
    assert!(!text.contains("198.51.100.0/24"), "{text}");
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_the_server_starts() {
    let app = TestApp::start().await;
    add(&app, json!({"prefix": "198.51.100.0/24"})).await;
    let file = ban_file(&app);
    fs::write(&file, "{\"version\":1,\"bans\":[{").unwrap();
    let app = app.restart().await;
    assert!(listed(&app).await.is_empty());
    let folder = file.parent().unwrap();
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let aside = names.filter(|name| name.to_string_lossy().starts_with("bans.json.damaged-"));
    assert_eq!(aside.count(), 1);
    add(&app, json!({"prefix": "198.51.100.0/24"})).await;
    assert_eq!(listed(&app.restart().await).await, ["198.51.100.0/24"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_said() {
    let app = TestApp::start().await;
    fs::create_dir(ban_file(&app)).unwrap();
    let answer = add(&app, json!({"prefix": "198.51.100.0/24"})).await;
    answer.assert_problem(503, "store_unavailable");
    assert!(
        !is_good(&app, "198.51.100.1"),
        "it is in force nevertheless"
    );
    fs::remove_dir(ban_file(&app)).unwrap();
    app.bans.save().await.unwrap();
    assert!(ban_file(&app).is_file());
}
