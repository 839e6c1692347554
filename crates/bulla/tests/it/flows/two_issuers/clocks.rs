//! The machine's clock of one of the two is a day ahead, or behind: both go by the database's.

use std::time::Duration;

use bulla_test::generation;

use crate::{
    flows::refresh::pass,
    harness::{Folder, Issuers, Server, Session, poll},
};

const SETTLE: Duration = Duration::from_millis(20);

/// The library of Debian's `faketime`, wherever this machine's libraries are.
const FAKETIME: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

#[test]
fn a_clock_that_is_a_day_ahead_does_not_matter() {
    one_clock_is_wrong("+1d");
}

#[test]
fn a_clock_that_is_a_day_behind_does_not_matter() {
    one_clock_is_wrong("-1d");
}

fn one_clock_is_wrong(by: &str) {
    let issuers = Issuers::new().with("BULLA__SESSION__SETTLE", "20ms");
    let [right, wrong] = &issuers.folders;
    let right_one = right.server().start();
    let wrong_one = wrong
        .server()
        .env("LD_PRELOAD", FAKETIME)
        .env("FAKETIME", by)
        // Spans of time are as long as ever.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1")
        .start();
    assert_ne!(today(&right_one), today(&wrong_one), "both are right");

    // Tokens of either are good at both: neither over nor of the future.
    let ada = Session::register(right_one.public, "ada@example.com");
    let there = Session::login(wrong_one.public, "ada@example.com");
    for session in [&ada, &there] {
        session.contact(right_one.public).expect(200);
        session.contact(wrong_one.public).expect(200);
    }
    let apart = issued_at(right, &there) - issued_at(right, &ada);
    assert!((-3600..3600).contains(&apart), "{apart}");

    // Each sees what the other has settled.
    let mut owner = ada.clone();
    for server in [&wrong_one, &right_one, &wrong_one, &right_one] {
        let before = generation(&owner.refresh_token);
        poll::until("the next generation", || {
            pass(SETTLE);
            owner = owner.refreshed(server.public);
            (generation(&owner.refresh_token) > before).then_some(())
        });
    }
    ada.refresh(wrong_one.public)
        .expect_problem(401, "refresh_reused");
    owner
        .contact(wrong_one.public)
        .expect_problem(401, "token_revoked");
    poll::until("the news", || {
        let answer = owner.contact(right_one.public);
        (answer.status != 200).then(|| answer.expect_problem(401, "token_revoked"))
    });
    there.contact(right_one.public).expect(200);
}

/// The day by the server's own clock.
fn today(server: &Server) -> String {
    let answer = server.admin.get("/healthz").send();
    // As in `Sat, 28 Nov 2026 02:48:47 GMT`.
    answer.header("date").unwrap()[..16].to_owned()
}

fn issued_at(folder: &Folder, session: &Session) -> i64 {
    let inspect = ["token", "inspect", &session.access_token, "--json"];
    let seen = folder.bulla(&inspect).json();
    seen["claims"]["iat"].as_i64().unwrap()
}
