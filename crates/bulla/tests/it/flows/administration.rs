//! `bulla user …` and `bulla session …`: the same with a server and without, at once in both.

use std::thread;

use serde_json::{Value, json};

use crate::harness::{
    Engine, Folder, Server, Session, folder::command, on_every_engine, session, terminal::converse,
};

on_every_engine!(
    a_removed_role_ends_its_tokens_at_once,
    a_changed_password_ends_tokens_and_sessions_at_once,
    a_disabled_account_is_out_until_it_is_enabled,
    a_deleted_account_is_out_for_good,
    a_new_plan_counts_from_the_next_refresh_or_with_now_at_once,
    a_revoked_session_ends_alone,
    without_a_server_the_same_commands_work_on_the_store,
    a_list_of_several_pages_is_listed_whole,
    what_is_revoked_without_a_server_is_dead_at_the_next_start,
    commands_at_once_take_turns
);

const ADA: &str = "ada@example.com";

fn a_removed_role_ends_its_tokens_at_once(engine: Engine) {
    let (folder, server) = with_administrator(engine);
    let session = Session::login(server.public, ADA);
    server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send()
        .expect(200);
    folder.bulla(&["user", "set", ADA, "--no-roles"]).succeed();
    let answer = server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send();
    answer.expect_problem(401, "token_revoked");
    let session = session.refreshed(server.public);
    session.contact(server.public).expect(200);
    let answer = server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send();
    answer.expect_problem(403, "role_required");
}

fn a_changed_password_ends_tokens_and_sessions_at_once(engine: Engine) {
    let (folder, server) = with_administrator(engine);
    let session = Session::login(server.public, ADA);
    let new = "a quite different long phrase";
    folder
        .bulla(&["user", "set", ADA, "--password-stdin"])
        .stdin(format!("{new}\n"))
        .succeed();
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    session
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    let old = session::login(server.public, ADA, session::PASSWORD);
    old.expect_problem(401, "credentials_invalid");
    session::login(server.public, ADA, new).expect(200);
}

fn a_disabled_account_is_out_until_it_is_enabled(engine: Engine) {
    let (folder, server) = with_administrator(engine);
    let session = Session::login(server.public, ADA);
    folder.bulla(&["user", "disable", ADA]).succeed();
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    session
        .refresh(server.public)
        .expect_problem(401, "session_revoked");
    let login = session::login(server.public, ADA, session::PASSWORD);
    login.expect_problem(401, "credentials_invalid");
    folder.bulla(&["user", "enable", ADA]).succeed();
    Session::login(server.public, ADA)
        .contact(server.public)
        .expect(200);
}

fn a_deleted_account_is_out_for_good(engine: Engine) {
    let (folder, server) = with_administrator(engine);
    let session = Session::login(server.public, ADA);
    folder.bulla(&["user", "delete", ADA]).succeed();
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    folder.bulla(&["user", "show", ADA]).refused(&[ADA]);
}

fn a_new_plan_counts_from_the_next_refresh_or_with_now_at_once(engine: Engine) {
    let (folder, server) = with_administrator(engine);
    let session = Session::login(server.public, ADA);
    let plan = |session: &Session| {
        let profile = server
            .public
            .get("/api/profile")
            .bearer(&session.access_token)
            .send();
        profile.expect(200)["plan"].clone()
    };
    folder
        .bulla(&["user", "set", ADA, "--plan", "pro"])
        .succeed();
    assert_eq!(plan(&session), "free");
    let session = session.refreshed(server.public);
    assert_eq!(plan(&session), "pro");
    folder
        .bulla(&["user", "set", ADA, "--plan", "team", "--now"])
        .succeed();
    session
        .contact(server.public)
        .expect_problem(401, "token_revoked");
    assert_eq!(plan(&session.refreshed(server.public)), "team");
}

fn a_revoked_session_ends_alone(engine: Engine) {
    let (folder, server) = with_administrator(engine);
    let (one, other) = (
        Session::login(server.public, ADA),
        Session::login(server.public, ADA),
    );
    let list = folder.bulla(&["session", "list", ADA, "--json"]).json();
    let listed: Vec<&Value> = list["sessions"].as_array().unwrap().iter().collect();
    assert!(
        listed
            .iter()
            .any(|session| session["id"] == one.id.as_str()),
        "{list}"
    );
    folder.bulla(&["session", "revoke", &one.id]).succeed();
    one.contact(server.public)
        .expect_problem(401, "token_revoked");
    one.refresh(server.public)
        .expect_problem(401, "session_revoked");
    other.contact(server.public).expect(200);
    other.refreshed(server.public);
}

