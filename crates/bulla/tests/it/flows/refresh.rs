//! Refresh tokens: rotated, repeated, lost, stolen.

use std::{thread, time::Duration};

use crate::harness::{Engine, Folder, Session, on_every_engine, poll, session};

on_every_engine!(
    a_refresh_gives_tokens_that_work,
    a_hundred_repeats_at_once_get_the_same_refresh_token,
    tabs_that_rotate_at_once_agree_on_one_successor,
    the_token_just_replaced_is_answered_with_its_successor,
    a_lost_reply_logs_nobody_out,
    a_stolen_token_ends_the_session_for_both,
    an_access_token_in_use_proves_that_its_refresh_token_arrived,
    an_access_token_that_was_seen_too_early_still_proves_it_when_it_is_seen_again,
    a_forged_refresh_token_ends_no_session
);

/// What takes a minute by default.
const SETTLE: Duration = Duration::from_millis(20);
const SHORT: &str = "20ms";

/// For what must happen within the span, however busy the machine is.
const LONG_SETTLE: Duration = Duration::from_secs(1);
const LONG: &str = "1s";

fn a_refresh_gives_tokens_that_work(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let refreshed = session.refreshed(server.public);
    assert_eq!(
        (&refreshed.id, &refreshed.user),
        (&session.id, &session.user)
    );
    assert_ne!(refreshed.access_token, session.access_token);
    refreshed.contact(server.public).expect(200);
}

fn a_hundred_repeats_at_once_get_the_same_refresh_token(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().settle("60s").start();
    let first = Session::register(server.public, "ada@example.com");
    let answers = in_parallel(100, || first.refreshed(server.public));
    for answer in answers {
        assert_eq!(answer.refresh_token, first.refresh_token);
        answer.contact(server.public).expect(200);
    }
}

fn tabs_that_rotate_at_once_agree_on_one_successor(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().settle(LONG).start();
    let old = Session::register(server.public, "ada@example.com");
    pass(LONG_SETTLE);
    let answers = in_parallel(8, || old.refreshed(server.public));
    for answer in &answers {
        assert_ne!(answer.refresh_token, old.refresh_token);
        assert_eq!(answer.refresh_token, answers[0].refresh_token);
    }
    pass(LONG_SETTLE);
    answers[0]
        .refreshed(server.public)
        .contact(server.public)
        .expect(200);
}

fn the_token_just_replaced_is_answered_with_its_successor(engine: Engine) {
    let folder = engine.folder();
    let (old, new) = rotated(&folder);
    let server = folder.server().fixed_issuer().settle("1h").start();
    assert_eq!(
        old.refreshed(server.public).refresh_token,
        new.refresh_token
    );
    assert_eq!(
        new.refreshed(server.public).refresh_token,
        new.refresh_token
    );
}

fn a_lost_reply_logs_nobody_out(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().settle(SHORT).start();
    let stored = Session::register(server.public, "ada@example.com");
    pass(SETTLE);
    for _ in 0..3 {
        let _lost_in_a_tunnel = stored.refreshed(server.public);
        pass(SETTLE);
    }
    let arrived = stored.refreshed(server.public);
    arrived.contact(server.public).expect(200);
    pass(SETTLE);
    arrived
        .refreshed(server.public)
        .contact(server.public)
        .expect(200);
}

fn a_stolen_token_ends_the_session_for_both(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().settle(SHORT).start();
    let bystander = Session::register(server.public, "bob@example.com");
    let stolen = Session::register(server.public, "ada@example.com");
    let mut owner = stolen.clone();
    for _ in 0..2 {
        pass(SETTLE);
        owner = owner.refreshed(server.public);
    }

    stolen
        .refresh(server.public)
        .expect_problem(401, "refresh_reused");
    owner
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    owner
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    stolen
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    bystander.contact(server.public).expect(200);
    bystander.refreshed(server.public);
}

fn an_access_token_in_use_proves_that_its_refresh_token_arrived(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().fixed_issuer().settle(SHORT).start();
    let stolen = Session::register(server.public, "ada@example.com");
    pass(SETTLE);
    let owner = stolen.refreshed(server.public);
    pass(SETTLE);
    owner.contact(server.public).expect(200);
    // What the gateway saw is stored before the process ends.
    server.stop();

    let server = folder.server().fixed_issuer().settle(SHORT).start();
    stolen
        .refresh(server.public)
        .expect_problem(401, "refresh_reused");
    owner
        .contact(server.public)
        .expect_problem(401, "token_revoked");
}

fn an_access_token_that_was_seen_too_early_still_proves_it_when_it_is_seen_again(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().fixed_issuer().settle(LONG).start();
    let stolen = Session::register(server.public, "ada@example.com");
    pass(LONG_SETTLE);
    let owner = stolen.refreshed(server.public);
    // Verified now, and found in the cache later: only the later use settles the generation.
    owner.contact(server.public).expect(200);
    pass(LONG_SETTLE);
    owner.contact(server.public).expect(200);
    server.stop();

    let server = folder.server().fixed_issuer().settle(LONG).start();
    stolen
        .refresh(server.public)
        .expect_problem(401, "refresh_reused");
}

fn a_forged_refresh_token_ends_no_session(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let (start, end) = session
        .refresh_token
        .split_at(session.refresh_token.len() - 8);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{start}{other}{}", &end[1..]);
    for forged in [
        forged.as_str(),
        "brt_",
        "brt_AAAA",
        "",
        &session.access_token,
    ] {
        session::refresh(server.public, forged).expect_problem(401, "refresh_invalid");
    }
    session.contact(server.public).expect(200);
    session.refreshed(server.public);
}

/// A session's refresh token and its successor, made by a server that has stopped.
fn rotated(folder: &Folder) -> (Session, Session) {
    let server = folder.server().fixed_issuer().settle(SHORT).start();
    let old = Session::register(server.public, "ada@example.com");
    pass(SETTLE);
    let new = old.refreshed(server.public);
    assert_ne!(new.refresh_token, old.refresh_token);
    server.stop();
    (old, new)
}

/// Lets the span pass in which a refresh is a repeat: the one thing here that only time can do.
pub(super) fn pass(span: Duration) {
    let began = std::time::Instant::now();
    poll::until("the settle span", || (began.elapsed() > span).then_some(()));
}

fn in_parallel<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
