//! What ends at one has ended at the other: without being asked, and at once for whoever has seen it there.

use serde_json::json;

use crate::{
    flows::refresh::pass,
    harness::{Folder, Http, Issuers, Session, poll, session},
};

/// Waits until a gateway has heard of it.
#[track_caller]
fn revoked(http: Http, session: &Session) {
    poll::until("the news", || {
        let answer = session.contact(http);
        (answer.status != 200).then(|| answer.expect_problem(401, "token_revoked"))
    });
}

fn set(folder: &Folder, email: &str, change: &[&str]) {
    let set = ["user", "set", email];
    folder.bulla(&[&set[..], change].concat()).succeed();
}

#[test]
fn who_logs_out_at_one_is_refused_at_the_other() {
    let issuers = Issuers::new();
    let [here, there] = issuers.start();
    let ada = Session::register(here.public, "ada@example.com");
    let elsewhere = Session::login(there.public, "ada@example.com");
    ada.contact(there.public).expect(200);
    let logout = here.public.post("/auth/logout").bearer(&ada.access_token);
    logout.send().expect(204);
    revoked(there.public, &ada);
    ada.refresh(there.public)
        .expect_problem(401, "session_revoked");
    elsewhere.contact(here.public).expect(200);
    elsewhere.contact(there.public).expect(200);
}

#[test]
fn who_is_told_by_one_that_a_session_has_ended_finds_its_tokens_refused_there() {
    let issuers = Issuers::new();
    let [here, there] = issuers.start();
    for number in 0..20 {
        let ada = Session::register(here.public, &format!("ada{number}@example.com"));
        ada.contact(there.public).expect(200);
        let logout = here.public.post("/auth/logout").bearer(&ada.access_token);
        logout.send().expect(204);
        // No waiting: the answer itself says that it was seen.
        ada.refresh(there.public)
            .expect_problem(401, "session_revoked");
        ada.contact(there.public)
            .expect_problem(401, "token_revoked");
    }
}

#[test]
fn a_stolen_token_that_comes_to_one_ends_the_session_at_the_other() {
    let settle = std::time::Duration::from_millis(20);
    let issuers = Issuers::new().with("BULLA__SESSION__SETTLE", "20ms");
    let [here, there] = issuers.start();
    let bystander = Session::register(there.public, "bob@example.com");
    let stolen = Session::register(here.public, "ada@example.com");
    let mut owner = stolen.clone();
    for server in [&there, &here] {
        let before = owner.clone();
        poll::until("the next generation", || {
            pass(settle);
            owner = owner.refreshed(server.public);
            (owner.refresh_token != before.refresh_token).then_some(())
        });
    }
    stolen
        .refresh(there.public)
        .expect_problem(401, "refresh_reused");
    owner
        .contact(there.public)
        .expect_problem(401, "token_revoked");
    revoked(here.public, &owner);
    for server in [&here, &there] {
        for held in [&owner, &stolen] {
            held.refresh(server.public)
                .expect_problem(401, "session_revoked");
        }
        bystander.contact(server.public).expect(200);
    }
}

#[test]
fn a_role_that_is_taken_away_at_one_does_not_count_at_the_other() {
    let issuers = Issuers::new();
    let [here, there] = issuers.start();
    let admin = |http: Http, session: &Session| {
        let page = http.get("/api/admin").bearer(&session.access_token);
        page.send()
    };
    Session::register(here.public, "ada@example.com");
    set(&issuers.folders[0], "ada@example.com", &["--role", "admin"]);
    let ada = Session::login(there.public, "ada@example.com");
    admin(here.public, &ada).expect(200);
    admin(there.public, &ada).expect(200);
    set(
        &issuers.folders[0],
        "ada@example.com",
        &["--role", "editor"],
    );
    revoked(there.public, &ada);
    let ada = ada.refreshed(there.public);
    for server in [&here, &there] {
        admin(server.public, &ada).expect_problem(403, "role_required");
        ada.contact(server.public).expect(200);
    }
}

#[test]
fn who_is_deleted_or_disabled_at_one_is_unknown_at_the_other() {
    let issuers = Issuers::new();
    let [here, there] = issuers.start();
    let [ada, bob] =
        ["ada@example.com", "bob@example.com"].map(|email| Session::register(there.public, email));
    let folder = &issuers.folders[0];
    folder
        .bulla(&["user", "delete", "ada@example.com"])
        .succeed();
    folder
        .bulla(&["user", "disable", "bob@example.com"])
        .succeed();
    for (gone, email) in [(&ada, "ada@example.com"), (&bob, "bob@example.com")] {
        revoked(there.public, gone);
        assert_eq!(gone.refresh(there.public).status, 401);
        session::login(there.public, email, session::PASSWORD)
            .expect_problem(401, "credentials_invalid");
    }
    Session::register(here.public, "eve@example.com")
        .contact(there.public)
        .expect(200);
}

#[test]
fn a_password_that_is_changed_at_one_is_the_password_at_the_other() {
    let issuers = Issuers::new();
    let [here, there] = issuers.start();
    let ada = Session::register(here.public, "ada@example.com");
    let elsewhere = Session::login(there.public, "ada@example.com");
    let new = "a quite different long phrase";
    let change = json!({ "current_password": session::PASSWORD, "new_password": new });
    let request = here.public.post("/auth/password").json(&change);
    let answer = request.bearer(&ada.access_token).send();
    let now = Session::read(&answer.expect(200));
    session::login(there.public, "ada@example.com", session::PASSWORD)
        .expect_problem(401, "credentials_invalid");
    session::login(there.public, "ada@example.com", new).expect(200);
    // The sign-in has seen the change, so its gateway has heard of it.
    for old in [&ada, &elsewhere] {
        old.contact(there.public)
            .expect_problem(401, "token_revoked");
    }
    now.contact(there.public).expect(200);
    now.refreshed(there.public);
}

#[test]
fn a_key_that_is_revoked_at_one_is_refused_at_the_other() {
    let issuers = Issuers::new();
    let [here, there] = issuers.start();
    let ada = Session::register(here.public, "ada@example.com");
    ada.contact(there.public).expect(200);
    let folder = &issuers.folders[0];
    let inspect = ["token", "inspect", &ada.access_token, "--json"];
    let inspected = folder.bulla(&inspect).json();
    let kid = inspected["header"]["kid"].as_str().unwrap();
    folder.bulla(&["keys", "revoke", kid]).succeed();
    poll::until("the news", || {
        let answer = ada.contact(there.public);
        (answer.status != 200).then(|| assert_eq!(answer.status, 401, "{}", answer.text()))
    });
    // Until the other knows the new one, it hands out no token rather than one that is dead.
    let ada = poll::until("a session by the new key", || {
        let answer = ada.refresh(there.public);
        (answer.status != 503).then(|| Session::read(&answer.expect(200)))
    });
    for server in [&there, &here] {
        ada.contact(server.public).expect(200);
    }
}
