//! A database that is stopped, killed, silent or in use: who needs it is told so and may come again, and who does not
//! goes on.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use bulla_test::PostgresServer;
use serde_json::json;

use crate::harness::{Answer, Folder, Http, Server, Session, poll, session};

#[test]
fn while_the_database_is_stopped_tokens_are_good_and_afterwards_all_is_as_it_was() {
    is_lost_and_back(PostgresServer::stop, PostgresServer::resume);
}

#[test]
fn while_the_database_is_dead_tokens_are_good_and_afterwards_all_is_as_it_was() {
    is_lost_and_back(PostgresServer::kill, PostgresServer::resume);
}

#[test]
fn while_the_database_is_silent_tokens_are_good_and_afterwards_all_is_as_it_was() {
    is_lost_and_back(PostgresServer::freeze, PostgresServer::go_on);
}

#[test]
fn while_all_connections_are_in_use_tokens_are_good_and_afterwards_all_is_as_it_was() {
    let database = PostgresServer::start(&["fsync=off"]);
    let url = database.database();
    let folder = impatient(&url).with("BULLA__STORE__CONNECTIONS", "2");
    let server = folder.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    let held = database.hold(
        PostgresServer::name(&url),
        "LOCK TABLE bulla.accounts, bulla.sessions",
    );
    while_tokens_are_good(server.public, &ada, || {
        thread::scope(|scope| {
            let waiting = (0..12).map(|_| scope.spawn(|| ada.refresh(server.public)));
            let waiting: Vec<_> = waiting.collect();
            for refused in waiting {
                refused
                    .join()
                    .unwrap()
                    .expect_problem(503, "store_unavailable");
            }
        });
        drop(held);
        back(&server, &ada);
    });
}

/// A folder on this database, where nobody waits long: longer than usual, since a busy machine is not what is tried.
fn impatient(url: &str) -> Folder {
    Folder::on(url).with("BULLA__STORE__TIMEOUT", "3s")
}

fn is_lost_and_back(lose: fn(&PostgresServer), bring_back: fn(&PostgresServer)) {
    let database = PostgresServer::start(&["fsync=off"]);
    let folder = impatient(&database.database());
    let server = folder.server().settle("20ms").start();
    let mut ada = Session::register(server.public, "ada@example.com");
    let bob = Session::register(server.public, "bob@example.com");
    for _ in 0..2 {
        lose(&database);
        ada = while_tokens_are_good(server.public, &ada, || {
            is_refused(&server, &ada);
            bring_back(&database);
            back(&server, &ada)
        });
        // A logout that was not acknowledged has not happened.
        bob.contact(server.public).expect(200);
        ada.contact(server.public).expect(200);
    }
    let logout = server.public.post("/auth/logout").bearer(&bob.access_token);
    logout.send().expect(204);
    bob.contact(server.public)
        .expect_problem(401, "token_revoked");
}

/// Uses the access token all the while.
fn while_tokens_are_good<T>(http: Http, ada: &Session, act: impl FnOnce() -> T) -> T {
    let (over, uses) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                ada.contact(http).expect(200);
                uses.fetch_add(1, Ordering::Relaxed);
            }
        });
        let _ending = poll::Ending(&over);
        let acted = act();
        assert!(uses.load(Ordering::Relaxed) > 0);
        acted
    })
}

/// Whatever needs the store says that it can be tried again.
fn is_refused(server: &Server, ada: &Session) {
    let http = server.public;
    let password = session::PASSWORD;
    let new = json!({ "email": "eve@example.com", "password": password });
    let logout = http.post("/auth/logout").bearer(&ada.access_token);
    let answers: [Answer; 5] = [
        ada.refresh(http),
        session::login(http, "ada@example.com", password),
        session::login(http, "nobody@example.com", password),
        http.post("/auth/register").json(&new).send(),
        logout.send(),
    ];
    for answer in answers {
        answer.expect_problem(503, "store_unavailable");
        let again: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&again), "{again}");
    }
    assert_eq!(server.admin.get("/readyz").send().status, 503);
    assert_eq!(server.admin.get("/healthz").send().status, 200);
}

/// By itself, everything works again.
fn back(server: &Server, ada: &Session) -> Session {
    let refreshed = poll::until("a refresh", || {
        let answer = ada.refresh(server.public);
        (answer.status != 503).then(|| Session::read(&answer.expect(200)))
    });
    Session::login(server.public, "ada@example.com");
    poll::until("readiness", || {
        (server.admin.get("/readyz").send().status == 200).then_some(())
    });
    refreshed
}
