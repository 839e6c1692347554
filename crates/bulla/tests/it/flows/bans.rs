//! Addresses that misbehave, and administrators who say that some do. This machine is judged like any other here.

use serde_json::{Value, json};

use crate::harness::{Folder, Http, Server, poll};

const HERE: &str = "127.0.0.1";

fn start(folder: &Folder) -> Server {
    folder.server().env("BULLA__BANS__EXEMPT", "").start()
}

fn code(public: Http, path: &str) -> String {
    let answer = public.get(path).send();
    answer.json()["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn listed(folder: &Folder) -> Vec<Value> {
    let list = folder.bulla(&["ban", "list", "--json"]).json();
    list["bans"].as_array().unwrap().clone()
}

fn forge(public: Http, count: u32) {
    for _ in 0..count {
        let answer = public.get("/api/profile").bearer("a.b.c").send();
        assert!([401, 403].contains(&answer.status), "{answer:?}");
    }
}

#[test]
fn a_ban_counts_at_once_and_after_kill_9_until_it_is_removed() {
    let folder = Folder::new();
    let server = start(&folder);
    assert_eq!(code(server.public, "/api/profile"), "token_missing");
    let add = [
        "ban", "add", HERE, "--for", "1h", "--reason", "a test", "--json",
    ];
    let ban = folder.bulla(&add).json();
    assert_eq!(
        (&ban["prefix"], &ban["kind"]),
        (&"127.0.0.1/32".into(), &"manual".into())
    );
    assert_eq!(code(server.public, "/api/profile"), "address_banned");
    let refused = server.public.get("/").send();
    assert_eq!(refused.status, 403);
    server.kill();
    let server = start(&folder);
    assert_eq!(code(server.public, "/api/profile"), "address_banned");
    assert_eq!(listed(&folder)[0]["reason"], "a test");
    folder.bulla(&["ban", "remove", HERE]).succeed();
    assert_eq!(code(server.public, "/api/profile"), "token_missing");
    server.kill();
    let server = start(&folder);
    assert_eq!(code(server.public, "/api/profile"), "token_missing");
    folder
        .bulla(&["ban", "remove", HERE])
        .refused(&["no such ban"]);
}

#[test]
fn without_a_server_it_is_written_down() {
    let folder = Folder::new();
    start(&folder).stop();
    folder.bulla(&["ban", "add", "203.0.113.0/24"]).succeed();
    folder
        .bulla(&["ban", "add", HERE, "--for", "1h"])
        .refused(&["exempt"]);
    let add = folder.bulla(&["ban", "add", HERE, "--for", "1h"]);
    add.env("BULLA__BANS__EXEMPT", "").succeed();
    assert_eq!(listed(&folder).len(), 2);
    folder.bulla(&["ban", "remove", "203.0.113.0/24"]).succeed();
    let server = start(&folder);
    assert_eq!(code(server.public, "/api/profile"), "address_banned");
}

#[test]
fn what_the_ladder_did_outlives_kill_9() {
    let folder = Folder::new();
    let server = start(&folder);
    forge(server.public, 500);
    let refused = server.public.get("/api/profile").send();
    assert_eq!(refused.json()["code"], "address_banned");
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    poll::until("the file", || {
        let text = folder
            .exists("bulla-data/bans.json")
            .then(|| folder.read("bulla-data/bans.json"))?;
        String::from_utf8(text)
            .unwrap()
            .contains("127.0.0.1/32")
            .then_some(())
    });
    server.kill();
    let server = start(&folder);
    assert_eq!(code(server.public, "/api/profile"), "address_banned");
    let ban = &listed(&folder)[0];
    assert_eq!(
        (&ban["rung"], &ban["offence"]),
        (&"1m".into(), &"forged_token".into())
    );
    folder.bulla(&["ban", "remove", HERE]).succeed();
    forge(server.public, 59);
    assert_eq!(
        code(server.public, "/api/profile"),
        "token_missing",
        "the score is gone too"
    );
    let challenged = poll::until("the challenge", || {
        forge(server.public, 20);
        let answer = server.public.get("/api/profile").send();
        (answer.json()["code"] != "token_missing").then_some(answer)
    });
    assert_eq!(challenged.json()["code"], "challenge_required");
    assert_eq!(challenged.json()["challenge"], "/auth/challenge");
    assert_eq!(server.public.get("/auth/challenge").send().status, 200);
    assert!(server.stop().contains("a prefix is challenged"));
}

#[test]
fn passwords_that_are_guessed_lead_there_too() {
    let folder = Folder::new();
    let server = start(&folder);
    let login = |number: u32| {
        let body =
            json!({"email": format!("user{number}@example.com"), "password": "wrong password"});
        server.public.post("/auth/login").json(&body).send()
    };
    let refused = (0..500).map(login).find(|answer| answer.status != 401);
    let refused = refused.unwrap();
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (429, &"rate_limited".into())
    );
    for expected in ["challenge_required", "address_banned"] {
        poll::until(expected, || {
            (0..20).map(login).for_each(drop);
            (code(server.public, "/api/profile") == expected).then_some(())
        });
    }
}

#[test]
fn a_proxy_that_is_not_listed_is_told_of() {
    let folder = Folder::new();
    let server = start(&folder);
    let ask = |client: u32| {
        let request = server.public.get("/healthz");
        request
            .header("X-Forwarded-For", &format!("192.0.2.{client}"))
            .send()
    };
    for client in 0..200 {
        ask(client);
    }
    let log = server.stop();
    assert_eq!(
        log.matches("list it in trusted_proxies").count(),
        1,
        "{log}"
    );
}

#[test]
fn a_changed_configuration_frees_whoever_it_names() {
    let folder = Folder::new();
    folder.write("bulla.toml", "demo = true\n[bans]\nexempt = []\n");
    let server = folder.server().start();
    forge(server.public, 500);
    assert_eq!(code(server.public, "/api/profile"), "address_banned");
    folder.write(
        "bulla.toml",
        "demo = true\n[bans]\nexempt = [\"127.0.0.1\"]\n",
    );
    server.hang_up();
    poll::until("the pardon", || {
        (code(server.public, "/api/profile") == "token_missing").then_some(())
    });
}