#[test]
fn an_id_that_begins_with_a_hyphen_is_no_flag() {
    let (folder, _server) = with_administrator(Engine::Sqlite);
    for id in [
        "-VAAAAAAAAAAAAAAAAAAAA",
        "-hAAAAAAAAAAAAAAAAAAAA",
        "--AAAAAAAAAAAAAAAAAAAA",
    ] {
        folder
            .bulla(&["session", "revoke", id])
            .refused(&[id, "session"]);
        let finished = folder
            .bulla(&["session", "revoke", id, "--json"])
            .refused(&[id]);
        assert!(finished.stderr.starts_with('{'), "{finished:?}");
    }
}

fn without_a_server_the_same_commands_work_on_the_store(engine: Engine) {
    let folder = engine.folder();
    add_administrator(&folder);
    folder
        .bulla(&[
            "user",
            "add",
            "bob@example.com",
            "--role",
            "editor",
            "--role",
            "author",
        ])
        .succeed();
    folder
        .bulla(&["user", "set", "bob@example.com", "--plan", "pro"])
        .succeed();
    let bob = folder
        .bulla(&["user", "show", "bob@example.com", "--json"])
        .json();
    assert_eq!(bob["plan"], "pro");
    assert_eq!(bob["roles"], json!(["author", "editor"]));
    let list = folder.bulla(&["user", "list", "--json"]).json();
    assert_eq!(list["users"].as_array().unwrap().len(), 2, "{list}");
    folder
        .bulla(&["user", "delete", bob["id"].as_str().unwrap()])
        .succeed();

    let server = folder.server().start();
    let session = Session::login(server.public, ADA);
    server
        .public
        .get("/api/admin")
        .bearer(&session.access_token)
        .send()
        .expect(200);
    let list = folder.bulla(&["user", "list", "--json"]).json();
    assert_eq!(list["users"].as_array().unwrap().len(), 1, "{list}");
}

fn a_list_of_several_pages_is_listed_whole(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    // A page has a hundred.
    thread::scope(|scope| {
        for worker in 0..3 {
            let public = server.public;
            scope.spawn(move || {
                for number in 0..40 {
                    Session::register(public, &format!("user-{worker}-{number}@example.com"));
                }
            });
        }
    });
    let list = folder.bulla(&["user", "list", "--json"]).json();
    assert_eq!(list["users"].as_array().unwrap().len(), 120);
    let some = ["user", "list", "--query", "USER-1-", "--json"];
    let list = folder.bulla(&some).json();
    assert_eq!(list["users"].as_array().unwrap().len(), 40);
}

fn what_is_revoked_without_a_server_is_dead_at_the_next_start(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().fixed_issuer().start();
    let gone = Session::register(server.public, ADA);
    let stays = Session::register(server.public, "bob@example.com");
    server.stop();
    folder.bulla(&["user", "disable", ADA]).succeed();

    let server = folder.server().fixed_issuer().start();
    gone.contact(server.public)
        .expect_problem(401, "token_revoked");
    stays.contact(server.public).expect(200);
}

#[test]
fn what_a_killed_server_left_behind_hinders_nobody() {
    let (folder, server) = with_administrator(Engine::Sqlite);
    server.kill();
    assert!(
        folder.exists("bulla-data/admin.sock"),
        "the control: nothing was left behind"
    );
    folder
        .bulla(&["user", "set", ADA, "--plan", "pro"])
        .succeed();
    let server = folder.server().start();
    Session::login(server.public, ADA);
    folder
        .bulla(&["user", "set", ADA, "--plan", "free"])
        .succeed();
}

fn commands_at_once_take_turns(engine: Engine) {
    let folder = engine.folder();
    let folder = &folder;
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || {
                let email = format!("user-{number}@example.com");
                folder.bulla(&["user", "add", &email]).succeed();
            });
        }
    });
    let list = folder.bulla(&["user", "list", "--json"]).json();
    assert_eq!(list["users"].as_array().unwrap().len(), 4, "{list}");
}

