//! A visitor becomes a user.

use std::thread;

use serde_json::json;

use super::{solved, visit};
use crate::harness::{Answer, Engine, Http, Session, on_every_engine, session};

on_every_engine!(
    the_account_has_the_visitors_identity_and_the_anonymous_tokens_end_before_the_answer,
    of_many_at_once_one_wins
);

fn upgrade(http: Http, token: &str, email: &str) -> Answer {
    let body = json!({"email": email, "password": session::PASSWORD});
    http.post("/auth/upgrade").bearer(token).json(&body).send()
}

fn the_account_has_the_visitors_identity_and_the_anonymous_tokens_end_before_the_answer(
    engine: Engine,
) {
    let folder = engine.folder();
    let server = folder.server().start();
    let public = server.public;
    let first = visit(public);
    let renewal = public
        .post("/auth/anonymous")
        .bearer(&first)
        .json(&solved(public));
    let renewed = renewal.send().expect(200);
    let token = renewed["access_token"].as_str().unwrap();
    for token in [&*first, token] {
        session::contact(public, token).expect(200);
    }
    let user = Session::read(&upgrade(public, token, "ada@example.com").expect(201));
    for token in [&*first, token] {
        session::contact(public, token).expect_problem(401, "token_revoked");
    }
    assert_eq!(renewed["user"]["id"], user.user.as_str());
    let profile = public.get("/api/profile").bearer(&user.access_token);
    assert_eq!(profile.send().expect(200)["id"], user.user.as_str());
    assert_eq!(Session::login(public, "ada@example.com").user, user.user);
    user.refreshed(public);
    upgrade(public, token, "bob@example.com").expect_problem(401, "token_revoked");
    upgrade(public, &user.access_token, "bob@example.com").expect_problem(409, "already_upgraded");
}

fn of_many_at_once_one_wins(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().start();
    let public = server.public;
    let token = visit(public);
    let answers: Vec<Answer> = thread::scope(|scope| {
        let upgrades: Vec<_> = (0..16)
            .map(|number| {
                let token = &token;
                scope.spawn(move || upgrade(public, token, &format!("user{number}@example.com")))
            })
            .collect();
        let answers = upgrades.into_iter().map(|upgrade| upgrade.join().unwrap());
        answers.collect()
    });
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .collect();
    assert_eq!(won.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        match answer.status {
            409 => answer.expect_problem(409, "already_upgraded"),
            _ => answer.expect_problem(401, "token_revoked"),
        };
    }
    Session::read(&won[0].expect(201))
        .contact(public)
        .expect(200);
}
