//! A browser that keeps its tokens in cookies.

use std::thread;

use serde_json::json;

use crate::harness::{
    Answer, Folder, Http, Jar, Session,
    http::Request,
    jar::{by_cookie, set_cookies},
};

/// A page of another origin that the configuration lists.
const APP: &str = "https://app.example.com";

fn contact(http: Http, session: &Session, headers: &[(&str, &str)]) -> Answer {
    let cookie = format!("theme=dark; __Host-bulla_access={}", session.access_token);
    let request = http.post("/contact").json(&json!({ "message": "hello" }));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.header("Cookie", &cookie).send()
}

#[test]
fn a_cookie_reads_and_writes_only_if_a_page_of_bullas_own_sent_it() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let cookie = format!("__Host-bulla_access={}", session.access_token);
    let profile = server.public.get("/api/profile");
    let profile = profile.header("Cookie", &cookie).send().expect(200);
    assert_eq!(profile["email"], "ada@example.com");

    let meant = ("X-Bulla-CSRF", "1");
    let own = server.public.url();
    let twin = own.replace("127.0.0.1", "localhost");
    for origin in [&own, &twin] {
        contact(server.public, &session, &[meant, ("Origin", origin)]).expect(200);
    }
    let same = ("Sec-Fetch-Site", "same-origin");
    contact(server.public, &session, &[meant, same]).expect(200);
    for headers in [
        &[][..],
        &[meant],
        &[("Origin", own.as_str())],
        &[meant, ("Origin", "http://evil.example")],
    ] {
        contact(server.public, &session, headers).expect_problem(403, "csrf_refused");
    }
}

#[test]
fn after_a_logout_the_cookie_is_dead() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let own = server.public.url();
    let headers = [("X-Bulla-CSRF", "1"), ("Origin", own.as_str())];
    contact(server.public, &session, &headers).expect(200);
    let logout = server.public.post("/auth/logout");
    logout.bearer(&session.access_token).send().expect(204);
    contact(server.public, &session, &headers).expect_problem(401, "token_revoked");
}

#[test]
fn a_session_begins_goes_on_and_ends_in_cookies() {
    let folder = Folder::new();
    let server = folder.server().start();
    let mut ada = Jar::register(server.public, "ada@example.com");
    let profile = |jar: &Jar| jar.request("GET", "/api/profile").send();
    assert_eq!(profile(&ada).expect(200)["email"], "ada@example.com");
    let refreshed = ada.refresh();
    let body = refreshed.expect(200);
    assert!(!refreshed.text().contains("brt_"), "{body}");
    ada.keep(&refreshed);
    profile(&ada).expect(200);

    let before = ada.clone();
    let logout = ada.meant("POST", "/auth/logout").send();
    logout.expect(204);
    ada.keep(&logout);
    assert_eq!(ada.names(), [""; 0]);
    profile(&ada).expect_problem(401, "token_missing");
    profile(&before).expect_problem(401, "token_revoked");
    before.refresh().expect_problem(401, "session_revoked");
}

#[test]
fn two_tabs_at_once_and_a_lost_reply_log_nobody_out() {
    let folder = Folder::new();
    let server = folder.server().settle("0s").start();
    let mut ada = Jar::register(server.public, "ada@example.com");
    // With nothing to settle, of many at once the first rotates and the others are the lost reply's.
    let tabs = thread::scope(|scope| {
        let tabs: Vec<_> = (0..2).map(|_| scope.spawn(|| ada.refresh())).collect();
        let answers = tabs.into_iter().map(|tab| tab.join().unwrap());
        answers.collect::<Vec<_>>()
    });
    // Neither reply arrived: a token of theirs that was seen would have settled it.
    let again = ada.refresh();
    let before = ada.clone();
    for answer in tabs.iter().chain([&again]) {
        answer.expect(200);
        ada = before.clone();
        ada.keep(answer);
        ada.request("GET", "/api/profile").send().expect(200);
    }
}

