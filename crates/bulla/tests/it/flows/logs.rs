//! The log: nobody waits for it, nothing of it is lost at the end, and it says what is left open.

use serde_json::{Value, json};

use crate::harness::{Folder, Session, upstream::Upstream};

#[test]
fn a_log_that_nobody_reads_stops_no_request() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__LOG__ACCESS", "all")
        .start_with_unread_log();
    let session = Session::register(server.public, "ada@example.com");
    // Each is a line of more than a hundred bytes: together several times what a pipe holds.
    for _ in 0..3000 {
        server
            .public
            .get("/api/profile")
            .send()
            .expect_problem(401, "token_missing");
    }
    session.contact(server.public).expect(200);
}

#[test]
fn refusals_are_logged_only_if_asked_for_and_the_last_line_is_written() {
    for (level, logged) in [("off", false), ("refused", true), ("all", true)] {
        let folder = Folder::new();
        let server = folder.server().env("BULLA__LOG__ACCESS", level).start();
        server
            .public
            .get("/api/profile")
            .send()
            .expect_problem(401, "token_missing");
        let log = server.stop();
        assert_eq!(log.contains("token_missing"), logged, "{level}: {log}");
        let last = log.trim_end().lines().last().unwrap_or_default();
        assert!(last.contains("\"stopped\""), "{level}: {log}");
    }
}

#[test]
fn a_request_is_a_line_of_json_with_what_was_asked_for() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let server = folder
        .server()
        .args(&["--upstream", &upstream.url()])
        .env("BULLA__LOG__ACCESS", "all")
        .env("BULLA__LOG__FIELDS", "subject,path")
        .env("BULLA__LOG__TRACE", "100%")
        .start();
    let session = Session::register(server.public, "ada@example.com");
    let request = server.public.get("/orders/7?token=canary");
    let answer = request.bearer(&session.access_token).send();
    answer.expect(200);
    let log = server.stop();
    assert!(!log.contains("canary"), "{log}");
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let line: Value = lines
        .into_iter()
        .find(|line: &Value| line["path"] == "/orders/7")
        .unwrap_or_else(|| panic!("no line in {log}"));
    let expected = json!({
        "level": "INFO",
        "target": "bulla_gateway::access",
        "request_id": answer.header("x-request-id"),
        "method": "GET",
        "route": "/{*rest}",
        "status": 200,
        "verdict": "accepted",
        "subject": session.user,
        "upstream": line["upstream"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert!(!value.is_null() && line[name] == *value, "{name} in {line}");
    }
    assert!(line["duration_ms"].as_f64() >= line["upstream_ms"].as_f64());
    assert!(line["address"].is_null(), "{line}");
    let seen = upstream.seen();
    let parent = format!("00-{}-", line["trace_id"].as_str().unwrap());
    let [traceparent] = seen[0].all("traceparent")[..] else {
        panic!("{seen:?}");
    };
    assert!(traceparent.starts_with(&parent) && traceparent.ends_with("-01"));
}

#[test]
fn a_listener_that_others_can_reach_is_warned_of_at_every_start() {
    let folder = Folder::new();
    let warned = |public: &str, admin: &str| {
        let server = folder
            .server()
            .env("BULLA__LISTEN__PUBLIC", public)
            .env("BULLA__LISTEN__ADMIN", admin)
            .start();
        let log = server.stop();
        let warnings = log.lines().filter(|line| line.contains("not encrypted"));
        warnings
            .flat_map(|line| {
                ["listen.public", "listen.admin"]
                    .into_iter()
                    .filter(|key| line.contains(*key))
            })
            .collect::<Vec<_>>()
    };
    let (nobody, everybody) = ("127.0.0.1:0", "0.0.0.0:0");
    assert!(warned(nobody, nobody).is_empty());
    assert_eq!(warned(everybody, nobody), ["listen.public"]);
    assert_eq!(warned(nobody, everybody), ["listen.admin"]);
    assert_eq!(
        warned(everybody, everybody),
        ["listen.public", "listen.admin"]
    );
}
