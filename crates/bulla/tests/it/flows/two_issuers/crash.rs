//! `kill -9` of one: the other goes on, with all that the dead one has acknowledged.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::json;

use crate::harness::{Http, Issuers, Session, poll, session};

/// How often one is killed, in turn.
const KILLS: usize = 6;
/// By how many each is kept busy.
const CLIENTS: usize = 3;

/// Somebody who knows both, and remembers only what was acknowledged.
struct Client {
    number: usize,
    held: Option<Session>,
    steps: usize,
}

impl Client {
    /// Signs up, or refreshes; whether it was acknowledged.
    fn step(&mut self, http: Http) -> bool {
        self.steps += 1;
        let Some(held) = &self.held else {
            let email = format!("client-{}-{}@example.com", self.number, self.steps);
            let body = json!({ "email": email, "password": session::PASSWORD });
            let answer = http.post("/auth/register").json(&body).try_send();
            self.held = answer.ok().map(|answer| Session::read(&answer.expect(201)));
            return self.held.is_some();
        };
        let body = json!({ "refresh_token": held.refresh_token });
        let Ok(answer) = http.post("/auth/refresh").json(&body).try_send() else {
            return false;
        };
        self.held = Some(Session::read(&answer.expect(200)));
        true
    }
}

#[test]
fn while_one_is_killed_the_other_loses_nothing_and_refuses_nobody() {
    let issuers = Issuers::new().with("BULLA__SESSION__SETTLE", "1s");
    let [first, second] = issuers.start();
    let mut servers = [Some(first), Some(second)];
    let clients: Vec<Mutex<Client>> = (0..2 * CLIENTS)
        .map(|number| {
            Mutex::new(Client {
                number,
                held: None,
                steps: 0,
            })
        })
        .collect();
    for round in 0..KILLS {
        let dying = round % 2;
        let publics = servers
            .each_ref()
            .map(|server| server.as_ref().unwrap().public);
        let (acknowledged, killed) = (AtomicUsize::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            for (number, client) in clients.iter().enumerate() {
                let (acknowledged, killed) = (&acknowledged, &killed);
                scope.spawn(move || {
                    let mut client = client.lock().unwrap();
                    let home = number % 2;
                    while !killed.load(Ordering::SeqCst) {
                        let did = client.step(publics[home]);
                        acknowledged.fetch_add(usize::from(did), Ordering::SeqCst);
                        // Whoever stays is never without an answer.
                        assert!(did || home == dying);
                    }
                    // Whoever is left without one goes to the other, with what it holds.
                    assert!(client.step(publics[1 - dying]));
                });
            }
            let _ending = poll::Ending(&killed);
            let enough = 20 + 7 * round;
            poll::until("work to be done", || {
                (acknowledged.load(Ordering::SeqCst) >= enough).then_some(())
            });
            servers[dying].take().unwrap().kill();
        });
        for client in &clients {
            let client = client.lock().unwrap();
            let held = client.held.as_ref().unwrap();
            held.contact(publics[1 - dying]).expect(200);
        }
        servers[dying] = Some(issuers.folders[dying].server().start());
    }
}
