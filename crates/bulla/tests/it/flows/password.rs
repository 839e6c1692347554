//! A changed password: this session goes on, everything older is dead.

use serde_json::json;

use crate::harness::{Engine, Folder, Session, on_every_engine, session};

on_every_engine!(
    the_session_that_changes_it_goes_on_and_all_others_end,
    the_wrong_current_password_changes_nothing
);

const NEW: &str = "a quite different long phrase";

fn the_session_that_changes_it_goes_on_and_all_others_end(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let here = Session::register(server.public, "ada@example.com");
    let elsewhere = Session::login(server.public, "ada@example.com");

    let change = json!({ "current_password": session::PASSWORD, "new_password": NEW });
    let answer = server
        .public
        .post("/auth/password")
        .bearer(&here.access_token)
        .json(&change)
        .send()
        .expect(200);
    let now = Session::read(&answer);
    now.contact(server.public).expect(200);
    now.refreshed(server.public);
    here.contact(server.public)
        .expect_problem(401, "token_revoked");
    elsewhere
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    elsewhere
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    let old = session::login(server.public, "ada@example.com", session::PASSWORD);
    old.expect_problem(401, "credentials_invalid");
    session::login(server.public, "ada@example.com", NEW).expect(200);
}

fn the_wrong_current_password_changes_nothing(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let here = Session::register(server.public, "ada@example.com");
    let change = json!({ "current_password": "not her password", "new_password": NEW });
    let answer = server
        .public
        .post("/auth/password")
        .bearer(&here.access_token)
        .json(&change)
        .send();
    answer.expect_problem(401, "credentials_invalid");
    here.contact(server.public).expect(200);
    Session::login(server.public, "ada@example.com");
}

#[test]
fn a_common_or_short_password_is_refused() {
    let folder = Folder::new();
    let server = folder.server().start();
    for password in ["password", "short", "ada@example.com"] {
        let account = json!({ "email": "ada@example.com", "password": password });
        let answer = server.public.post("/auth/register").json(&account).send();
        answer.expect_problem(422, "password_refused");
    }
    Session::register(server.public, "ada@example.com");
}
