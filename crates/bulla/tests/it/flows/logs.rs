//! The log: nobody waits for it, nothing of it is lost at the end, and it says what is left open.

use crate::harness::{Folder, Session};

#[test]
fn a_log_that_nobody_reads_stops_no_request() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA_LOG", "debug")
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
    for (level, logged) in [("info", false), ("debug", true)] {
        let folder = Folder::new();
        let server = folder.server().env("BULLA_LOG", level).start();
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
