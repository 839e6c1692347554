//! Thief and victim with a copy of one refresh token, where the server is killed (`kill -9`) after every
//! answer; and a database that is put back as it was before.

use std::time::Duration;

use super::refresh::pass;
use crate::harness::{Engine, Folder, Server, Session, on_every_engine};

on_every_engine!(nobody_honest_is_logged_out_by_kills_and_lost_replies);

/// What takes a minute by default.
const SETTLE: Duration = Duration::from_millis(20);

/// Who comes next: the place in what both hold.
const VICTIM: usize = 0;
const THIEF: usize = 1;

fn start(folder: &Folder) -> Server {
    folder.server().fixed_issuer().settle("20ms").start()
}

#[test]
fn whoever_comes_first_and_whatever_is_killed_a_theft_is_found() {
    // The last one's coming is found to be a theft.
    for comings in [
        &[THIEF, THIEF, VICTIM][..],
        &[VICTIM, VICTIM, THIEF],
        &[THIEF, VICTIM, THIEF],
        &[VICTIM, THIEF, VICTIM],
    ] {
        let folder = Folder::new();
        let mut server = start(&folder);
        let stolen = Session::register(server.public, "ada@example.com");
        let mut held = [stolen.clone(), stolen];
        let (last, before) = comings.split_last().unwrap();
        for who in before {
            pass(SETTLE);
            held[*who] = held[*who].refreshed(server.public);
            server.kill();
            server = start(&folder);
        }
        pass(SETTLE);
        let answer = held[*last].refresh(server.public);
        answer.expect_problem(401, "refresh_reused");
        server.kill();
        // The verdict was stored before it was told, and access tokens are dead too.
        let server = start(&folder);
        for held in &held {
            held.refresh(server.public)
                .expect_problem(401, "session_revoked");
            held.contact(server.public)
                .expect_problem(401, "token_revoked");
        }
    }
}

fn nobody_honest_is_logged_out_by_kills_and_lost_replies(engine: Engine) {
    let folder = engine.folder();
    let mut server = start(&folder);
    let mut held = Session::register(server.public, "ada@example.com");
    for lost in [false, true, true, false, true, false] {
        pass(SETTLE);
        let refreshed = held.refreshed(server.public);
        server.kill();
        if !lost {
            held = refreshed;
        }
        server = start(&folder);
    }
    held.refreshed(server.public)
        .contact(server.public)
        .expect(200);
}

#[test]
fn a_database_that_was_put_back_takes_the_tokens_that_it_has_forgotten() {
    let folder = Folder::new();
    let server = start(&folder);
    let first = Session::register(server.public, "ada@example.com");
    server.stop();
    let copy = folder.data();

    let server = start(&folder);
    let mut newest = first.clone();
    for _ in 0..3 {
        pass(SETTLE);
        newest = newest.refreshed(server.public);
    }
    server.kill();
    for gone in folder.data().keys() {
        std::fs::remove_file(gone).unwrap();
    }
    for (path, bytes) in copy {
        std::fs::write(path, bytes).unwrap();
    }

    let server = start(&folder);
    let refreshed = newest.refreshed(server.public);
    assert_eq!(refreshed.refresh_token, newest.refresh_token);
    refreshed.contact(server.public).expect(200);
    pass(SETTLE);
    let next = refreshed.refreshed(server.public);
    assert_ne!(next.refresh_token, newest.refresh_token);
    // What is older than what it was given is a theft again.
    pass(SETTLE);
    next.refreshed(server.public);
    first
        .refresh(server.public)
        .expect_problem(401, "refresh_reused");
}
