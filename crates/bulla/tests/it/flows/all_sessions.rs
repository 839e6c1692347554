//! `bulla session revoke --all`: everybody has to sign in again, wherever the store has been.

use serde_json::json;

use crate::harness::{Engine, Folder, Server, Session, on_every_engine};

on_every_engine!(
    nothing_from_before_is_good_and_everybody_can_sign_in_again,
    it_needs_no_server_and_stays_so
);

fn two(server: &Server) -> [Session; 2] {
    ["ada@example.com", "bob@example.com"].map(|email| Session::register(server.public, email))
}

fn nothing_from_before_is_good_and_everybody_can_sign_in_again(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let sessions = two(&server);
    sessions[0].contact(server.public).expect(200);
    let ended = folder
        .bulla(&["session", "revoke", "--all", "--json"])
        .json();
    assert_eq!(ended, json!({ "ended": 2 }));
    for session in &sessions {
        session
            .contact(server.public)
            .expect_problem(401, "token_revoked");
        session
            .refresh(server.public)
            .expect_problem(401, "refresh_invalid");
    }
    let again = Session::login(server.public, "ada@example.com");
    again.contact(server.public).expect(200);
    again.refreshed(server.public);
    let listed = folder
        .bulla(&["session", "list", "ada@example.com", "--json"])
        .json();
    let reasons = listed["sessions"].as_array().unwrap().iter();
    let reasons: Vec<_> = reasons.map(|session| &session["ended_reason"]).collect();
    assert_eq!(reasons, [&json!(null), &json!("revoked")]);
    let usage = folder
        .bulla(&["session", "revoke", "--all", &again.id])
        .run();
    assert_eq!(usage.code, 2, "{usage:?}");
    again.contact(server.public).expect(200);
}

fn it_needs_no_server_and_stays_so(engine: Engine) {
    let folder = engine.folder();
    let start = |folder: &Folder| folder.server().fixed_issuer().start();
    let server = start(&folder);
    let sessions = two(&server);
    server.stop();
    folder.bulla(&["session", "revoke", "--all"]).succeed();
    let server = start(&folder);
    for session in &sessions {
        session
            .contact(server.public)
            .expect_problem(401, "token_revoked");
        session
            .refresh(server.public)
            .expect_problem(401, "refresh_invalid");
    }
    Session::login(server.public, "bob@example.com").refreshed(server.public);
}
