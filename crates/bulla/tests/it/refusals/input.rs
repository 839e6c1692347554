//! Bad input: each kind has its status and code.

use serde_json::json;

use crate::harness::{Answer, Folder, Http, Session, session};

#[test]
fn each_kind_of_bad_input_has_its_own_refusal() {
    let folder = Folder::new();
    let server = folder.server().start();
    let http = server.public;
    login(http, "{\"email\":").expect_problem(400, "request_malformed");
    login(http, "{\"email\":\"a@example.com\",\"password\":1}")
        .expect_problem(422, "field_invalid");
    let unknown = "{\"email\":\"a@example.com\",\"password\":\"x\",\"admin\":true}";
    login(http, unknown).expect_problem(422, "field_unknown");
    login(http, &format!("\"{}\"", "a".repeat(65 * 1024))).expect_problem(413, "body_too_large");

    let form = http
        .post("/auth/login")
        .header("Content-Type", "text/plain")
        .body("a=b")
        .send();
    form.expect_problem(415, "content_type_unsupported");
    let method = http.delete("/auth/login").send();
    method.expect_problem(405, "method_not_allowed");
    assert!(
        method.header("allow").unwrap().contains("POST"),
        "{:?}",
        method.headers
    );
    http.get("/nowhere").send().expect_problem(404, "not_found");
    http.get("/auth/nowhere")
        .send()
        .expect_problem(404, "not_found");
    http.get("/auth/%2e%2e%2fadmin")
        .send()
        .expect_problem(400, "request_malformed");

    let account = json!({ "email": "ada@example.com", "password": session::PASSWORD });
    http.post("/auth/register")
        .json(&account)
        .send()
        .expect(201);
    login(http, &account.to_string()).expect(200);
}

#[test]
fn two_credentials_are_none() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let request = server
        .public
        .get("/api/profile")
        .bearer(&session.access_token);
    request.send().expect(200);
    let twice = request.bearer(&session.access_token).send();
    assert!(matches!(twice.status, 400 | 401), "{twice:?}");
    let basic = server
        .public
        .get("/api/profile")
        .header("Authorization", "Bearer")
        .send();
    basic.expect_problem(401, "token_malformed");
}

fn login(http: Http, body: &str) -> Answer {
    http.post("/auth/login")
        .header("Content-Type", "application/json")
        .body(body)
        .send()
}