#[test]
fn a_header_wins_over_the_cookie_and_needs_no_proof() {
    let folder = Folder::new();
    let server = folder.server().start();
    let ada = Jar::register(server.public, "ada@example.com");
    let bob = Session::register(server.public, "bob@example.com");
    let me = ada
        .request("GET", "/auth/me")
        .bearer(&bob.access_token)
        .send();
    assert_eq!(me.expect(200)["email"], "bob@example.com");
    let logout = ada
        .request("POST", "/auth/logout")
        .bearer(&bob.access_token)
        .send();
    logout.expect(204);
    assert_eq!(set_cookies(&logout), [""; 0]);
    ada.request("GET", "/auth/me").send().expect(200);
}

#[test]
fn a_visitor_keeps_its_token_in_a_cookie_and_becomes_a_user() {
    let folder = Folder::new();
    let server = folder.server().start();
    let mut visitor = Jar::new(server.public);
    let challenge = server.public.get("/auth/challenge?level=0").send();
    let challenge = challenge.expect(200)["challenge"].clone();
    let redeem = json!({ "challenge": challenge, "nonces": [], "mode": "cookie" });
    let redeemed = visitor
        .meant("POST", "/auth/anonymous")
        .json(&redeem)
        .send();
    let id = redeemed.expect(200)["user"]["id"].clone();
    visitor.keep(&redeemed);
    let contact = visitor.meant("POST", "/contact");
    let contact = contact.json(&json!({ "message": "hello" }));
    contact.send().expect(200);

    let upgrade = by_cookie("ada@example.com");
    let upgraded = visitor.meant("POST", "/auth/upgrade").json(&upgrade).send();
    assert_eq!(upgraded.expect(201)["user"]["id"], id);
    contact.send().expect_problem(401, "token_revoked");
    visitor.keep(&upgraded);
    let profile = visitor.request("GET", "/api/profile").send();
    assert_eq!(profile.expect(200)["id"], id);
}

#[test]
fn a_listed_origin_asks_first_and_may_then_do_what_a_page_of_bullas_own_may() {
    let folder = Folder::new();
    let server = folder.server().env("BULLA__CORS", APP).start();
    let from = |request: Request, origin: &str| {
        request.header("Origin", origin).header("X-Bulla-CSRF", "1")
    };
    let preflight = |origin: &str| {
        let asked = server.public.request("OPTIONS", "/auth/login");
        from(asked, origin)
            .header("Access-Control-Request-Method", "POST")
            .header(
                "Access-Control-Request-Headers",
                "content-type,x-bulla-csrf",
            )
            .send()
    };
    let varies = |answer: &Answer| {
        let vary = ("vary".to_owned(), "Origin".to_owned());
        answer.headers.contains(&vary)
    };
    let allowed = preflight(APP);
    allowed.expect(204);
    let login = Jar::register(server.public, "ada@example.com").request("POST", "/auth/login");
    let login = login.json(&by_cookie("ada@example.com"));
    let answer = from(login.clone(), APP).send();
    answer.expect(200);
    assert_eq!(set_cookies(&answer).len(), 2);
    for answer in [&allowed, &answer] {
        let header = |name| answer.header(name);
        assert_eq!(header("access-control-allow-origin"), Some(APP));
        assert_eq!(header("access-control-allow-credentials"), Some("true"));
        assert!(varies(answer), "{:?}", answer.headers);
    }
    for (answer, code) in [
        (preflight("https://evil.example"), "csrf_refused"),
        (from(login, "https://evil.example").send(), "csrf_refused"),
    ] {
        answer.expect_problem(403, code);
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert!(varies(&answer), "{:?}", answer.headers);
    }
}

#[test]
fn on_plain_loopback_browsers_that_want_https_for_secure_get_cookies_without_it() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__COOKIES__PLAIN_LOOPBACK", "true");
    let server = server.start();
    let mut ada = Jar::register(server.public, "ada@example.com");
    assert_eq!(ada.names(), ["bulla_access", "bulla_refresh"]);
    let refreshed = ada.refresh();
    refreshed.expect(200);
    for line in set_cookies(&refreshed) {
        assert!(
            line.contains("; HttpOnly") && !line.contains("Secure"),
            "{line}"
        );
    }
    ada.keep(&refreshed);
    ada.request("GET", "/api/profile").send().expect(200);
    ada.request("POST", "/auth/logout")
        .send()
        .expect_problem(403, "csrf_refused");
    let logout = ada.meant("POST", "/auth/logout").send();
    ada.keep(&logout);
    assert_eq!(ada.names(), [""; 0]);
}