#[test]
fn an_account_without_a_password_of_its_own_is_given_one() {
    let folder = Folder::new();
    let server = folder.server().start();
    let added = folder
        .bulla(&["user", "add", ADA, "--role", "admin", "--json"])
        .json();
    let password = added["password"].as_str().unwrap();
    assert!(password.len() >= 20, "{added}");
    session::login(server.public, ADA, password).expect(200);
    let text = folder
        .bulla(&["user", "add", "bob@example.com"])
        .succeed()
        .stdout;
    assert!(
        text.contains("bob@example.com") && text.contains("password"),
        "{text}"
    );
}

#[test]
fn on_a_terminal_the_password_is_asked_for_and_not_shown() {
    let folder = Folder::new();
    let server = folder.server().start();
    let add = |second: &str| {
        let mut command = command(folder.path());
        command.args(["user", "add", ADA]);
        converse(
            command,
            &[("Password for", session::PASSWORD), ("again", second)],
        )
    };
    let (code, shown) = add("something else");
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("differ"), "{shown}");
    let (code, shown) = add(session::PASSWORD);
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(session::PASSWORD), "{shown}");
    Session::login(server.public, ADA);
}

#[test]
fn what_cannot_be_done_is_said_in_one_sentence() {
    let (folder, _server) = with_administrator(Engine::Sqlite);
    folder.bulla(&["user", "add", ADA]).refused(&["taken"]);
    folder
        .bulla(&["user", "show", "nobody@example.com"])
        .refused(&["nobody@example.com"]);
    folder
        .bulla(&["user", "add", "not an address"])
        .refused(&["email"]);
    folder
        .bulla(&["session", "revoke", "AAAAAAAAAAAAAAAAAAAAAA"])
        .refused(&["session"]);
    let weak = folder.bulla(&["user", "add", "bob@example.com", "--password-stdin"]);
    weak.stdin("password\n").refused(&["password"]);
}

#[test]
fn an_administrator_signs_in_at_the_admin_listener_and_is_named_in_the_audit_log() {
    let (folder, server) = with_administrator(Engine::Sqlite);
    let subject = Session::register(server.public, "bob@example.com");
    folder
        .bulla(&["user", "set", &subject.user, "--plan", "pro"])
        .succeed();
    let admin = Session::login(server.admin, ADA);
    let path = format!("/admin/users/{}", subject.user);
    let edit = server.admin.request("PATCH", &path);
    let edit = edit
        .bearer(&admin.access_token)
        .json(&json!({"roles": ["staff"]}));
    edit.send().expect(200);
    // Who says that he comes from elsewhere is not believed.
    let end = server
        .admin
        .delete(&format!("/admin/sessions/{}", subject.id));
    let end = end.bearer(&admin.access_token);
    end.header("X-Forwarded-For", "203.0.113.9")
        .send()
        .expect(204);
    subject
        .contact(server.public)
        .expect_problem(401, "token_revoked");

    let path = format!("/admin/audit?account={}", subject.user);
    let log = server.admin.get(&path).bearer(&admin.access_token);
    let log = log.send().expect(200);
    let told: Vec<_> = log["events"].as_array().unwrap().iter().collect();
    let of = |number: usize, member: &str| told[number][member].as_str();
    let by = Some(admin.user.as_str());
    for (number, kind, actor, actor_id) in [
        (0, "session_ended", "administrator", by),
        (1, "account_changed", "administrator", by),
        (2, "account_changed", "command_line", None),
        (3, "account_created", "owner", Some(subject.user.as_str())),
    ] {
        assert_eq!(of(number, "kind"), Some(kind), "{log}");
        assert_eq!(of(number, "actor"), Some(actor), "{log}");
        assert_eq!(of(number, "actor_id"), actor_id, "{log}");
        let address = (actor != "command_line").then_some("127.0.0.1");
        assert_eq!(of(number, "address"), address, "{log}");
    }
    assert_eq!(of(1, "detail"), Some("role staff granted"));
}

fn with_administrator(engine: Engine) -> (Folder, Server) {
    let folder = engine.folder();
    let server = folder.server().start();
    add_administrator(&folder);
    (folder, server)
}

fn add_administrator(folder: &Folder) {
    folder
        .bulla(&["user", "add", ADA, "--role", "admin", "--password-stdin"])
        .stdin(format!("{}\n", session::PASSWORD))
        .succeed();
}
