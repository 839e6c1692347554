//! What is done by mail, in development: letters are read at `/dev/mailbox`.

use serde_json::{Value, json};

use crate::harness::{Engine, Folder, Http, Server, Session, on_every_engine, poll, session};

on_every_engine!(
    an_address_is_proven_by_the_link_in_the_letter,
    a_forgotten_password_is_replaced_by_the_link_in_the_letter,
    all_that_is_held_is_exported_for_one_or_for_everybody
);

const ADA: &str = "ada@example.com";

/// Waits for a letter to this address, and gives what is behind the `#` of its link.
fn link(server: &Server, to: &str, page: &str) -> String {
    let mark = format!("{}/auth/link/{page}#", server.public.url());
    poll::until("a letter", || {
        let letters = mailbox(server.admin);
        let letters = letters["letters"].as_array().unwrap().clone();
        let letter = letters.into_iter().find(|letter| letter["to"] == to)?;
        let text = letter["text"].as_str().unwrap();
        let (_, token) = text.split_once(&mark)?;
        Some(token.split_whitespace().next().unwrap().to_owned())
    })
}

fn mailbox(admin: Http) -> Value {
    let call = admin
        .get("/dev/mailbox")
        .header("Accept", "application/json");
    call.send().expect(200)
}

fn an_address_is_proven_by_the_link_in_the_letter(engine: Engine) {
    let folder = engine.folder();
    let server = folder
        .server()
        .env("BULLA__REGISTRATION__VERIFY_EMAIL", "true");
    let server = server.start();
    let body = json!({"email": ADA, "password": session::PASSWORD});
    let register = || server.public.post("/auth/register").json(&body).send();
    let first = register().expect(202);
    let login = session::login(server.public, ADA, session::PASSWORD);
    login.expect_problem(401, "credentials_invalid");
    let token = json!({"token": link(&server, ADA, "verify")});
    let verify = || server.public.post("/auth/verify").json(&token).send();
    let session = Session::read(&verify().expect(200));
    session.contact(server.public).expect(200);
    verify().expect_problem(401, "link_invalid");
    assert_eq!(register().expect(202), first);
}

fn a_forgotten_password_is_replaced_by_the_link_in_the_letter(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let ada = Session::register(server.public, ADA);
    let forget = server.public.post("/auth/password/forgot");
    forget.json(&json!({"email": ADA})).send().expect(202);
    let new = "a quite different long phrase";
    let token = link(&server, ADA, "reset");
    let page = server.public.get("/auth/link/reset").send();
    assert!(page.text().contains("<form"), "{}", page.text());
    let reset = json!({"token": token, "new_password": new});
    let answer = server
        .public
        .post("/auth/password/reset")
        .json(&reset)
        .send();
    assert_eq!(answer.status, 204);
    ada.contact(server.public)
        .expect_problem(401, "token_revoked");
    session::login(server.public, ADA, new).expect(200);
    let log = server.stop();
    assert!(
        log.contains("development: this letter was not sent"),
        "{log}"
    );
}

#[test]
fn the_public_listener_has_no_mailbox_and_neither_has_a_server_with_a_name_in_the_world() {
    let folder = Folder::new();
    let server = folder.server().start();
    let answer = server.public.get("/dev/mailbox").send();
    answer.expect_problem(404, "not_found");
    mailbox(server.admin);
    drop(server);
    let server = folder
        .server()
        .env("BULLA__PUBLIC_URL", "https://api.example.com");
    let server = server.start();
    let answer = server.admin.get("/dev/mailbox").send();
    answer.expect_problem(404, "not_found");
    let forget = server.public.post("/auth/password/forgot");
    forget
        .json(&json!({"email": ADA}))
        .send()
        .expect_problem(404, "not_found");
}

fn all_that_is_held_is_exported_for_one_or_for_everybody(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    Session::register(server.public, ADA);
    Session::register(server.public, "bob@example.com");
    let one = folder.bulla(&["user", "export", ADA]).succeed();
    let one: Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(one["user"]["email"], ADA);
    assert_eq!(one["sessions"].as_array().unwrap().len(), 1);
    let all = folder.bulla(&["user", "export"]).succeed();
    let lines: Vec<Value> = all
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let same = |line: &&Value| line["user"] == one["user"] && line["sessions"] == one["sessions"];
    let again = lines.iter().find(same).unwrap();
    let read = |export: &Value| {
        let events = export["events"].as_array().unwrap();
        let read = |event: &&Value| event["kind"] == "account_exported";
        events.iter().filter(read).count()
    };
    assert_eq!((read(&one), read(again)), (1, 2), "who reads is recorded");
    let nobody = folder.bulla(&["user", "export", "nobody@example.com"]);
    assert_eq!(nobody.run().code, 1);
}
