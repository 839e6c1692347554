//! `kill -9` at any moment, under load: nothing that was acknowledged is lost, nothing dead comes back.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use bulla_test::PostgresServer;
use serde_json::json;

use crate::harness::{Engine, Folder, Http, Server, Session, on_every_engine, poll, session};

on_every_engine!(nothing_acknowledged_is_lost_and_nothing_replaced_comes_back);

/// How often the server is killed, unless `BULLA_TEST_ROUNDS` says how often.
const KILLS: usize = 12;
/// By how many it is kept busy.
const CLIENTS: usize = 6;

fn nothing_acknowledged_is_lost_and_nothing_replaced_comes_back(engine: Engine) {
    let folder = engine.folder();
    let start = || folder.server().fixed_issuer().settle("1s").start();
    let clients: Vec<Mutex<Client>> = (0..CLIENTS)
        .map(|number| Mutex::new(Client::new(number)))
        .collect();

    for round in 0..kills() {
        let server = start();
        let public = server.public;
        work_until_killed(&clients, public, round, || server.kill());
        let server = start();
        for client in &clients {
            client.lock().unwrap().check(server.public);
        }
    }
    assert_nothing_is_lost(&folder, &start(), &clients);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_database_is_killed() {
    // What a killed process has written is not lost with it, only with its machine.
    let database = PostgresServer::start(&["fsync=off"]);
    let folder = Folder::on(&database.database());
    let server = folder.server().settle("1s").start();
    let clients: Vec<Mutex<Client>> = (0..CLIENTS)
        .map(|number| Mutex::new(Client::new(number)))
        .collect();
    for round in 0..kills() {
        work_until_killed(&clients, server.public, round, || database.kill());
        database.resume();
        poll::until("the store", || {
            (server.admin.get("/readyz").send().status == 200).then_some(())
        });
        for client in &clients {
            client.lock().unwrap().check(server.public);
        }
    }
    assert_nothing_is_lost(&folder, &server, &clients);
}

fn kills() -> usize {
    let kills = std::env::var("BULLA_TEST_ROUNDS").ok();
    kills.map_or(KILLS, |kills| kills.parse().unwrap())
}

fn assert_nothing_is_lost(folder: &Folder, server: &Server, clients: &[Mutex<Client>]) {
    let mut dead = 0;
    for client in clients {
        dead += client.lock().unwrap().check_replaced_tokens(server.public);
    }
    assert!(
        dead > 0,
        "no token was ever replaced twice: the test has tried nothing"
    );
    let list = folder.bulla(&["user", "list", "--json"]).json();
    let listed: BTreeSet<&str> = list["users"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|user| user["email"].as_str())
        .collect();
    for client in clients {
        for email in &client.lock().unwrap().accounts {
            assert!(listed.contains(email.as_str()), "{email} was lost");
        }
    }
}

/// Lets all clients work, and kills something in the midst of it, each round at another moment.
fn work_until_killed(clients: &[Mutex<Client>], public: Http, round: usize, kill: impl FnOnce()) {
    let (acknowledged, killed) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for client in clients {
            scope.spawn(|| {
                let mut client = client.lock().unwrap();
                while !killed.load(Ordering::SeqCst) {
                    let did = client.step(public);
                    acknowledged.fetch_add(usize::from(did), Ordering::SeqCst);
                }
            });
        }
        let enough = 20 + 7 * (round % KILLS);
        poll::until("work to be done", || {
            (acknowledged.load(Ordering::SeqCst) >= enough).then_some(())
        });
        kill();
        killed.store(true, Ordering::SeqCst);
    });
}

/// Somebody who registers, signs in and refreshes, and remembers only what was acknowledged.
struct Client {
    number: usize,
    step: usize,
    accounts: Vec<String>,
    /// The newest acknowledged tokens of each session.
    sessions: Vec<Session>,
    /// The session that is refreshed all the time: every refresh token it ever had, in order.
    chain: Vec<Session>,
}

impl Client {
    fn new(number: usize) -> Self {
        Self {
            number,
            step: 0,
            accounts: Vec::new(),
            sessions: Vec::new(),
            chain: Vec::new(),
        }
    }

    /// Does the next thing; whether it was acknowledged.
    fn step(&mut self, http: Http) -> bool {
        self.step += 1;
        match (self.step % 12, self.accounts.last().cloned()) {
            (1, _) | (_, None) => self.register(http),
            (7, Some(email)) => self.login(http, &email),
            _ => self.refresh(http),
        }
    }

    fn register(&mut self, http: Http) -> bool {
        let email = format!("client-{}-{}@example.com", self.number, self.step);
        let body = json!({ "email": email, "password": session::PASSWORD });
        let Ok(answer) = http.post("/auth/register").json(&body).try_send() else {
            return false;
        };
        if answer.status == 503 {
            return false;
        }
        self.remember(Session::read(&answer.expect(201)));
        self.accounts.push(email);
        true
    }

    fn login(&mut self, http: Http, email: &str) -> bool {
        let body = json!({ "email": email, "password": session::PASSWORD });
        let Ok(answer) = http.post("/auth/login").json(&body).try_send() else {
            return false;
        };
        if answer.status == 503 {
            return false;
        }
        self.remember(Session::read(&answer.expect(200)));
        true
    }

    fn refresh(&mut self, http: Http) -> bool {
        let Some(newest) = self.chain.last() else {
            return false;
        };
        let body = json!({ "refresh_token": newest.refresh_token });
        let Ok(answer) = http.post("/auth/refresh").json(&body).try_send() else {
            return false;
        };
        if answer.status == 503 {
            return false;
        }
        let refreshed = Session::read(&answer.expect(200));
        if refreshed.refresh_token == newest.refresh_token {
            self.chain.pop();
        }
        self.chain.push(refreshed);
        true
    }

    fn remember(&mut self, session: Session) {
        if self.chain.is_empty() {
            self.chain.push(session);
        } else {
            self.sessions.push(session);
        }
    }

    /// Everything that was acknowledged is good.
    fn check(&mut self, http: Http) {
        if let Some(email) = self.accounts.last() {
            Session::login(http, email);
        }
        for session in &mut self.sessions {
            session.contact(http).expect(200);
            *session = session.refreshed(http);
        }
        if let Some(newest) = self.chain.last() {
            newest.contact(http).expect(200);
        }
        self.refresh(http);
    }

    /// Of the session that was refreshed all the time, the first token must not come back.
    fn check_replaced_tokens(&mut self, http: Http) -> usize {
        self.check(http);
        let [oldest, _, .., newest] = self.chain.as_slice() else {
            return 0;
        };
        oldest.refresh(http).expect_problem(401, "refresh_reused");
        newest.contact(http).expect_problem(401, "token_revoked");
        newest.refresh(http).expect_problem(401, "session_revoked");
        1
    }
}
