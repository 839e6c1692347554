//! Canaries: passwords, tokens and keys are in no log, whatever is logged, and in no file that does not need them.

use std::{borrow::Cow, collections::BTreeMap, path::PathBuf};

use bulla_test::PostgresServer;
use serde_json::json;

use crate::harness::{Engine, Folder, Server, Session, on_every_engine, session};

on_every_engine!(no_log_line_holds_a_password_a_token_or_a_key);

const PASSWORD: &str = "canary-password-Zq8";
const NEW_PASSWORD: &str = "canary-password-Xw5";

fn no_log_line_holds_a_password_a_token_or_a_key(engine: Engine) {
    let folder = engine.folder();
    let server = folder
        .server()
        .env("BULLA_LOG", "trace")
        .env("BULLA__LOG__ACCESS", "all")
        .env("BULLA__LOG__FIELDS", "subject,address,path")
        .start();
    let secrets = secrets_of_a_busy_day(&folder, &server);
    let master_key = String::from_utf8(folder.read("bulla-data/master.key")).unwrap();
    let logged = server.stop();
    assert!(
        logged.contains("bulla_gateway::access") && logged.contains("/auth/"),
        "nothing was logged"
    );
    assert!(
        !logged.contains("log lines were lost"),
        "only a part was seen"
    );
    for secret in secrets
        .iter()
        .map(String::as_str)
        .chain([master_key.trim(), PostgresServer::PASSWORD])
    {
        assert!(!logged.contains(secret), "{secret:?} is in the log");
    }
}

#[test]
fn what_is_stored_is_no_password_and_no_token() {
    let folder = Folder::new();
    let server = folder.server().start();
    let secrets = secrets_of_a_busy_day(&folder, &server);
    server.stop();
    let files = folder.data();
    assert!(files.keys().any(|path| path.ends_with("bulla.db")));
    assert_hold_none(&files, &secrets);
}

#[test]
fn what_is_stored_in_postgresql_is_no_password_and_no_token() {
    // Whatever a client sends is in the server's log too, with its values.
    let database = PostgresServer::start(&["fsync=off", "log_statement=all"]);
    let folder = Folder::on(&database.database());
    let server = folder.server().start();
    let secrets = secrets_of_a_busy_day(&folder, &server);
    server.stop();
    // What it has in memory is written.
    database.stop();
    let mut files = database.files();
    let stored: String = files.values().map(|bytes| text(bytes)).collect();
    for there in ["ada@example.com", "INSERT INTO sessions"] {
        assert!(stored.contains(there), "{there}");
    }
    files.append(&mut folder.data());
    assert_hold_none(&files, &secrets);
}

fn assert_hold_none(files: &BTreeMap<PathBuf, Vec<u8>>, secrets: &[String]) {
    for (path, bytes) in files {
        let text = text(bytes);
        for secret in secrets {
            assert!(
                !text.contains(secret),
                "{secret:?} is in {}",
                path.display()
            );
        }
    }
}

/// All that is text in it, as it is.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Uses everything once, rightly and wrongly, and names each secret that went over the wire.
fn secrets_of_a_busy_day(folder: &Folder, server: &Server) -> Vec<String> {
    let http = server.public;
    let account = json!({ "email": "ada@example.com", "password": PASSWORD });
    let first = Session::read(
        &http
            .post("/auth/register")
            .json(&account)
            .send()
            .expect(201),
    );
    let second = Session::read(&session::login(http, "ada@example.com", PASSWORD).expect(200));
    let third = second.refreshed(http);
    third.contact(http).expect(200);

    session::login(http, "ada@example.com", "canary-wrong-password").expect(401);
    session::login(http, "canary-wrong-password", "canary-wrong-password");
    let broken = format!("{{\"email\":\"ada@example.com\",\"password\":\"{PASSWORD}\"");
    http.post("/auth/login")
        .header("Content-Type", "application/json")
        .body(broken)
        .send()
        .expect(400);
    let misplaced =
        json!({ "email": "a@b.c", "password": PASSWORD, "pasword": "canary-misplaced" });
    http.post("/auth/register")
        .json(&misplaced)
        .send()
        .expect(422);
    session::refresh(http, "brt_canaryForgedRefreshToken").expect(401);
    session::contact(http, "canary.forged.token").expect(401);
    http.get("/")
        .header("Authorization", "Basic Y2FuYXJ5LWJhc2lj")
        .send();
    folder
        .bulla(&["user", "set", "ada@example.com", "--password-stdin"])
        .env("BULLA_LOG", "trace")
        .stdin(NEW_PASSWORD)
        .succeed();
    third.contact(http).expect(401);

    let known = [
        PASSWORD,
        NEW_PASSWORD,
        "canary-wrong-password",
        "canary-misplaced",
        "canaryForgedRefreshToken",
        "canary.forged.token",
        "Y2FuYXJ5LWJhc2lj",
    ];
    let mut secrets: Vec<String> = known.map(str::to_owned).to_vec();
    for session in [first, second, third] {
        let (_, signature) = session.access_token.rsplit_once('.').unwrap();
        secrets.extend([signature.to_owned(), session.refresh_token]);
    }
    secrets
}
