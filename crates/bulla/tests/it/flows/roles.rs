//! Roles: who may see the administrator's pages, and what a deletion ends.

use serde_json::json;

use crate::harness::{Engine, Folder, Server, Session, on_every_engine, session};

on_every_engine!(
    a_granted_role_counts_from_the_next_refresh,
    a_deleted_user_is_gone_and_their_tokens_are_dead_at_once,
    a_deleted_users_tokens_stay_dead_after_a_restart
);

#[test]
fn the_wrong_role_is_forbidden() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let answer = server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send();
    answer.expect_problem(403, "role_required");
    let reason = answer.header("www-authenticate").unwrap();
    assert!(reason.contains("error=\"insufficient_scope\""), "{reason}");
}

#[test]
fn an_administrator_may() {
    let folder = Folder::new();
    let server = folder.server().start();
    let admin = administrator(&folder, &server);
    server
        .public
        .get("/api/admin")
        .bearer(&admin.access_token)
        .send()
        .expect(200);
}

fn a_granted_role_counts_from_the_next_refresh(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    folder
        .bulla(&["user", "set", "ada@example.com", "--role", "admin"])
        .succeed();
    let before = server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send();
    before.expect_problem(403, "role_required");
    let session = session.refreshed(server.public);
    server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send()
        .expect(200);
}

fn a_deleted_user_is_gone_and_their_tokens_are_dead_at_once(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let admin = administrator(&folder, &server);
    let victim = Session::register(server.public, "mallory@example.com");
    let elsewhere = Session::login(server.public, "mallory@example.com");
    let path = format!("/api/users/{}", victim.user);

    let not_hers = server
        .public
        .delete(&path)
        .bearer(&victim.access_token)
        .send();
    not_hers.expect_problem(403, "role_required");
    let answer = server
        .public
        .delete(&path)
        .bearer(&admin.access_token)
        .send()
        .expect(200);
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.starts_with("User ") && message.ends_with(" deleted"),
        "{message}"
    );

    for session in [&victim, &elsewhere] {
        session
            .contact(server.public)
            .expect_problem(401, "token_revoked");
        assert_eq!(session.refresh(server.public).status, 401);
    }
    let login = session::login(server.public, "mallory@example.com", session::PASSWORD);
    login.expect_problem(401, "credentials_invalid");
    folder
        .bulla(&["user", "show", "mallory@example.com"])
        .refused(&["mallory@example.com"]);
    let again = server
        .public
        .delete(&path)
        .bearer(&admin.access_token)
        .send();
    again.expect_problem(404, "not_found");
    admin.contact(server.public).expect(200);
}

fn a_deleted_users_tokens_stay_dead_after_a_restart(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().fixed_issuer().start();
    let admin = administrator(&folder, &server);
    let victim = Session::register(server.public, "mallory@example.com");
    let path = format!("/api/users/{}", victim.user);
    server
        .public
        .delete(&path)
        .bearer(&admin.access_token)
        .send()
        .expect(200);
    server.kill();

    let server = folder.server().fixed_issuer().start();
    victim
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    admin.contact(server.public).expect(200);
}

#[test]
fn the_profile_says_what_the_token_says() {
    let folder = Folder::new();
    let server = folder.server().start();
    let admin = administrator(&folder, &server);
    let profile = server
        .public
        .get("/api/profile")
        .bearer(&admin.access_token)
        .send()
        .expect(200);
    assert_eq!(profile["id"], admin.user);
    assert_eq!(profile["email"], "root@example.com");
    assert_eq!(profile["roles"], json!(["admin"]));
    assert_eq!(profile["plan"], "free");
}

fn administrator(folder: &Folder, server: &Server) -> Session {
    folder
        .bulla(&[
            "user",
            "add",
            "root@example.com",
            "--role",
            "admin",
            "--password-stdin",
        ])
        .stdin(session::PASSWORD)
        .succeed();
    Session::login(server.public, "root@example.com")
}
