//! A browser that keeps its access token in a cookie.

use serde_json::json;

use crate::harness::{Answer, Folder, Http, Session};

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
