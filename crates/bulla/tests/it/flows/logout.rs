//! Logging out ends the access token too, everywhere, and for good.

use serde_json::json;

use crate::harness::{Engine, Session, on_every_engine};

on_every_engine!(
    a_logged_out_token_is_refused_at_the_next_request,
    a_refresh_token_logs_out_its_access_token_too,
    a_logged_out_token_stays_dead_after_a_restart
);

fn a_logged_out_token_is_refused_at_the_next_request(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let elsewhere = Session::login(server.public, "ada@example.com");
    session.contact(server.public).expect(200);

    let logout = server
        .public
        .post("/auth/logout")
        .bearer(&session.access_token)
        .send();
    logout.expect(204);
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    session
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    elsewhere.contact(server.public).expect(200);
}

fn a_refresh_token_logs_out_its_access_token_too(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let body = json!({ "refresh_token": session.refresh_token });
    server
        .public
        .post("/auth/logout")
        .json(&body)
        .send()
        .expect(204);
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
}

fn a_logged_out_token_stays_dead_after_a_restart(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().fixed_issuer().start();
    let session = Session::register(server.public, "ada@example.com");
    let elsewhere = Session::login(server.public, "ada@example.com");
    server
        .public
        .post("/auth/logout")
        .bearer(&session.access_token)
        .send()
        .expect(204);
    server.stop();

    let server = folder.server().fixed_issuer().start();
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    session
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    elsewhere.contact(server.public).expect(200);
}
