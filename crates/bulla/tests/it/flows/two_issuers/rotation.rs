//! The signing keys of both change under load: nobody is refused, and both change at one time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bulla_jose::jwt::UnverifiedJwt;
use serde_json::Value;

use crate::harness::{Folder, Http, Issuers, Session, poll};

/// A minute in which both learn of it, and as long again on a machine that is busy.
const ROTATION: Duration = Duration::from_secs(120);

/// The key that signed it.
fn signer(session: &Session) -> String {
    let token = UnverifiedJwt::decode(&session.access_token).unwrap();
    token.header().key_id().unwrap().to_owned()
}

fn active(folder: &Folder) -> Vec<String> {
    let keys = folder.bulla(&["keys", "list", "--json"]).json();
    let all = keys["keys"].as_array().unwrap().iter();
    let active = all.filter(|key| key["state"] == "active");
    active.map(|key| text(&key["kid"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Goes on until it is told, at both in turn; the keys that signed at each, in order and without repetitions.
fn use_both(
    servers: [Http; 2],
    email: &str,
    over: &AtomicBool,
    rounds: &AtomicUsize,
) -> [Vec<String>; 2] {
    let mut session = Session::register(servers[0], email);
    let mut signers = [Vec::new(), Vec::new()];
    while !over.load(Ordering::Relaxed) {
        for here in [0, 1] {
            session = session.refreshed(servers[here]);
            // At the other one first: at once.
            session.contact(servers[1 - here]).expect(200);
            session.contact(servers[here]).expect(200);
            signers[here].push(signer(&session));
            signers[here].dedup();
        }
        rounds.fetch_add(1, Ordering::Relaxed);
    }
    signers
}

#[test]
fn a_rotation_under_load_refuses_nobody_and_happens_at_both_at_once() {
    let issuers = Issuers::new().with("BULLA__LIMITS__ADDRESS", "off");
    let running = issuers.start();
    let servers = running.each_ref().map(|server| server.public);
    let over = AtomicBool::new(false);
    let [before] = <[_; 1]>::try_from(active(&issuers.folders[0])).unwrap();
    let (after, signers) = thread::scope(|scope| {
        let users = ["ada@example.com", "grace@example.com", "joan@example.com"].map(|email| {
            let (over, rounds) = (&over, Arc::new(AtomicUsize::new(0)));
            let counted = Arc::clone(&rounds);
            let user = scope.spawn(move || use_both(servers, email, over, &counted));
            (user, rounds)
        });
        let after = {
            let _ending = poll::Ending(&over);
            let after = rotate(&issuers);
            for (_, rounds) in &users {
                let before = rounds.load(Ordering::Relaxed);
                // The one that was under way, and a whole one.
                poll::until("requests by the new key", || {
                    (rounds.load(Ordering::Relaxed) > before + 1).then_some(())
                });
            }
            after
        };
        (after, users.map(|(user, _)| user.join().unwrap()))
    });
    for seen in signers.as_flattened() {
        assert_eq!(*seen, [before.clone(), after.clone()]);
    }
}

/// Rotates, and waits until another key signs: which one.
fn rotate(issuers: &Issuers) -> String {
    let before = active(&issuers.folders[0]);
    for folder in &issuers.folders {
        // Asked again at the other one, it is the same rotation.
        folder
            .bulla(&["keys", "rotate", "--now", "--json"])
            .succeed();
    }
    let after = poll::within(ROTATION, "the other key", || {
        let active = active(&issuers.folders[1]);
        (active != before).then_some(active)
    });
    assert_eq!(active(&issuers.folders[0]), after);
    let [after] = <[_; 1]>::try_from(after).unwrap();
    after
}
