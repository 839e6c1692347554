//! The shortest story: refused without a token, accepted with one.

use serde_json::json;

use crate::harness::{Folder, Session, session};

#[test]
fn without_a_token_it_is_refused_and_told_so() {
    let folder = Folder::new();
    let server = folder.server().start();
    let answer = server
        .public
        .post("/contact")
        .json(&json!({ "message": "hello" }))
        .send();
    answer.expect_problem(401, "token_missing");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    assert!(
        !challenge.contains("error="),
        "no token was refused: {challenge}"
    );
}

#[test]
fn a_registered_user_is_accepted() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    session.contact(server.public).expect(200);
}

#[test]
fn a_user_who_signed_in_by_email_or_user_name_is_accepted() {
    let folder = Folder::new();
    let server = folder.server().start();
    let account = json!({
        "email": "ada@example.com", "username": "ada", "password": session::PASSWORD, "name": "Ada",
    });
    server
        .public
        .post("/auth/register")
        .json(&account)
        .send()
        .expect(201);
    for name in ["email", "username"] {
        let login = json!({ name: account[name], "password": session::PASSWORD });
        let answer = server
            .public
            .post("/auth/login")
            .json(&login)
            .send()
            .expect(200);
        assert_eq!(answer["user"]["name"], "Ada");
        Session::read(&answer).contact(server.public).expect(200);
    }
}

#[test]
fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    let wrong = session::login(server.public, "ada@example.com", "not her password");
    let unknown = session::login(server.public, "nobody@example.com", "not her password");
    wrong.expect_problem(401, "credentials_invalid");
    unknown.expect_problem(401, "credentials_invalid");
    let (mut wrong, mut unknown) = (wrong.json(), unknown.json());
    wrong["request_id"].take();
    unknown["request_id"].take();
    assert_eq!(wrong, unknown);
}

#[test]
fn a_token_with_a_tampered_signature_is_refused() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let (signed, signature) = session.access_token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let tampered = format!("{signed}.{other}{}", &signature[1..]);
    session::contact(server.public, &tampered).expect_problem(401, "token_signature_invalid");
    session.contact(server.public).expect(200);
}

#[test]
fn a_token_with_tampered_claims_is_refused() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let parts: Vec<&str> = session.access_token.split('.').collect();
    let claims = bulla_jose::base64url::decode(parts[1].as_bytes()).unwrap();
    let mut claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["roles"] = json!(["admin"]);
    let claims = bulla_jose::base64url::encode(claims.to_string().as_bytes());
    let tampered = format!("{}.{claims}.{}", parts[0], parts[2]);
    let admin = server.public.get("/api/admin").bearer(&tampered).send();
    admin.expect_problem(401, "token_signature_invalid");
    let refused = admin.header("www-authenticate").unwrap();
    assert!(refused.contains("error=\"invalid_token\""), "{refused}");
}

#[test]
fn nobody_registers_as_an_administrator() {
    let folder = Folder::new();
    let server = folder.server().start();
    let mut account = json!({ "email": "eve@example.com", "password": session::PASSWORD });
    account["role"] = json!("admin");
    let answer = server.public.post("/auth/register").json(&account).send();
    answer.expect_problem(422, "field_unknown");
    Session::register(server.public, "eve@example.com");
}

#[test]
fn the_second_account_with_an_email_address_is_refused() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    let again = json!({ "email": "ADA@example.com", "password": session::PASSWORD });
    let answer = server.public.post("/auth/register").json(&again).send();
    answer.expect_problem(409, "email_taken");
}
