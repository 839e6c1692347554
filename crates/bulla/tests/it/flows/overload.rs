//! A flood of logins: what is too much is refused at once, and nobody who is signed in feels it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::json;

use crate::harness::{Answer, Folder, Session, session};

#[test]
fn too_many_logins_are_refused_and_verified_requests_go_on() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let http = server.public;
    // Somebody else: each login is a session, and the oldest of too many ends.
    Session::register(http, "bob@example.com");
    let body = json!({ "email": "bob@example.com", "password": session::PASSWORD });
    // Twice what the queue holds on this machine.
    let flood = thread::available_parallelism().unwrap().get() * 33 * 2;

    let over = AtomicBool::new(false);
    let (logins, verified) = thread::scope(|scope| {
        let verifying = scope.spawn(|| {
            let mut answers = Vec::new();
            while !over.load(Ordering::SeqCst) {
                answers.push(session.contact(http));
            }
            answers
        });
        let flooding: Vec<_> = (0..flood)
            .map(|_| scope.spawn(|| http.post("/auth/login").json(&body).send()))
            .collect();
        let logins: Vec<Answer> = flooding
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect();
        over.store(true, Ordering::SeqCst);
        (logins, verifying.join().unwrap())
    });

    let (accepted, refused): (Vec<_>, Vec<_>) = logins.iter().partition(|one| one.status == 200);
    assert!(
        !accepted.is_empty() && !refused.is_empty(),
        "{} of {flood}",
        accepted.len()
    );
    for answer in refused {
        answer.expect_problem(503, "overloaded");
        assert!(
            answer.header("retry-after").is_some(),
            "{:?}",
            answer.headers
        );
    }
    assert!(!verified.is_empty());
    for answer in verified {
        answer.expect(200);
    }
    // The flood is over, and so is its effect.
    Session::login(http, "ada@example.com");
}
